"""A labelled table in DuckDB: rows with time, label and keys in one form, everything else as numbers or categories.

Rows without a readable time or with a time in the future are left out and counted by reason. Not here: what is learned.
"""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from models.fraud.any_table.mapping import Mapping, TableRefused

MEMORY = "2GB"
#: More values than this, most of them seen once: an identifier, not a category.
MOST_CATEGORIES = 2_000
LEAST_ROWS, LEAST_FRAUDS = 1_000, 30


@dataclass(frozen=True)
class Table:
    """The table `rows` of an open database: _row_no, _id, _at, _known_at, _amount (hundredths), _is_fraud (null: unknown),
    `key_<n>` of each entity, and the inputs under their own names.
    """

    database: duckdb.DuckDBPyConnection
    mapping: Mapping
    numbers: tuple[str, ...]
    categories: tuple[str, ...]
    left_out: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def has_amount(self) -> bool:
        """Whether money is known."""
        return self.mapping.columns.amount is not None


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def read_table(mapping: Mapping, spill: Path) -> Table:
    """Read the files of a mapping.

    Raises:
        TableRefused: no such file or column, too few rows or frauds, a column of times that cannot be read.
    """
    database = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(spill), "threads": 2})
    database.execute("set timezone = 'UTC'")
    columns = _open(database, mapping)
    left_out = _stage(database, mapping, columns)
    numbers, categories, notes = _inputs(database, mapping, columns)
    _check_size(database)
    return Table(database, mapping, numbers, categories, left_out, notes)


def _open(database: duckdb.DuckDBPyConnection, mapping: Mapping) -> dict[str, str]:
    """View `source` over the files; its columns by type."""
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in mapping.paths)
    suffixes = {Path(path).suffix.lower() for path in mapping.paths}
    if suffixes <= {".parquet", ".pq"}:
        reader = f"read_parquet([{listed}], union_by_name = true)"
    else:
        reader = (
            f"read_csv([{listed}], union_by_name = true, sample_size = 100000, nullstr = ['', 'NA', 'NULL', 'null'])"
        )
    try:
        database.execute(f"create view source as from {reader}")
        found = {str(row[0]): str(row[1]) for row in database.execute("describe source").fetchall()}
    except duckdb.Error as error:
        raise TableRefused(f"the files cannot be read: {str(error).splitlines()[0][:300]}") from error
    wanted = mapping.reserved | ({mapping.columns.amount} - {None})
    missing = sorted(name for name in wanted if name is not None and name not in found)
    if missing:
        raise TableRefused(f"no column {', '.join(missing)} in the files; there are {', '.join(list(found)[:40])}.")
    return found


def _moment(column: str, kind: str, unit: str) -> str:
    name = quoted(column)
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"{name}::timestamptz"
    if kind == "VARCHAR":
        forms = "['%d/%m/%Y %H:%M:%S', '%d/%m/%Y %H:%M', '%d/%m/%Y', '%d-%m-%Y', '%m/%d/%Y']"
        return f"coalesce(try_cast({name} as timestamptz), try_strptime({name}, {forms})::timestamptz)"
    scale = {"s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}[unit]
    return f"make_timestamptz(({name}::double * {scale})::bigint)"


def _stage(database: duckdb.DuckDBPyConnection, mapping: Mapping, columns: dict[str, str]) -> dict[str, int]:
    names = mapping.columns
    at = _moment(names.time, columns[names.time], names.time_unit)
    listed = {name: ", ".join("'" + value.replace("'", "''") + "'" for value in getattr(mapping.label, name))
              for name in ("fraud", "unknown")}  # fmt: skip
    label = f"coalesce(lower(trim({quoted(names.label)}::varchar)), '')"
    # A number that stands for a whole is written 1 here and 1.0 there.
    label = f"regexp_replace({label}, '\\.0+$', '')"
    known = mapping.label.known_at
    known_at = _moment(known, columns[known], names.time_unit) if known else "at"
    delay = f"to_microseconds({mapping.label.delay.total_seconds() * 1e6:.0f})"
    amount = f"round(try_cast({quoted(names.amount)} as double) * 100)::bigint" if names.amount else "0::bigint"
    keys = "".join(f", {quoted(key)}::varchar as {quoted(f'key_{n}')}" for n, key in enumerate(mapping.entities))
    identity = f"{quoted(names.id)}::varchar" if names.id else "(row_number() over ())::varchar"
    inputs = "".join(f", {quoted(name)}" for name in columns if name not in mapping.reserved)
    database.execute(
        f"create table staged as select {identity} as _id, {at} as _at, {amount} as _amount, {label} as _label"
        f"{keys}{inputs}{f', {known_at} as _told_at' if known else ''} from source"
    )
    told = "greatest(_told_at, _at)" if known else f"_at + {delay}"
    unknown = f"_label in ({listed['unknown']})" if mapping.label.unknown else "false"
    database.execute(
        "create table rows as select row_number() over (order by _at, _id) as _row_no, * exclude (_label"
        f"{', _told_at' if known else ''}), case when not {unknown} then _label in ({listed['fraud']}) end as _is_fraud,"
        f" case when not {unknown} then {told} end as _known_at from staged where _at is not null"
    )
    (rows, without) = _one(database, "select count(*), count(*) filter (where _at is null) from staged")
    database.execute("drop table staged")
    if rows and without > rows / 2:
        raise TableRefused(
            f"{names.time}: {without} of {rows} times cannot be read; write them as 2026-05-31 14:00:00."
        )
    return {"no readable time": without} if without else {}


def _inputs(
    database: duckdb.DuckDBPyConnection, mapping: Mapping, columns: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Numbers, categories, and what was left aside."""
    numbers: list[str] = []
    categories: list[str] = []
    notes: list[str] = []
    for name, kind in columns.items():
        if name in mapping.reserved:
            continue
        distinct, filled = _one(
            database, f"select approx_count_distinct({quoted(name)}), count({quoted(name)}) from rows"
        )
        if distinct <= 1:
            notes.append(f"{name}: always the same, left aside")
        elif kind.startswith(("DATE", "TIME")):
            notes.append(f"{name}: a second time, left aside; give its difference to the first as a number")
        elif kind == "VARCHAR" or kind.startswith("ENUM"):
            if distinct > MOST_CATEGORIES and distinct > filled / 2:
                notes.append(
                    f"{name}: nearly every value is another one, left aside; name it under `entities` if it is a key"
                )
            else:
                categories.append(name)
        else:
            numbers.append(name)
    return tuple(numbers), tuple(categories), tuple(notes)


def _one(database: duckdb.DuckDBPyConnection, query: str) -> list[int]:
    """Numbers of a query's only row; fetched to its end, so that the connection is free."""
    return [int(value) for value in database.execute(query).fetchall()[0]]


def _check_size(database: duckdb.DuckDBPyConnection) -> None:
    rows, frauds, labelled = _one(
        database, "select count(*), count(*) filter (where _is_fraud), count(_is_fraud) from rows"
    )
    if labelled < LEAST_ROWS or frauds < LEAST_FRAUDS or frauds == labelled:
        raise TableRefused(
            f"{rows} rows, {labelled} with a label, {frauds} frauds: at least {LEAST_ROWS} labels and {LEAST_FRAUDS} frauds"
            " are needed. Look at `label.fraud` in the mapping."
        )
