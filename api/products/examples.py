"""Examples of the catalogue, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_ANALYTICS_JA: Final[JsonDict] = {
    "external_id": "sku-analytics",
    "name": "アナリティクス",
    "family": "Insights",
    "description": "部門横断のダッシュボード",
    "success_statement": "経営会議の資料作成が半日で終わる",
    "value_milestone": "最初のダッシュボードを経営会議で利用",
}
_ANALYTICS_EN: Final[JsonDict] = {
    "external_id": "sku-analytics",
    "name": "Analytics",
    "family": "Insights",
    "description": "Dashboards across departments",
    "success_statement": "The board deck takes half a day instead of three",
    "value_milestone": "First dashboard used in a board meeting",
}

PRODUCT_READ: Final[Examples] = [
    {**RECORD_EXAMPLE, **_ANALYTICS_JA, "sellable": True},
    {**RECORD_EXAMPLE, **_ANALYTICS_EN, "sellable": True},
]
PRODUCT_CREATE: Final[Examples] = [_ANALYTICS_JA, _ANALYTICS_EN]
PRODUCT_UPDATE: Final[Examples] = [{"name": "分析"}, {"sellable": False}]
SUCCESS_OVERRIDE_WRITE: Final[Examples] = [
    {"success_statement": "配車計画が前日のうちに決まる", "value_milestone": "配車担当が毎日利用"},
    {"success_statement": "Routes are planned the day before", "value_milestone": "Used daily by dispatch"},
]
