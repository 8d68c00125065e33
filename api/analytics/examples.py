"""Examples of analytics, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples


def _money(amount: int, currency: str) -> JsonDict:
    return {"amount": amount, "currency": currency}


def _about(basis: list[str], currency: str) -> JsonDict:
    return {
        "basis": [*basis],
        "as_of": "2026-03-31",
        "known_at": None,
        "definition_version": 1,
        "currency": currency,
        "backfilled_share": 0.0,
        "source": "rollup",
    }


def _moves(currency: str, *amounts: int) -> JsonDict:
    names = ("new", "reactivation", "expansion", "contraction", "churn")
    return {name: _money(amount, currency) for name, amount in zip(names, amounts, strict=True)}


def _retention(currency: str) -> JsonDict:
    return {
        "opening": _money(1000000, currency),
        "closing": _money(1150000, currency),
        "cohort_closing": _money(1100000, currency),
        "kept": _money(950000, currency),
        "net_new_mrr_existing": _money(100000, currency),
        "movements": _moves(currency, 50000, 0, 150000, 25000, 25000),
        "units": {"opening": 40, "closing": 41, "lost": 1, "gained": 2},
        "nrr": 1.1,
        "grr": 0.95,
        "logo_churn": 0.025,
        "gross_revenue_churn": 0.05,
        "net_revenue_churn": -0.1,
        "net_negative_churn": True,
        "quick_ratio": 4.0,
        "annualised": {"logo_churn": 0.025, "gross_revenue_churn": 0.05, "net_revenue_churn": -0.1},
    }


def _retained(currency: str, industry: str) -> JsonDict:
    return {
        **_about(["revenue", "logo"], currency),
        "from": "2025-04-01",
        "to": "2026-03-31",
        "total": _retention(currency),
        "parts": [{"key": industry, "label": None, **_retention(currency)}],
    }


RETENTION_READ: Final[Examples] = [_retained("JPY", "物流"), _retained("USD", "Logistics")]
MOVEMENTS_READ: Final[Examples] = [
    {
        **_about(["revenue"], "JPY"),
        "months": [
            {
                "month": "2026-03-01",
                "from": "2026-03-01",
                "to": "2026-03-31",
                "opening": _money(154000, "JPY"),
                "movements": _moves("JPY", 25000, 0, 10000, 4000, 8000),
                "closing": _money(177000, "JPY"),
                "fx_revaluation": _money(-11000, "JPY"),
                "rate_day": "2026-02-28",
                "quick_ratio": 2.9166666666666665,
            }
        ],
    }
]
COHORTS_READ: Final[Examples] = [
    {
        **_about(["logo", "revenue"], "JPY"),
        "cohorts": [
            {
                "cohort": "2026-03-01",
                "accounts": 12,
                "months": [
                    {
                        "month": "2026-03-01",
                        "months_since": 0,
                        "accounts": 12,
                        "mrr": _money(600000, "JPY"),
                        "logo_retention": 1.0,
                        "revenue_retention": 1.0,
                    }
                ],
            }
        ],
    }
]
_COST: Final[JsonDict] = {
    "starts_on": "2026-04-01",
    "ends_before": "2026-05-01",
    "segment_id": None,
    "amount": _money(6000000, "JPY"),
    "customers_won": 10,
}
ACQUISITION_COST_READ: Final[Examples] = [
    {**RECORD_EXAMPLE, **_COST, "note": "展示会と広告"},
    {**RECORD_EXAMPLE, **_COST, "note": "Trade fair and ads"},
]
ACQUISITION_COST_CREATE: Final[Examples] = [{**_COST, "note": "展示会と広告"}, {**_COST, "note": "Trade fair and ads"}]
ACQUISITION_COST_UPDATE: Final[Examples] = [{"customers_won": 12}, {"note": "広告のみ"}]
RENEWAL_RATES_READ: Final[Examples] = [
    {
        **_about(["revenue", "logo"], "JPY"),
        "source": "ledger",
        "from": "2025-04-01",
        "to": "2026-03-31",
        "total": {
            "terms": 40,
            "renewed_terms": 33,
            "pending_terms": 3,
            "due": _money(4000000, "JPY"),
            "pending_due": _money(300000, "JPY"),
            "renewed": _money(3700000, "JPY"),
            "gross_renewal_rate": 0.85,
            "net_renewal_rate": 0.925,
            "renewal_rate_by_count": 0.825,
        },
    }
]
UNIT_ECONOMICS_READ: Final[Examples] = [
    {
        **_about(["revenue", "logo"], "JPY"),
        "from": "2025-04-01",
        "to": "2026-03-31",
        "margin_applied": False,
        "gross_margin_pct": None,
        "accounts": 40,
        "arpa": 28750.0,
        "monthly_churn": 0.0021,
        "ltv": 13690476.2,
        "acquisition_cost": _money(6000000, "JPY"),
        "customers_won": 60,
        "cac": 100000.0,
        "ltv_to_cac": 136.9,
        "payback_months": 3.48,
    }
]
HISTORY_READ: Final[Examples] = [
    {
        "account_id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
        "currency": "JPY",
        "from": "2026-02-01",
        "to": "2026-03-31",
        "grain": "month",
        "points": [
            {"day": "2026-02-28", "mrr": 120000, "arr": 1440000, "seats": 20, "health": 61.0},
            {"day": "2026-03-31", "mrr": 132000, "arr": 1584000, "seats": 22, "health": 42.4},
        ],
    }
]
PORTFOLIO_PAGE: Final[Examples] = [
    {
        "data": [
            {
                "id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
                "external_id": "crm-1042",
                "name": "株式会社さくら物流",
                "phase": "adoption",
                "owner_id": None,
                "industry": "物流",
                "country": "JP",
                "touch_model": "high",
                "mrr": _money(132000, "JPY"),
                "arr": _money(1584000, "JPY"),
                "seats": 22,
                "renewal_on": "2027-04-01",
                "notice_deadline": "2027-03-02",
                "health_score": 72.5,
                "health_band": "green",
                "usage_status": "healthy",
                "importance": 64.0,
                "tags": ["重点"],
                "mrr_weeks": [*[120000] * 9, *[132000] * 3],
                "mrr_change_4w": 12000,
                "health_weeks": [None, None, 55.0, 57.5, 57.5, 60.0, 62.0, 61.0, 61.0, 58.5, 42.4, 42.4],
                "health_change_4w": -19.6,
            }
        ],
        "page": {"next_cursor": None, "has_more": False},
        "sums": [{"accounts": 1, "mrr": _money(132000, "JPY"), "arr": _money(1584000, "JPY")}],
    }
]
TOUCH_READ: Final[Examples] = [
    {
        "basis": ["logo"],
        "as_of": "2026-09-30",
        "known_at": None,
        "definition_version": 1,
        "backfilled_share": 0.0,
        "from": "2026-07-01",
        "to": "2026-09-30",
        "total": {
            "meetings": {
                "meetings": 84,
                "recorded": 63,
                "recorded_share": 0.75,
                "shared": 58,
                "shared_share": 0.6904761904761905,
                "effort_minutes": 9240,
            },
            "quarters": [
                {"quarter": "2026-07-01", "to": "2026-09-30", "active_accounts": 40, "with_qbr": 26, "coverage": 0.65}
            ],
            "executive_touch": {
                "active_accounts": 40,
                "touched": 37,
                "never": 3,
                "median_days": 41.0,
                "within_90_days": 31,
                "within_90_days_share": 0.775,
            },
        },
        "parts": [],
    }
]
