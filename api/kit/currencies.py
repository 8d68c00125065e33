"""Currencies: how many decimals the minor unit of each has (ISO 4217)."""

from decimal import Decimal
from typing import Final

_NONE: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"
_NOT_TWO: Final = {code: digits for codes, digits in ((_NONE, 0), (_THREE, 3), (_FOUR, 4)) for code in codes.split()}


def minor_digits(currency: str) -> int:
    """The decimals of a currency's minor unit: 0 for the yen, 2 for the dollar."""
    return _NOT_TWO.get(currency, 2)


def minor_digits_sql(currency: str) -> str:
    """:func:`minor_digits` of an SQL expression, as one."""
    known = " ".join(
        "WHEN {} IN ('{}') THEN {}".format(currency, "', '".join(codes.split()), digits)
        for codes, digits in ((_NONE, 0), (_THREE, 3), (_FOUR, 4))
    )
    return f"CASE {known} ELSE 2 END"


def in_minor_units(amount: Decimal, currency: str) -> int | None:
    """An amount in minor units; None when it has more decimals than the currency."""
    minor = amount.scaleb(minor_digits(currency))
    return int(minor) if minor == minor.to_integral_value() else None
