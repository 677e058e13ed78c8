"""The report of an import: what was in the file, what came in, what was refused and why; to the poisha. Changes nothing."""

from typing import Self

import duckdb
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from commerce.imports.reader import Window
from foundation.money import to_taka


class Sums(BaseModel):
    """Rows, units and money of a set of rows."""

    rows: int = 0
    # Rows whose money could not be read: they count in `rows`, not in `amount_poisha`.
    rows_without_money: int = 0
    # Thousandths, after the unit rule and as the file has them.
    quantity_milli: int = 0
    raw_quantity_milli: int = 0
    amount_poisha: int = 0

    def plus(self, other: "Sums") -> "Sums":
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields})


class Rejected(Sums):
    """What was refused for one reason."""

    reason: str


class RunReport(BaseModel):
    """One file under one mapping."""

    source: str
    file_name: str
    run_id: str
    file: Sums
    imported: Sums
    rejected: Sums
    rejected_by_reason: list[Rejected]
    # Older than the days asked for: not counted in `file`.
    outside_window: Sums = Sums()
    created: dict[str, int] = {}
    first_placed_on: str | None = None
    last_placed_on: str | None = None
    shift_days: int = 0
    seconds: float = 0.0
    # The file had been imported before: nothing was done, this is the report of then.
    is_repeated: bool = False

    @property
    def is_reconciled(self) -> bool:
        """Whether file = imported + rejected, in rows, units and money, and the reasons sum to what was rejected."""
        by_reason = Sums()
        for item in self.rejected_by_reason:
            by_reason = by_reason.plus(Sums(**item.model_dump(exclude={"reason"})))
        return self.file == self.imported.plus(self.rejected) and by_reason == self.rejected


class ImportReport(BaseModel):
    """All files of one call."""

    runs: list[RunReport]
    seconds: float

    @property
    def is_reconciled(self) -> bool:
        return all(run.is_reconciled for run in self.runs)

    @classmethod
    def of(cls, runs: list[RunReport], seconds: float) -> Self:
        return cls(runs=runs, seconds=round(seconds, 2))


_SUMS = """count(*), count(*) filter (amount_poisha is null), coalesce(sum(quantity_milli), 0)::hugeint,
    coalesce(sum(raw_milli), 0)::hugeint, coalesce(sum(amount_poisha), 0)::hugeint"""


def sums_of(duck: duckdb.DuckDBPyConnection, condition: str) -> Sums:
    """Sums over the rows of the file for which a condition holds."""
    row = duck.execute(f"select {_SUMS} from rows where {condition}").fetchone()
    return _sums(row or (0, 0, 0, 0, 0))


def rejected_by_reason(duck: duckdb.DuckDBPyConnection) -> list[Rejected]:
    """What was refused, the commonest reason first."""
    rows = duck.execute(f"select reason, {_SUMS} from rows where reason is not null group by reason order by 2 desc, 1")
    return [Rejected(reason=reason, **_sums(tuple(values)).model_dump()) for reason, *values in rows.fetchall()]


def _sums(values: tuple[int, ...]) -> Sums:
    names = ("rows", "rows_without_money", "quantity_milli", "raw_quantity_milli", "amount_poisha")
    return Sums(**{name: int(value) for name, value in zip(names, values, strict=True)})


def window_sums(window: Window) -> Sums:
    """Sums of what lies outside the window."""
    return Sums(rows=window.rows, quantity_milli=window.quantity_milli, amount_poisha=window.amount_poisha)


def print_report(report: RunReport, console: Console) -> None:
    """The reconciliation as a table."""
    title = f"{report.file_name} → {report.source}" + (
        " (imported before; nothing was done)" if report.is_repeated else ""
    )
    table = Table("", "rows", "units", "units as in the file", "taka", title=title)
    _line(table, "in the file", report.file)
    _line(table, "imported", report.imported)
    _line(table, "rejected", report.rejected)
    for item in report.rejected_by_reason:
        _line(table, f"  {item.reason}", item)
    if report.outside_window.rows:
        _line(table, "outside the window (not counted)", report.outside_window)
    console.print(table)
    made = ", ".join(f"{count:,} {name}" for name, count in report.created.items() if count)
    console.print(f"created: {made or 'nothing'}")
    verdict = "file = imported + rejected, exactly" if report.is_reconciled else "[red]file ≠ imported + rejected[/red]"
    console.print(f"{verdict}; {report.seconds:.1f} s", highlight=False)


def _line(table: Table, name: str, sums: Sums) -> None:
    table.add_row(
        name, f"{sums.rows:,}", f"{sums.quantity_milli / 1000:,.3f}", f"{sums.raw_quantity_milli / 1000:,.3f}",
        to_taka(sums.amount_poisha),
    )  # fmt: skip
