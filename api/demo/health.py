"""The health models of the demo, and the words around them, by country."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_Words = Mapping[str, str]

_JP: Final[_Words] = {
    "main": "標準ヘルス", "main_about": "活用と更新のフェーズにある顧客の健全度。成熟度は 5 段階。",
    "first": "オンボーディング", "first_about": "導入中の顧客が順調に立ち上がっているか。",
    "utilisation": "ライセンス利用率", "trend": "利用の増減", "depth": "使われている機能の幅", "nps": "NPS",
    "tickets": "問い合わせ件数", "contact": "最終接触からの日数", "pulse": "CSM の肌感", "notice": "解約通知期限までの日数",
    "red": "要対応", "yellow": "注意", "green": "健全",
    "2": "導入済み", "3": "定着", "4": "展開", "5": "成果創出",
}  # fmt: skip
_US: Final[_Words] = {
    "main": "Customer health", "main_about": "How customers in adoption and renewal do, with five levels of maturity.",
    "first": "Onboarding", "first_about": "Whether new customers get going.",
    "utilisation": "Licences in use", "trend": "Usage against the month before", "depth": "Breadth of usage", "nps": "NPS",
    "tickets": "Tickets opened", "contact": "Days since we spoke", "pulse": "What the CSM feels",
    "notice": "Days until notice can be given", "red": "Act now", "yellow": "Watch", "green": "Healthy",
    "2": "Set up", "3": "Settled", "4": "Spreading", "5": "Getting results",
}  # fmt: skip


def _component(
    words: _Words,
    key: str,
    source: str,
    window_days: int,
    weight: float,
    *breakpoints: tuple[float, float],
    **more: str,
) -> dict[str, Any]:
    points = [{"raw": raw, "points": worth} for raw, worth in breakpoints]
    return {
        "key": key, "name": words[key], "source": source, "window_days": window_days, "breakpoints": points,
        "weight": weight, **more,
    }  # fmt: skip


def _bands(words: _Words) -> list[dict[str, Any]]:
    return [
        {"key": key, "name": words[key], "min": least} for key, least in (("red", 0), ("yellow", 42), ("green", 68))
    ]


def _main(words: _Words) -> dict[str, Any]:
    def least(component: str, raw: float) -> dict[str, Any]:
        return {"component": component, "min": raw}

    components = [
        _component(words, "utilisation", "utilisation", 28, 35, (20, 0), (60, 50), (95, 100), missing="worst"),
        _component(words, "trend", "usage_trend", 28, 20, (50, 0), (95, 65), (115, 100), of="active_users"),
        _component(words, "nps", "nps", 196, 10, (3, 0), (7, 50), (9, 100)),
        _component(words, "tickets", "opened_tickets", 84, 5, (0, 100), (3, 30), (6, 0)),
        _component(words, "contact", "days_since_interaction", 182, 10, (14, 100), (90, 0), missing="worst"),
        _component(words, "pulse", "csm_pulse", 112, 15, (1, 0), (3, 45), (5, 100)),
        _component(words, "notice", "days_to_notice_deadline", 1, 5, (-30, 40), (90, 100)),
        _component(words, "depth", "usage_depth", 28, 0, (0, 0), (4, 100)),
    ]
    levels = [
        (2, least("utilisation", 15)),
        (3, least("utilisation", 35), least("depth", 3)),
        (4, least("utilisation", 70), least("depth", 4)),
        (5, least("utilisation", 90), least("pulse", 4)),
    ]
    told = [{"level": level, "name": words[str(level)], "criteria": criteria} for level, *criteria in levels]
    matrix = [[3, 6, 10, 14, 16], [3, 8, 13, 17, 19], [4, 8, 14, 19, 22], [5, 9, 15, 20, 24], [5, 10, 16, 21, 25]]
    return {
        "name": words["main"], "description": words["main_about"], "phases": ["adoption", "renewal"],
        "definition": {
            "components": components, "bands": _bands(words), "maturity": {"levels": told, "matrix": matrix}
        },
    }  # fmt: skip


def _first(words: _Words) -> dict[str, Any]:
    components = [
        _component(words, "utilisation", "utilisation", 14, 45, (0, 0), (15, 50), (50, 100), missing="worst"),
        _component(words, "contact", "days_since_interaction", 91, 25, (14, 100), (60, 0), missing="neutral"),
        _component(words, "pulse", "csm_pulse", 91, 20, (1, 0), (5, 100)),
        _component(words, "tickets", "opened_tickets", 28, 10, (0, 100), (4, 20)),
    ]
    return {
        "name": words["first"], "description": words["first_about"], "phases": ["onboarding"], "priority": 50,
        "definition": {"components": components, "bands": _bands(words)},
    }  # fmt: skip


MODELS: Final[Mapping[str, Sequence[dict[str, Any]]]] = {
    country: (_main(words), _first(words)) for country, words in (("JP", _JP), ("US", _US))
}
"""The main one first, in the API's shape."""
OVERRIDE: Final = {
    "JP": "運用開始時点では解約の実績がなく検証できないため。実績がたまり次第バックテストで確認する。",
    "US": "There are no churns to test it on yet when we begin. To be backtested once there are.",
}
BACKTEST: Final = {"label": "churn", "horizon_days": 90, "weeks": 52, "seed": 1}
PULSES: Final[Mapping[str, Mapping[int, Sequence[str]]]] = {
    "JP": {
        1: ("担当者から解約の相談を受けた", "返信が来なくなった"),
        2: ("定例が二度続けて延期", "費用対効果を問われている"),
        3: ("", "現場の温度差が大きい"),
        4: ("", "活用の相談が増えている"),
        5: ("経営層にも成果が届いている", "事例紹介に前向き"),
    },
    "US": {
        1: ("They asked how to cancel", "Nobody answers any more"),
        2: ("Two check-ins postponed in a row", "They question the return"),
        3: ("", "Some teams like it, some do not"),
        4: ("", "They come with ideas"),
        5: ("The board has seen the results", "Happy to be a reference"),
    },
}
