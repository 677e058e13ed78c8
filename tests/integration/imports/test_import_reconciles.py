"""File = imported + rejected, exactly: rows, units and money, for every kind of bad row; broken twins are noticed.

The expectation is worked out here from the file alone, with decimals, and is compared with the report and with the shop's
own tables. The twins drop rows, lose lines or import twice; the comparison must fail for each.
"""

from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from commerce.imports import history
from commerce.imports.sources import FileUnusable

from .conftest import another_merchant, line

TIME, QUANTITY, MONEY = "time missing or unreadable", "quantity missing or unreadable", "money missing or unreadable"
FUTURE = "time lies in the future"
# What may be wrong with a row: the column, what stands in it, why it is refused.
DEFECTS = [
    ("order", "", "order id missing"),
    ("order", "   ", "order id missing"),
    ("customer", "", "customer missing"),
    ("vendor", "", "seller missing"),
    ("sku", "", "product missing"),
    ("created", "", TIME),
    ("created", "soon", TIME),
    ("created", "2026-02-30 10:00:00", TIME),
    ("created", "31/12/2025", TIME),
    ("created", "2026-03-11 00:00:00", FUTURE),
    ("created", "2999-01-01 00:00:00", FUTURE),
    ("created", "infinity", FUTURE),
    ("created", "1999-12-31 23:59:59", "time before the year 2000"),
    ("qty", "", QUANTITY),
    ("qty", "two", QUANTITY),
    ("qty", "NaN", QUANTITY),
    ("qty", "inf", QUANTITY),
    ("qty", "10000000000000", QUANTITY),
    ("qty", "0", "quantity is zero"),
    ("qty", "-0.0", "quantity is zero"),
    ("qty", "-1", "quantity is negative: returns are not imported"),
    ("qty", "1.0005", "quantity is finer than a thousandth"),
    ("qty", "100000.001", "quantity is larger than 100,000"),
    ("total", "", MONEY),
    ("total", "free", MONEY),
    ("total", "nan", MONEY),
    ("total", "-inf", MONEY),
    ("total", "12,50", MONEY),
    ("total", "1e300", MONEY),
    ("total", "99999999999999999999999999999999999999999", MONEY),
    ("total", "-0.01", "money is negative: returns are not imported"),
    ("total", "100000000.01", "money is larger than 10 crore taka"),
    ("off", "much", "discount unreadable"),
    ("off", "-0.01", "discount is negative"),
    ("method", "", "payment method is neither cod nor bkash"),
    ("method", "card", "payment method is neither cod nor bkash"),
]
BROKEN, TWICE = "broken record: the number of fields is not that of the header", "line id given twice in the order"


def number(text: object) -> Decimal | None:
    """A number of the file as a merchant reads it."""
    try:
        value = Decimal(str(text))
    except ArithmeticError:
        return None
    return value if value.is_finite() and abs(value) < 10**12 else None


def whole(value: Decimal | None) -> int | None:
    return None if value is None else int(value.quantize(Decimal(1), ROUND_HALF_UP))


class Expected:
    """What must be true after an import: worked out from the rows and the reasons alone."""

    def __init__(self, rows: list[dict], reasons: dict[int, str]) -> None:
        self.reasons = reasons
        self.file, self.imported = [0, 0, 0], [0, 0, 0]
        for position, row in enumerate(rows, start=1):
            is_broken = reasons.get(position) == BROKEN
            units = None if is_broken else number(row["qty"])
            money = None if is_broken else number(row["total"])
            values = (1, whole(units and units * 1000) or 0, whole(money and money * 100) or 0)
            for sums in (self.file, *([] if position in reasons else [self.imported])):
                sums[:] = [sum(pair) for pair in zip(sums, values, strict=True)]


def sums(found) -> list[int]:
    return [found.rows, found.quantity_milli, found.amount_poisha]


def check(expected: Expected, merchant, report) -> None:
    """The report, the shop's tables and the rejects say what the file says."""
    assert sums(report.file) == expected.file
    assert sums(report.imported) == expected.imported
    assert [a - b for a, b in zip(sums(report.file), sums(report.imported), strict=True)] == sums(report.rejected)
    assert report.is_reconciled
    assert list(merchant.sold()) == expected.imported
    assert merchant.rejects(report.run_id) == expected.reasons
    kept = merchant.sql(
        "select count(*), coalesce(sum(quantity_milli), 0)::bigint, coalesce(sum(amount_poisha), 0)::bigint "
        "from imports.rejects where run_id = %s",
        report.run_id,
    )
    assert list(kept[0]) == sums(report.rejected)


def with_discount(merchant):
    merchant.mapping["columns"]["discount"] = "off"
    return merchant


@pytest.mark.parametrize(("column", "value", "reason"), DEFECTS, ids=[f"{c}={v[:12]}" for c, v, _ in DEFECTS])
def test_a_bad_row_is_refused_with_its_reason(settings, tmp_path_factory, seen_defects, column, value, reason):
    assert seen_defects[column, value] == reason


@pytest.fixture(scope="module")
def seen_defects(settings, tmp_path_factory) -> dict[tuple[str, str], str | None]:
    """One file with a row for every defect, each in an order of its own: column and value → reason."""
    merchant = with_discount(another_merchant(settings, tmp_path_factory.mktemp("defects")))
    rows = [line(f"o{n}", off="0") | {column: value} for n, (column, value, _) in enumerate(DEFECTS)]
    report = merchant.bring_in(merchant.csv(rows))
    found = merchant.rejects(report.run_id)
    check(Expected(rows, {n: reason for n, (*_, reason) in enumerate(DEFECTS, start=1)}), merchant, report)
    return {(column, value): found.get(n) for n, (column, value, _) in enumerate(DEFECTS, start=1)}


def test_the_refused_row_is_kept_as_it_stood_in_the_file(merchant):
    rows = [line("o1"), line("o2", qty="শূন্য", customer='Rahim "Raju" Mia, Khulna'), line("o3", total="")]
    report = merchant.bring_in(merchant.csv(rows))
    kept = dict(merchant.sql("select row_number, row from imports.rejects where run_id = %s", report.run_id))
    assert kept == {2: rows[1], 3: rows[2] | {"total": None}}


# With the greatest discount still within ten crore taka: the limit is on the line before its discount.
amounts = st.decimals(0, 99_990_000, places=2, allow_nan=False)
fine_amounts = st.decimals(0, 10_000, places=4, allow_nan=False)
quantities = st.decimals("0.001", 100_000, places=3, allow_nan=False)


@st.composite
def histories(draw) -> tuple[list[dict], dict[int, str]]:
    """Rows of a file and the reasons of those that must be refused."""
    rows, reasons, taken = [], {}, []
    for position in range(1, draw(st.integers(1, 25)) + 1):
        order = f"o{draw(st.integers(1, 6))}"
        row = line(order, off=str(draw(fine_amounts)), qty=str(draw(quantities)), method="bkash")
        row["total"] = str(draw(st.one_of(amounts, fine_amounts)))
        kind = draw(st.sampled_from(["good", "good", "bad", "twice", "broken"]))
        if kind == "bad":
            column, value, reasons[position] = draw(st.sampled_from(DEFECTS))
            row[column] = value
        elif kind == "broken":
            row["extra"], reasons[position] = "one field too many", BROKEN
        elif kind == "twice" and taken:
            again = draw(st.sampled_from(taken))
            row |= {name: again[name] for name in ("order", "line", "customer")}
            reasons[position] = TWICE
        else:
            taken.append(row)
        rows.append(row)
    return rows, reasons


def write_broken(merchant, rows: list[dict], name: str):
    """A CSV in which some records have a field too many."""
    path = merchant.csv([{key: row[key] for key in rows[0] if key != "extra"} for row in rows], name)
    lines = path.read_text().splitlines()
    for position, row in enumerate(rows, start=1):
        lines[position] += ",extra" if "extra" in row else ""
    path.write_text("\n".join(lines) + "\n")
    return path


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories())
def test_any_file_reconciles(settings, tmp_path, drawn):
    rows, reasons = drawn
    merchant = with_discount(another_merchant(settings, tmp_path))
    report = merchant.bring_in(write_broken(merchant, rows, f"{merchant.source}.csv"))
    check(Expected(rows, reasons), merchant, report)


def test_a_typed_file_reconciles_too(merchant):
    """Parquet with nulls, NaN, infinities and numbers no order has."""
    nan, inf = float("nan"), float("inf")
    totals = [10.25, None, nan, inf, -1.0, 1e300, 0.1, 3.3]
    counts = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.25, None]
    rows = [line(f"o{n}", qty=q, total=t) for n, (q, t) in enumerate(zip(counts, totals, strict=True))]
    columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
    report = merchant.bring_in(merchant.parquet(columns))
    bad = dict.fromkeys((2, 3, 4, 6), MONEY) | {5: "money is negative: returns are not imported", 8: QUANTITY}
    check(Expected(rows, bad), merchant, report)


def test_an_empty_file_is_imported_as_nothing(merchant):
    path = merchant.csv([line()])
    path.write_text(path.read_text().splitlines()[0] + "\n")
    report = merchant.bring_in(path)
    check(Expected([], {}), merchant, report)


def test_a_file_of_bad_rows_only_creates_nothing(merchant):
    rows = [line(qty="0"), line("o2", total="?")]
    report = merchant.bring_in(merchant.csv(rows))
    check(Expected(rows, {1: "quantity is zero", 2: MONEY}), merchant, report)
    assert not any(count for table, count in report.created.items() if table not in ("rejects", "hubs"))


ROWS = [line("o1"), line("o1", qty="0"), line("o2", total="99.99")]
REASONS = {2: "quantity is zero"}


def test_the_check_notices_a_reader_that_drops_bad_rows(merchant):
    """Negative control: the twin leaves bad rows out of the file before it is read."""
    report = merchant.bring_in(merchant.csv([row for row in ROWS if row["qty"] != "0"]))
    with pytest.raises(AssertionError):
        check(Expected(ROWS, REASONS), merchant, report)


def test_the_check_notices_an_importer_that_forgets_what_it_imported(settings, tmp_path):
    """Negative control: the twin takes the same file for another shop's and brings it in again."""
    first, forgetful = another_merchant(settings, tmp_path), another_merchant(settings, tmp_path)
    path = first.csv(ROWS)
    check(Expected(ROWS, REASONS), first, first.bring_in(path))
    forgetful.bring_in(path)
    first.sql("update orders.order_groups set source = %s, source_ref = 'again-' || source_ref where source = %s",
              first.source, forgetful.source)  # fmt: skip
    with pytest.raises(AssertionError):
        check(Expected(ROWS, REASONS), first, first.bring_in(path))


@pytest.mark.parametrize("damage", ["delete from lines where amount_poisha = 9999", "insert into lines from lines",
                                    "update lines set quantity_milli = quantity_milli + 1"])  # fmt: skip
def test_an_import_that_loses_or_doubles_lines_stops_itself(merchant, monkeypatch, damage):
    """Negative control: lines are damaged on the way, as a wrong join would; nothing may come in."""

    def damaged(opened, make=history.make_lines):
        make(opened)
        opened.duck.execute(damage)

    monkeypatch.setattr(history, "make_lines", damaged)
    with pytest.raises(FileUnusable, match="do not reconcile"):
        merchant.bring_in(merchant.csv(ROWS))
    assert merchant.sold() == (0, 0, 0)
    assert merchant.sql("select 1 from imports.runs where source = %s", merchant.source) == []
