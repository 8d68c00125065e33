"""Every hostile value and body against every operation; `make test` takes some of them in turn."""

import pytest

from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.operations import SECURED, Operation, each
from tests.whole_api.test_input import ALWAYS, IN_TURN, NO_OBJECTS, hostile_input_is_refused


@pytest.mark.soak
@each(SECURED)
async def test_all_hostile_input_is_refused(shared_workspace: WorkspaceForTest, operation: Operation) -> None:
    await hostile_input_is_refused(shared_workspace, operation, [*ALWAYS.values(), *IN_TURN.values()], NO_OBJECTS)
