"""The kinds of signals: the registry. Another kind is one more entry.

A kind's select reads ``population p`` (``account_id``, ``severity``, one column for each of the kind's parameters,
``place`` of the thresholds that hold, ``employee_count``, ``created_at``) and gives ``account_id``, ``subject``,
``severity`` and ``evidence``, one row for each cause that is there now; evidence is numbers, days and ids, never a name. It
may name ``%(ws)s``, ``%(today)s``, ``%(now)s``, ``%(monday)s`` (the present week's), ``%(zone)s`` and ``%(size_bands)s``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from api.kit.schemas import Input
from api.signals import parameters, people, standing, usage
from api.signals.models import SignalSeverity

NEWS: Final = "news"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of signal. With ``churned`` also customers that have left are looked at."""

    en: str
    ja: str
    severity: SignalSeverity
    parameters: type[Input]
    select: str
    churned: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    "contact_changed": Kind(
        "Primary contact changed",
        "担当者の交代",
        SignalSeverity.warning,
        parameters.ContactChanged,
        people.CONTACT_CHANGED,
    ),
    "single_threaded": Kind(
        "Single-threaded account",
        "窓口が一人だけ",
        SignalSeverity.info,
        parameters.SingleThreaded,
        people.SINGLE_THREADED,
    ),
    "detractor": Kind("Detractor (NPS)", "NPS 批判者", SignalSeverity.warning, parameters.Detractor, people.DETRACTOR),
    "silent_account": Kind(
        "No interaction for long",
        "長期間の接触なし",
        SignalSeverity.info,
        parameters.SilentAccount,
        people.SILENT_ACCOUNT,
    ),
    "usage_drop": Kind("Usage drop", "利用の減少", SignalSeverity.warning, parameters.UsageDrop, usage.DROP),
    "silent_trouble": Kind(
        "Silent trouble: errors without tickets",
        "沈黙のトラブル（エラーがあるのに問い合わせがない）",
        SignalSeverity.warning,
        parameters.SilentTrouble,
        usage.SILENT_TROUBLE,
    ),
    "escalated_tickets": Kind(
        "Escalated tickets",
        "エスカレーション中のチケット",
        SignalSeverity.warning,
        parameters.EscalatedTickets,
        standing.ESCALATED_TICKETS,
    ),
    "band_dropped": Kind(
        "Health band dropped", "ヘルス帯の低下", SignalSeverity.warning, parameters.BandDropped, standing.BAND_DROPPED
    ),
    "red_health": Kind(
        "Health in the worst band",
        "ヘルスが最低の帯",
        SignalSeverity.critical,
        parameters.RedHealth,
        standing.RED_HEALTH,
    ),
    "notice_received": Kind(
        "Notice received", "解約通知の受領", SignalSeverity.critical, parameters.Nothing, standing.NOTICE_RECEIVED
    ),
    "overdue_renewal": Kind(
        "Overdue renewal", "更新の遅延", SignalSeverity.warning, parameters.OverdueRenewal, standing.OVERDUE_RENEWAL
    ),
    "gap_blocking_renewal": Kind(
        "Product gap blocking a renewal",
        "更新を妨げる製品ギャップ",
        SignalSeverity.warning,
        parameters.GapBlockingRenewal,
        standing.GAP_BLOCKING_RENEWAL,
    ),
    "stale_roadmap": Kind(
        "Roadmap not reviewed in time",
        "ロードマップのレビュー遅れ",
        SignalSeverity.warning,
        parameters.StaleRoadmap,
        standing.STALE_ROADMAP,
    ),
    NEWS: Kind(
        "News of the customer",
        "顧客に関するニュース",
        SignalSeverity.info,
        parameters.News,
        standing.NEWS,
        churned=True,
    ),
}

if TYPE_CHECKING:
    SignalKind = StrEnum  # its members are the names above, which mypy cannot follow
else:
    SignalKind = StrEnum("SignalKind", {name: name for name in KINDS})
    SignalKind.__doc__ = "The kinds of signals."
