"""What is extracted: every commerce table marked `extracted`, without the personal columns. Not here: how it is read."""

import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass

from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

import commerce
from foundation.tables import Xid8, metadata

# Names, ciphertext and credentials have no use in analysis, and the search vector can be derived: none leaves commerce.
PERSONAL_COLUMNS = frozenset({"phone_encrypted", "email_encrypted", "address_encrypted", "password_hash", "full_name"})
DERIVED_COLUMNS = frozenset({"search_text"})


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

    @property
    def full_name(self) -> str:
        """Name in commerce."""
        return f"{self.schema}.{self.name}"

    @property
    def raw_name(self) -> str:
        """Name in the warehouse."""
        return f"raw.{self.schema}__{self.name}"


def source_tables() -> tuple[SourceTable, ...]:
    """Every extracted table, by name."""
    for service in pkgutil.iter_modules(commerce.__path__):
        if service.ispkg and importlib.util.find_spec(f"commerce.{service.name}.tables"):
            importlib.import_module(f"commerce.{service.name}.tables")
    marked = [table for table in metadata.tables.values() if table.info.get("extracted")]
    return tuple(describe(table) for table in sorted(marked, key=lambda table: table.fullname))


def describe(table: Table) -> SourceTable:
    """The extract of one table, from its definition."""
    hidden = PERSONAL_COLUMNS | DERIVED_COLUMNS
    columns = tuple(_column(column) for column in table.columns if column.name not in hidden)
    key = tuple(column.name for column in table.primary_key)
    return SourceTable(table.schema or "public", table.name, columns, key)


def _column(column: Column[object]) -> SourceColumn:
    if isinstance(column.type, Xid8):
        return SourceColumn(column.name, "bigint", f'"{column.name}"::text::bigint as "{column.name}"')
    kind = column.type.compile(dialect=PGDialect())  # type: ignore[no-untyped-call]
    return SourceColumn(column.name, kind, f'"{column.name}"')
