"""Opens a file as typed rows in DuckDB: references, quantity, money and wall-clock time of every record. Judges nothing."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb

from commerce.imports.expressions import MACROS, Expressions
from commerce.imports.mapping import Mapping
from commerce.imports.sources import BROKEN, locate, open_lookup, open_rows, quoted
from foundation.bangladesh import places

MEMORY_LIMIT = "1500MB"


@dataclass(frozen=True)
class OpenFile:
    """A file that is being imported: its working database and the expressions over it."""

    duck: duckdb.DuckDBPyConnection
    mapping: Mapping
    expressions: Expressions
    columns: list[str]


def working_database(seed: int) -> duckdb.DuckDBPyConnection:
    """An empty database in memory, bounded, with our macros. Results do not depend on the number of threads."""
    duck = duckdb.connect(":memory:", config={"memory_limit": MEMORY_LIMIT, "threads": 2})
    duck.execute("set timezone = 'UTC'")
    duck.execute("set enable_progress_bar = false")
    duck.execute("set variable seed = ?", [str(seed)])
    _know_districts(duck)
    duck.execute(MACROS)
    return duck


def _know_districts(duck: duckdb.DuckDBPyConnection) -> None:
    """Spellings of districts, and their shares of the people for drawing one."""
    spellings = places.district_aliases() | {code_key(district.code): district.code for district in places.districts()}
    duck.execute(
        "set variable districts = map(?::varchar[], ?::varchar[])", [list(spellings), list(spellings.values())]
    )
    edges = list(accumulate(district.population_thousands for district in places.districts()))
    duck.execute("set variable district_codes = ?::varchar[]", [[district.code for district in places.districts()]])
    duck.execute("set variable district_edges = ?::double[]", [[edge / edges[-1] for edge in edges[:-1]]])


def code_key(code: str) -> str:
    """A district's code as spellings are compared: "BD-13" → "bd13"."""
    return code.replace("-", "").lower()


def open_file(duck: duckdb.DuckDBPyConnection, path: Path, *, mapping: Mapping, beside: Path) -> OpenFile:
    """Open the orders file and the lookups its mapping names.

    Raises:
        FileUnusable, UnknownColumn.
    """
    columns = open_rows(duck, path, table="orders_file", mapping=mapping)
    types = {name: kind for name, kind in _types(duck, "orders_file").items() if name in columns}
    for name, lookup in mapping.lookups.items():
        found = open_lookup(duck, locate(lookup.file, beside), name=name, key=lookup.key, mapping=mapping)
        kinds = _types(duck, f"lookup_{name}")
        types |= {f"{name}.{column}": kinds[column] for column in found}
    return OpenFile(duck, mapping, Expressions(mapping, types), columns)


def _types(duck: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    found = duck.execute(f"describe select * from {quoted(table)}").fetchall()
    return {str(row[0]): str(row[1]).split("(", 1)[0] for row in found}


def read_rows(opened: OpenFile) -> None:
    """Make the table `rows`: one typed row for every record of the file, nothing left out."""
    columns, of = opened.mapping.columns, opened.expressions
    quantity = columns.quantity
    extra = {
        "payment_method": columns.payment_method,
        "district": columns.district,
        "outcome": columns.outcome,
        **{f"is_fraud_{number}": label.is_fraud for number, label in enumerate(columns.labels)},
        **{f"label_origin_{number}": label.origin for number, label in enumerate(columns.labels)},
    }
    selected = {
        "broken": f"orders_file.{quoted(BROKEN)}",
        "customer_ref": of.text(columns.customer, "customer"),
        "seller_ref": of.text(columns.seller, "seller"),
        "product_ref": of.text(columns.product, "product"),
        "order_id": of.text(columns.order_id, "order_id"),
        "line_ref": of.text(columns.line_id, "line_id"),
        "local_at": of.instant(columns.placed_at, "placed_at"),
        "raw_quantity": of.number(quantity.column, "quantity"),
        "divisor": of.divisor(quantity),
        "stated_poisha": _stated(opened),
        "has_discount": "true" if columns.discount else "false",
        "discount_poisha": of.money(columns.discount, "discount") if columns.discount else "0::bigint",
        "shipping_poisha": of.money(columns.shipping, "shipping") if columns.shipping else "0::bigint",
        **{name: of.text(source, name) for name, source in extra.items() if source is not None},
    }
    listed = ", ".join(f"{expression} as {name}" for name, expression in selected.items())
    opened.duck.execute(f"create table raw_rows as select orders_file.row_number, {listed} from {of.relation}")
    opened.duck.execute(
        _TYPED.format(money=_MONEY["unit" if columns.unit_price else "total"], order_ref=_order_ref(opened))
    )
    opened.duck.execute("drop table raw_rows")


def _order_ref(opened: OpenFile) -> str:
    if opened.mapping.derive_order is None:
        return "order_id"
    return "customer_ref || ':' || strftime(local_at, '%Y-%m-%d')"


def _stated(opened: OpenFile) -> str:
    """What the line came to as the file states it; a price of a piece is multiplied before it is rounded, never after."""
    columns, of = opened.mapping.columns, opened.expressions
    if not columns.unit_price:
        return of.money(columns.line_total, "line_total")
    pieces = f"{of.number(columns.quantity.column, 'quantity')} / {of.divisor(columns.quantity)}"
    return of.money(columns.unit_price, "unit_price", times=pieces)


# The file states either what the line came to after discount, or the price of a piece before it.
_MONEY = {
    "total": "stated_poisha as amount_poisha, stated_poisha + discount_poisha as subtotal_poisha",
    "unit": "stated_poisha - discount_poisha as amount_poisha, stated_poisha as subtotal_poisha",
}

_TYPED = """
create table rows as
select * exclude (order_id, stated_poisha, raw_quantity, divisor),
    {order_ref} as order_ref,
    {money},
    cast(round(raw_quantity * 1000) as bigint) as raw_milli,
    cast(round(raw_quantity * 1000 / divisor) as bigint) as quantity_milli,
    coalesce(round(raw_quantity * 1000 / divisor) * divisor <> raw_quantity * 1000, false) as is_too_fine
from raw_rows
"""


@dataclass(frozen=True)
class Window:
    """What lies before the last days of the file, when only those are wanted."""

    rows: int = 0
    quantity_milli: int = 0
    amount_poisha: int = 0


def keep_last_days(opened: OpenFile, days: int | None, *, now_local: datetime) -> Window:
    """Take rows that are older than the last `days` local dates out of `rows`; what they came to."""
    last = last_local_date(opened, now_local=now_local) if days is not None else None
    if days is None or last is None:
        return Window()
    first = f"(date '{last}' - {int(days)})"
    older = f"local_at::date <= {first}"
    totals = one(
        opened.duck,
        "select count(*), coalesce(sum(quantity_milli), 0), coalesce(sum(amount_poisha), 0) from rows where " + older,
    )
    opened.duck.execute(f"delete from rows where {older}")
    return Window(int(totals[0]), int(totals[1]), int(totals[2]))


def last_local_date(opened: OpenFile, *, now_local: datetime) -> date | None:
    """Last date of the file on its own wall clock; a date in the future is a mistake and must not move the history."""
    condition = f"order_ref is not null and local_at <= timestamp '{now_local:%Y-%m-%d %H:%M:%S}'"
    found: date | None = one(opened.duck, f"select max(local_at)::date from rows where {condition}")[0]
    return found


def one(duck: duckdb.DuckDBPyConnection, statement: str) -> tuple[Any, ...]:
    """First row of a query that always has one."""
    row = duck.execute(statement).fetchone()
    if row is None:
        raise LookupError(f"no row: {statement}")
    return tuple(row)
