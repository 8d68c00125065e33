"""Examples of partners, in Japanese and English: the first of a body is what the reference shows first."""

from typing import Final

from pydantic.config import JsonDict

from api.kit.schemas import RECORD_EXAMPLE, Examples

_PARTNER_JA: Final[JsonDict] = {"name": "株式会社つなぐパートナーズ", "domain": "tsunagu.example.jp", "language": "ja"}
_PARTNER_EN: Final[JsonDict] = {"name": "Harbor Consulting", "domain": "harbor.example.com", "language": "en"}

PARTNER_READ: Final[Examples] = [{**RECORD_EXAMPLE, **_PARTNER_JA}, {**RECORD_EXAMPLE, **_PARTNER_EN}]
PARTNER_CREATE: Final[Examples] = [_PARTNER_JA, _PARTNER_EN]
PARTNER_UPDATE: Final[Examples] = [{"name": "つなぐパートナーズ株式会社"}, {"language": "en"}]
