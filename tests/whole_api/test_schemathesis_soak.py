"""Generated requests by the thousand. In a module of its own: collecting it makes them, which takes half a minute."""

from typing import Any

import pytest

from tests.whole_api.test_schemathesis import Api, answered_as_promised, api, budget, loaded

assert api
thorough = loaded(thorough=True)


@pytest.mark.soak
@thorough.parametrize()  # type: ignore[untyped-decorator]
@budget(200)
def test_many_generated_requests(api: Api, case: Any) -> None:
    answered_as_promised(api, case)
