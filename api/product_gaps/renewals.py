"""The renewal board with the gaps that block a renewal: what contracts, which know nothing of gaps, cannot say."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import sqlalchemy as sa
from pydantic import MISSING, ConfigDict, Field

from api.contracts.models import ContractTerm
from api.contracts.renewal_schemas import RenewalQuery, RenewalRead
from api.contracts.resource import TERMS
from api.kit.db import Tx
from api.kit.problems import FORBIDDEN
from api.kit.resources import Condition, Expansion
from api.kit.schemas import Page, or_none
from api.product_gaps.models import NOT_OVER, GapReport, ProductGap
from api.product_gaps.report_schemas import GapSummary

_term: sa.Table = ContractTerm.__table__  # type: ignore[attr-defined]
_gap: Final[sa.Table] = ProductGap.__table__.alias("blocking")  # type: ignore[attr-defined]
_report: Final[sa.Table] = GapReport.__table__.alias("blocked")  # type: ignore[attr-defined]

# From the account's few reports to their gaps, never through all gaps.
_blocks: Final[Condition] = sa.and_(
    _gap.c.workspace_id == _term.c.workspace_id,
    _gap.c.archived_at.is_(None),
    _gap.c.status.in_([sa.literal_column(f"'{status.value}'", sa.Text()) for status in NOT_OVER]),
    _gap.c.id.in_(
        sa.select(_report.c.gap_id)
        .where(
            _report.c.workspace_id == _term.c.workspace_id, _report.c.account_id == _term.c.account_id,
            _report.c.blocks_renewal, _report.c.archived_at.is_(None),
        )
        .correlate(_term)
    ),
)  # fmt: skip


class RenewalBoardRead(RenewalRead):
    """A term of a contract, at whose end the customer decides."""

    model_config = ConfigDict(**RenewalRead.model_config)

    blocking_gaps: list[GapSummary] | MISSING = Field(
        default=MISSING, description="What the product lacks, and without which the customer will not renew."
    )


class RenewalBoardQuery(RenewalQuery):
    """The terms to show; those that are still undecided, unless another decision is asked for."""

    blocked: bool | MISSING = Field(default=MISSING, description="Whether a gap of the product blocks the renewal.")


class RenewalBoardPage(Page[RenewalBoardRead]):
    """One page of the renewal board."""


RENEWALS: Final = replace(
    TERMS,
    expands={
        **TERMS.expands,
        "blocking_gaps": Expansion(_gap, _blocks, many=True, order_by=sa.tuple_(_gap.c.rank_sort, _gap.c.id)),
    },
    filters={
        **TERMS.filters,
        "blocked": lambda wanted: sa.exists().where(_blocks).correlate(_term) == sa.cast(wanted, sa.Boolean),
    },
)


async def allowed(tx: Tx, query: Any) -> Any:  # noqa: ANN401
    """The query of a board or a term; refused where it asks for gaps that the credential may not read."""
    names: Sequence[str] = or_none(query.expand) or ()
    asks = (
        any(name.strip() == "blocking_gaps" for name in names) or or_none(getattr(query, "blocked", None)) is not None
    )
    if asks and not tx.actor.may("product_gaps:read"):
        raise FORBIDDEN(scope="product_gaps:read")
    return query
