"""Cells become what their fields take."""

import pytest

from api.contacts.schemas import ContactBulkItem
from api.imports.cells import CellError, Kind, Taken, taken_by, value_of
from api.imports.importable import KNOWN_AT
from api.imports.targets import TARGETS
from api.kit.schemas import Input, MinorUnits, Moment, Money


class Contract(Input):
    """What other resources will bring."""

    mrr: Money | None = None
    signed_at: Moment
    minor: MinorUnits
    rate: float


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        ("1,200", Kind.whole, 1200),
        ("１，２００", Kind.whole, 1200),
        ("1200.0", Kind.whole, 1200),
        (12, Kind.whole, 12),
        ("-3.5", Kind.number, -3.5),
        ("TRUE", Kind.boolean, True),
        ("いいえ", Kind.boolean, False),
        ("はい", Kind.boolean, True),
        ("2026/4/1", Kind.day, "2026-04-01"),
        ("2026年4月1日", Kind.day, "2026-04-01"),
        ("2026.04.01", Kind.day, "2026-04-01"),
        ("20260401", Kind.day, "2026-04-01"),
        ("2026-04-01 00:00:00", Kind.day, "2026-04-01"),
        ("2026-04-01T09:30:00+09:00", Kind.moment, "2026-04-01T09:30:00+09:00"),
        ("2026/4/1", Kind.moment, "2026-04-01T00:00:00+00:00"),
        (" 0120 ", Kind.text, "0120"),
        (120, Kind.text, "120"),
        (True, Kind.text, "true"),
        (" 0120\n", Kind.verbatim, " 0120\n"),
        ("a; b;;a", Kind.texts, ["a", "b"]),
        ("¥120,000", Kind.money, {"amount": 120000, "currency": "JPY"}),
        ("１２万", Kind.money, None),
        ("120,000円", Kind.money, {"amount": 120000, "currency": "JPY"}),
        ("1,200.5 USD", Kind.money, {"amount": 120050, "currency": "USD"}),
        ("-$3", Kind.money, None),
        ("$-3", Kind.money, {"amount": -300, "currency": "USD"}),
        ("1.5 KWD", Kind.money, {"amount": 1500, "currency": "KWD"}),
        ("120000", Kind.money, None),
        ("1.5 JPY", Kind.money, None),
        ("約10", Kind.whole, None),
        ("12,00", Kind.number, None),
        ("nan", Kind.number, None),
        ("1.5", Kind.whole, None),
        ("maybe", Kind.boolean, None),
        ("2026-02-30", Kind.day, None),
        ("4/1/2026", Kind.day, None),
    ],
)
def test_a_cell_becomes_what_its_field_takes(cell: object, kind: Kind, value: object) -> None:
    if value is None:
        with pytest.raises(CellError):
            value_of(cell, Taken(kind))
    else:
        assert value_of(cell, Taken(kind)) == value


def test_fields_say_what_they_take() -> None:
    kinds = {name: taken_by(info).kind for name, info in Contract.model_fields.items()}
    assert kinds == {"mrr": Kind.money, "signed_at": Kind.moment, "minor": Kind.whole, "rate": Kind.number}
    role = taken_by(ContactBulkItem.model_fields["stakeholder_role"])
    assert value_of("Decision maker", role) == "decision_maker"
    assert value_of("chief", role) == "chief"
    for target in TARGETS.values():
        assert all(taken_by(target.item.model_fields[name]) for name in target.targets if name != KNOWN_AT)
