"""The files of an import: find them, fingerprint them, open them as DuckDB relations. Not here: what columns mean.

CSV is read as text by Python's own reader: every record gets its number, and a broken one is kept, not skipped.
"""

import csv
import hashlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commerce.imports.mapping import Mapping
from foundation.errors import InvalidInput

PACKAGE = "package://"
BATCH_ROWS = 65_536
# Where a broken record keeps what it was; such a name cannot come from a header that is not blank.
BROKEN = " broken"


class FileUnusable(InvalidInput):
    code = "file-unusable"
    message = "The file {name} cannot be imported: {problem}"


@dataclass(frozen=True)
class Source:
    """A file with its fingerprint."""

    path: Path
    sha256: str

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix.lower() in {".parquet", ".pq"}


def locate(name: str, beside: Path) -> Path:
    """Path of a file named in a mapping: `package://package/path`, absolute, or relative to the mapping.

    Raises:
        FileUnusable: not there.
    """
    path = _in_package(name) if name.startswith(PACKAGE) else beside.joinpath(Path(name).expanduser())
    if not path.is_file():
        raise FileUnusable(name=name, problem="there is no such file. Give the right path.")
    return path


def _in_package(name: str) -> Path:
    package, _, inner = name.removeprefix(PACKAGE).partition("/")
    # find_spec does not run a top-level package: a data package need not load pandas to tell where its files are.
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        problem = f"the package {package!r} is not installed. Install it: pip install 'getit-platform[demo]'."
        raise FileUnusable(name=name, problem=problem)
    return Path(next(iter(spec.submodule_search_locations))) / inner


def fingerprint(path: Path) -> Source:
    """The file with the SHA-256 of its content.

    Raises:
        FileUnusable: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return Source(path, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as error:
        raise FileUnusable(name=str(path), problem=f"{error.strerror}. Check the path and its rights.") from error


def open_lookup(duck: duckdb.DuckDBPyConnection, path: Path, *, name: str, key: str, mapping: Mapping) -> list[str]:
    """Make a lookup file a table (see `lookup_table`), one row a key (the first); its columns.

    Raises:
        FileUnusable.
    """
    table = lookup_table(name)
    columns = open_rows(duck, path, table=f"all_{name}", mapping=mapping)
    if key not in columns:
        raise FileUnusable(name=str(path), problem=f"it has no column {key!r}. It has: {', '.join(columns)}.")
    duck.execute(
        f"create table {table} as select * from {quoted('all_' + name)} where {quoted(key)} is not null "
        f"qualify row_number() over (partition by {quoted(key)} order by row_number) = 1"
    )
    return columns


def open_rows(duck: duckdb.DuckDBPyConnection, path: Path, *, table: str, mapping: Mapping) -> list[str]:
    """Make a file the relation `table` with a `row_number` from 1; the names of its own columns.

    Raises:
        FileUnusable: not readable as what its name says.
    """
    try:
        if path.suffix.lower() in {".parquet", ".pq"}:
            return _open_parquet(duck, path, table)
        return _open_csv(duck, path, table, mapping)
    except (duckdb.Error, pa.ArrowException, UnicodeDecodeError, LookupError, OSError) as error:
        raise FileUnusable(name=str(path), problem=f"{error}. Is it CSV or Parquet, and the encoding right?") from error


def _open_parquet(duck: duckdb.DuckDBPyConnection, path: Path, table: str) -> list[str]:
    columns = list(pq.read_schema(path).names)
    _check_header(path, columns)
    duck.execute(
        f"create view {quoted(table)} as select file_row_number + 1 as row_number, "
        f"null::varchar as {quoted(BROKEN)}, * exclude (file_row_number) "
        f"from read_parquet({literal(str(path))}, file_row_number = true)"
    )
    return columns


def _open_csv(duck: duckdb.DuckDBPyConnection, path: Path, table: str, mapping: Mapping) -> list[str]:
    with path.open(encoding=mapping.encoding, errors="replace", newline="") as file:
        records = csv.reader(file, delimiter=mapping.delimiter)
        columns = [name.strip() for name in next(records, [])]
        _check_header(path, columns)
        fields = [pa.field("row_number", pa.int64()), *(pa.field(name, pa.string()) for name in [BROKEN, *columns])]
        schema = pa.schema(fields)
        batches = pa.RecordBatchReader.from_batches(schema, _batches(records, schema))
        duck.register("incoming csv", batches)
        duck.execute(f"create table {quoted(table)} as select * from {quoted('incoming csv')}")
        duck.unregister("incoming csv")
    return columns


def _check_header(path: Path, columns: list[str]) -> None:
    if not columns or "" in columns:
        raise FileUnusable(name=str(path), problem="its first line must name every column.")
    twice = {name for name in columns if columns.count(name) > 1}
    if twice or {"row_number", BROKEN} & set(columns):
        names = ", ".join(sorted(twice)) or "row_number"
        raise FileUnusable(name=str(path), problem=f"column names are reserved or given twice: {names}. Rename them.")


def _batches(records: Iterator[list[str]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    width = len(schema) - 2
    rows: list[tuple[object, ...]] = []
    for number, record in enumerate(_records(records), start=1):
        if isinstance(record, str):
            rows.append((number, record, *[None] * width))
        elif len(record) == width:
            rows.append((number, None, *[_clean(value) for value in record]))
        elif record:
            rows.append((number, "\x1f".join(record).replace("\x00", ""), *[None] * width))
        else:
            # A blank line is no record, but it takes a number: numbers stay those of the file's records.
            continue
        if len(rows) == BATCH_ROWS:
            yield _batch(rows, schema)
            rows = []
    if rows:
        yield _batch(rows, schema)


def _records(records: Iterator[list[str]]) -> Iterator[list[str] | str]:
    while True:
        try:
            yield next(records)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"unreadable record: {error}"


def _clean(value: str) -> str | None:
    text = value.strip().replace("\x00", "")
    return text or None


def _batch(rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def lookup_table(name: str) -> str:
    """SQL name of a lookup's table: its own, so that none of ours can be meant."""
    return quoted(f"lookup_{name}")


def quoted(name: str) -> str:
    """A name as SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"
