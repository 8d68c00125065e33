"""Sums of one workspace hold nothing of another's."""

import httpx
import pytest

from api.auth.permissions import SCOPES
from tests.analytics.conftest import Figures
from tests.support.workspaces import WorkspaceForTest

YEAR = {"from": "2025-04-01", "to": "2026-03-31"}
QUESTIONS = {"retention": YEAR, "movements": YEAR, "cohorts": {"as_of": "2026-03-31"}, "renewal-rates": YEAR,
             "unit-economics": YEAR}  # fmt: skip


@pytest.mark.parametrize("what", QUESTIONS)
async def test_a_strangers_revenue_is_in_no_figure(
    figures: Figures, other_workspace: WorkspaceForTest, what: str
) -> None:
    scopes = SCOPES.keys() - {"profile:read", "profile:write"}
    theirs = Figures(other_workspace, await other_workspace.key_client(scopes))
    product = await theirs.product()
    account, _ = await theirs.paying(777, "2025-05-01", product, ends_before="2026-01-01")
    cost = {"starts_on": "2025-05-01", "ends_before": "2025-06-01", "customers_won": 777}
    await theirs.post("/v1/acquisition-costs", {**cost, "amount": {"amount": 777, "currency": "JPY"}}, 201)
    await theirs.roll_up()
    await figures.roll_up()

    async def answered(client: httpx.AsyncClient, **query: str) -> str:
        answer = await client.get(f"/v1/analytics/{what}", params={**QUESTIONS[what], **query})
        assert answer.status_code == 200, answer.text
        return answer.text

    assert "777" in await answered(theirs.client)
    ids = [{}, {"product_id": str(product)}, {"parent_id": str(account)}, {"known_at": "2099-01-01T00:00:00Z"}]
    for query in ids:
        assert "777" not in await answered(figures.client, **query)
