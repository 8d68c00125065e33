"""Signals as a resource: what a list can show, sort and ask for."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from api.accounts.models import Account
from api.kit.resources import Expansion, Resource
from api.signals.evaluation import SIGNAL
from api.signals.models import Signal, SignalOfRoadmap

_signal: sa.Table = Signal.__table__  # type: ignore[attr-defined]
_attached: sa.Table = SignalOfRoadmap.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_named = _account.alias("account")


def _of_signal(account: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.and_(account.c.workspace_id == _signal.c.workspace_id, account.c.id == _signal.c.account_id)


_roadmap_id = (
    sa.select(_attached.c.roadmap_id)
    .where(_attached.c.workspace_id == _signal.c.workspace_id, _attached.c.signal_id == _signal.c.id)
    .correlate(_signal)
    .scalar_subquery()
)

SIGNALS: Final = Resource(
    SIGNAL,
    Signal,
    joins=[(_account, _of_signal(_account))],
    values={"owner_id": _account.c.owner_id, "roadmap_id": _roadmap_id},
    sorts={"first_seen_at": _signal.c.first_seen_at, "last_seen_at": _signal.c.last_seen_at},
    default_sort="-first_seen_at",
    filters={
        "roadmap_id": lambda ids: _signal.c.id.in_(
            sa.select(_attached.c.signal_id)
            .where(
                _attached.c.workspace_id == _signal.c.workspace_id,
                _attached.c.roadmap_id == sa.any_(sa.cast(ids, ARRAY(sa.Uuid()))),
            )
            .correlate(_signal)
        )
    },
    expands={"account": Expansion(_named, _of_signal(_named))},
)
