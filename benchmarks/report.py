"""What a run prints."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Measured


@dataclass(frozen=True)
class Goal:
    """A figure and the bound it has to keep: ``≥`` or ``≤``."""

    work: str
    measured: float
    bound: str
    limit: float

    @property
    def met(self) -> bool:
        """Whether it is kept."""
        return self.measured >= self.limit if self.bound == "≥" else self.measured <= self.limit


def show_case(console: Console, case: str, found: Mapping[str, Measured]) -> None:
    """The figures of one case; the first row is what the others are compared with."""
    table = Table(title=case, title_justify="left")
    table.add_column("")
    for heading in ("requests/s", "×", "p50 ms", "p95 ms", "app CPU ms", "Postgres CPU ms", "kB"):
        table.add_column(heading, justify="right")
    first = next(iter(found.values()))
    for name, one in found.items():
        table.add_row(
            name,
            f"{one.per_second:,.0f}",
            f"{first.per_second / one.per_second:.2f}",
            f"{one.p50_ms:.1f}",
            f"{one.p95_ms:.1f}" if one.p95_ms else "",
            f"{one.app_cpu_ms:.2f}" if one.app_cpu_ms else "",
            f"{one.postgres_cpu_ms:.2f}",
            f"{one.bytes / 1000:.1f}" if one.bytes else "",
        )
    console.print(table)


def show_lines(console: Console, title: str, lines: Mapping[str, object]) -> None:
    """A title and what belongs to it."""
    console.print(title)
    for name, value in lines.items():
        console.print(
            f"  {name}  {value if not isinstance(value, float) else f'{value:.2f}'}", highlight=False, markup=False
        )


def show_goals(console: Console, goals: list[Goal]) -> None:
    """Every goal, what was measured, and whether it is met."""
    table = Table(title="goals", title_justify="left")
    table.add_column("work")
    table.add_column("measured", justify="right")
    table.add_column("goal", justify="right")
    table.add_column("")
    for goal in goals:
        met = "[green]met[/]" if goal.met else "[red]not met[/]"
        table.add_row(goal.work, f"{goal.measured:,.2f}", f"{goal.bound} {goal.limit:g}", met)
    console.print(table)
