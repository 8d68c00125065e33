"""Terms: the stretches of a contract, and what the customer decided at the end of each."""

import calendar
import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.contracts.models import Contract, ContractTerm, Decision, RenewalDecision
from api.contracts.resource import TERMS
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.tables import new_id

NO_TERM: Final = problem_type(
    "contract_has_no_term",
    409,
    en=("Nothing to renew", "The contract rolls on without terms; amend it instead."),
    ja=("更新する契約期間がありません", "期間の定めのない契約です。変更（amend）を使ってください。"),
)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_between(start: dt.date, end: dt.date) -> int:
    """Whole months from one day to another, at least one."""
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return max(1, months)


def term_end(contract: Contract, term: ContractTerm, begins: dt.date) -> dt.date:
    """Where the next term ends: after the agreed months, or as many as the last one had."""
    return months_later(begins, contract.renewal_months or months_between(term.starts_on, term.ends_before))


def add_term(tx: Tx, contract: Contract, starts_on: dt.date, ends_before: dt.date) -> None:
    """Begin a term, undecided; it is announced with its contract."""
    tx.session.add(
        ContractTerm(
            workspace_id=contract.workspace_id,
            contract_id=contract.id,
            account_id=contract.account_id,
            starts_on=starts_on,
            ends_before=ends_before,
            notice_deadline=ends_before - dt.timedelta(days=contract.notice_days),
        )
    )


async def latest_term(tx: Tx, contract: Contract) -> ContractTerm:
    """The last term of a contract; ``contract_has_no_term`` when it rolls on."""
    term = await latest_term_if_any(tx, contract.id)
    if term is None:
        raise NO_TERM()
    return term


async def latest_term_if_any(tx: Tx, contract_id: UUID) -> ContractTerm | None:
    """The last term of a contract, if it has terms."""
    found: ContractTerm | None = await tx.session.scalar(
        _terms(tx, contract_id).order_by(col(ContractTerm.starts_on).desc()).limit(1)
    )
    return found


async def pending_terms(tx: Tx, contract_id: UUID) -> list[ContractTerm]:
    """The undecided terms of a contract, in order."""
    pending = col(ContractTerm.decision) == Decision.pending.value
    found = await tx.session.scalars(_terms(tx, contract_id).where(pending).order_by(col(ContractTerm.starts_on)))
    return list(found)


def _terms(tx: Tx, contract_id: UUID) -> sa.Select[ContractTerm]:
    return sa.select(ContractTerm).where(
        col(ContractTerm.workspace_id) == tx.workspace_id, col(ContractTerm.contract_id) == contract_id
    )


async def decide(
    tx: Tx,
    term: ContractTerm,
    decision: Decision,
    on: dt.date,
    reasons: Sequence[str] = (),
    *,
    automatic: bool = False,
) -> None:
    """Note what the customer decided; earlier decisions stay in the history."""
    values: dict[str, Any] = {
        "decision": decision.value,
        "decided_on": None if decision is Decision.pending else on,
        "automatic": automatic,
        "reasons": list(reasons),
    }
    await write.change(
        tx, TERMS, term, values, action="decided",
        announce={"decision": decision.value, "account_id": str(term.account_id), "contract_id": str(term.contract_id)},
    )  # fmt: skip
    tx.session.add(
        RenewalDecision(
            workspace_id=term.workspace_id, id=new_id(), term_id=term.id, account_id=term.account_id,
            decision=decision.value, decided_on=on, automatic=automatic, reasons=list(reasons),
        )
    )  # fmt: skip
