"""The database's arithmetic of value is that of :mod:`api.success_roadmaps.value`."""

import datetime as dt
import random

from api.contracts.mrr import rounded
from api.success_roadmaps.value import economic_value, month_parts
from tests.support.workspaces import WorkspaceForTest


async def test_the_functions_say_what_python_says(workspace: WorkspaceForTest) -> None:
    chance = random.Random("value")
    work = [
        (chance.randrange(10**5), chance.randrange(10**5), chance.choice((1, 7, 60, chance.randrange(10**6))))
        for _ in range(300)
    ]
    halves = [(chance.randrange(-(10**18), 10**18), chance.choice((2, 4, 6000, 377_580))) for _ in range(300)]
    days = [dt.date(2020, 1, 1) + dt.timedelta(days=number) for number in range(0, 4000, 7)]
    async with workspace.write() as tx:
        values = await tx.fetch(
            "SELECT perennial_half_even(v::numeric * m * h, 6000) FROM unnest(%(v)s::bigint[], %(m)s::bigint[], "
            "%(h)s::bigint[]) WITH ORDINALITY AS w (v, m, h, place) ORDER BY place",
            dict(zip("vmh", map(list, zip(*work, strict=True)), strict=True)),
        )
        rounds = await tx.fetch(
            "SELECT perennial_half_even(p, o) FROM unnest(%(p)s::numeric[], %(o)s::numeric[]) WITH ORDINALITY "
            "AS w (p, o, place) ORDER BY place",
            dict(zip("po", map(list, zip(*halves, strict=True)), strict=True)),
        )
        parts = await tx.fetch(
            "SELECT perennial_month_parts(d) FROM unnest(%(d)s::date[]) WITH ORDINALITY AS w (d, place) ORDER BY place",
            {"d": days},
        )
    assert [row[0] for row in values] == [economic_value(*each) for each in work]
    assert [row[0] for row in rounds] == [rounded(part, of=of) for part, of in halves]
    assert [row[0] for row in parts] == [month_parts(day) for day in days]
