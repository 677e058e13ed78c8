"""What is extracted: every commerce table marked `extracted`, without the personal columns. Not here: how it is read."""

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass

from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

import commerce
from foundation.history_tables import row_history
from foundation.tables import Xid8, metadata

# Names have no use in analysis, and the search vector can be derived: neither leaves commerce. What a table holds of
# people beside these it declares itself (`extracted(..., private=...)`); ciphertext and credentials stay whatever it says.
PERSONAL_COLUMNS = frozenset({"full_name"})
DERIVED_COLUMNS = frozenset({"search_text"})
SECRET_ENDINGS = ("_encrypted", "_hash", "_secret", "_token")


@dataclass(frozen=True)
class SourceColumn:
    """A column as the warehouse stores it, and the expression that reads it from commerce."""

    name: str
    type: str
    expression: str


@dataclass(frozen=True)
class SourceTable:
    """A commerce table that the warehouse reads."""

    schema: str
    name: str
    columns: tuple[SourceColumn, ...]
    key: tuple[str, ...]
    is_deletable: bool = False

    @property
    def full_name(self) -> str:
        """Name in commerce."""
        return f"{self.schema}.{self.name}"

    @property
    def raw_name(self) -> str:
        """Name in the warehouse."""
        return f"raw.{self.schema}__{self.name}"


HISTORY = f"{row_history.schema}.{row_history.name}"


def source_tables() -> tuple[SourceTable, ...]:
    """Every extracted table of commerce and the row history, by name; not those of other floors that happen to be loaded."""
    services = {str(row_history.schema)}
    for service in pkgutil.iter_modules(commerce.__path__):
        if service.ispkg and importlib.util.find_spec(f"commerce.{service.name}.tables"):
            importlib.import_module(f"commerce.{service.name}.tables")
            services.add(service.name)
    marked = [table for table in metadata.tables.values() if table.info.get("extracted") and table.schema in services]
    return tuple(describe(table) for table in sorted(marked, key=lambda table: table.fullname))


def describe(table: Table) -> SourceTable:
    """The extract of one table, from its definition."""
    columns = tuple(_column(column) for column in table.columns if not is_private(table, column))
    key = tuple(column.name for column in table.primary_key)
    return SourceTable(
        table.schema or "public", table.name, columns, key, is_deletable=bool(table.info.get("is_deletable"))
    )


def is_private(table: Table, column: Column[object]) -> bool:
    """Whether a column stays in commerce: declared so, or of a kind that holds ciphertext or credentials."""
    declared = {*PERSONAL_COLUMNS, *DERIVED_COLUMNS, *table.info.get("private", ())}
    return column.name in declared or column.name.endswith(SECRET_ENDINGS) or isinstance(column.type, LargeBinary)


def _column(column: Column[object]) -> SourceColumn:
    if isinstance(column.type, Xid8):
        return SourceColumn(column.name, "bigint", f'"{column.name}"::text::bigint as "{column.name}"')
    kind = column.type.compile(dialect=PGDialect())  # type: ignore[no-untyped-call]
    return SourceColumn(column.name, kind, f'"{column.name}"')
