"""What RavenStack's files of usage, tickets and churns say, as rows of imports.

- Usage is summed over an account's subscriptions by day, into four metrics: ``feature_uses`` (``usage_count``),
  ``feature_seconds`` (``usage_duration_secs``), ``errors`` (``error_count``) and ``features`` (different features). A row
  whose ``usage_id`` came before counts as well: other subscriptions share ids by chance. A row whose subscription is not
  there is left out.
- A ticket is opened at ``submitted_at`` (midnight, UTC); ``medium`` is ``normal``; satisfaction is on a scale of 1 to 5.
- A churn event is a churn report: it never touches the ledger, which follows the subscriptions.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

Row = Mapping[str, str]

METRICS: Final[tuple[dict[str, str], ...]] = (
    {"key": "feature_uses", "name": "Feature uses", "aggregation": "sum", "direction": "higher_is_better"},
    {
        "key": "feature_seconds",
        "name": "Time in features",
        "unit": "seconds",
        "aggregation": "sum",
        "direction": "higher_is_better",
    },
    {"key": "errors", "name": "Errors", "aggregation": "sum", "direction": "lower_is_better"},
    {"key": "features", "name": "Different features", "aggregation": "max", "direction": "higher_is_better"},
)
_SEVERITIES: Final = {"medium": "normal"}


def measurements(usage: Iterable[Row], account_of: Mapping[str, str]) -> list[dict[str, str]]:
    """The days of each account, in order; ``account_of`` names the account of a subscription."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    features: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in usage:
        account = account_of.get(row["subscription_id"])
        if account is None:
            continue
        key = account, row["usage_date"]
        for place, column in enumerate(("usage_count", "usage_duration_secs", "error_count")):
            sums[key][place] += int(row[column])
        features[key].add(row["feature_name"])
    return [
        {"account_external_id": account, "metric": metric["key"], "day": day, "value": str(value)}
        for (account, day), counts in sorted(sums.items())
        for metric, value in zip(METRICS, [*counts, len(features[account, day])], strict=True)
    ]


def ticket(row: Row) -> dict[str, str]:
    """A ticket as a row of the import of tickets."""
    opened = dt.datetime.fromisoformat(row["submitted_at"]).replace(tzinfo=dt.UTC)
    closed = row["closed_at"] and dt.datetime.fromisoformat(row["closed_at"]).replace(tzinfo=dt.UTC).isoformat()
    minutes = row["first_response_time_minutes"]
    answered = minutes and (opened + dt.timedelta(minutes=float(minutes))).isoformat()
    score = row["satisfaction_score"]
    return {
        "external_id": row["ticket_id"],
        "account_external_id": row["account_id"],
        "opened_at": opened.isoformat(),
        "first_answered_at": answered,
        "closed_at": closed,
        "severity": _SEVERITIES.get(row["priority"], row["priority"]),
        "escalated": row["escalation_flag"],
        "satisfaction_score": score,
        "satisfaction_min": "1" if score else "",
        "satisfaction_max": "5" if score else "",
    }


def churn_report(row: Row) -> dict[str, str]:
    """A churn event as a row of the import of churn reports."""
    return {
        "external_id": row["churn_event_id"],
        "account_external_id": row["account_id"],
        "occurred_on": row["churn_date"],
        "reason_code": row["reason_code"],
        "comment": row["feedback_text"],
        "reactivation": row["is_reactivation"],
    }
