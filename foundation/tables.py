"""Shared column shapes for PostgreSQL tables: keys, instants, the change marker of the closed-set extract.

Here: what every service's `tables.py` builds on. Not here: any table of a shop.
"""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Index, MetaData, Table, Text, event, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import UserDefinedType

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=NAMING)


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id: never wraps, totally ordered, comparable with the snapshot horizon."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def uuid_key(name: str = "id") -> Column[Any]:
    """Primary key column; the value (UUID version 7) is made in Python, see `foundation.ids`."""
    return Column(name, UUID(as_uuid=True), primary_key=True)


def reference(name: str, *, nullable: bool = False) -> Column[Any]:
    """Identifier of a row, possibly of another service: services never join across schemas by foreign key."""
    return Column(name, UUID(as_uuid=True), nullable=nullable)


def instant(name: str, *, nullable: bool = False, default_now: bool = False) -> Column[Any]:
    """UTC instant (`*_at`)."""
    default = text("now()") if default_now else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def poisha(name: str, *, nullable: bool = False, default: int | None = None) -> Column[Any]:
    """Money in integer poisha (1 taka = 100 poisha)."""
    return Column(name, BigInteger, nullable=nullable, server_default=None if default is None else text(str(default)))


def word(name: str, *choices: str, nullable: bool = False, default: str | None = None) -> Column[Any]:
    """Short text drawn from a closed set, guarded by a CHECK constraint of its table."""
    column: Column[Any] = Column(name, Text, nullable=nullable, server_default=default)
    allowed = ", ".join(f"'{choice}'" for choice in choices)

    def guard(_: Column[Any], table: Table) -> None:
        # A check given to the column itself is left out of generated migrations.
        table.append_constraint(CheckConstraint(f"{name} in ({allowed})", name=name))

    if choices:
        event.listen(column, "after_parent_attach", guard)
    return column


def changed_xid() -> Column[Any]:
    """Transaction that last wrote the row; set by default on insert and by the trigger `touch_changed_xid` on update.

    The warehouse reads rows with `lo <= changed_xid < platform.horizon()`: a closed set.
    """
    return Column("changed_xid", Xid8(), nullable=False, server_default=text("pg_current_xact_id()"))


def extracted(
    table: Table, *, private: tuple[str, ...] = (), tracked: tuple[str, ...] = (), is_deletable: bool = False
) -> Table:
    """Mark a table as read by the warehouse: index its change marker and have the trigger keep it true.

    Columns in `private` (names, free text, places) never leave commerce. The old values of `tracked` columns are kept in
    `platform.row_history`; from a table that is `is_deletable` rows may be deleted, and leave a tombstone there.
    """
    Index(f"ix_{table.name}_changed_xid", table.c.changed_xid)
    unknown = {*private, *tracked} - {column.name for column in table.columns}
    if unknown:
        raise ValueError(f"{table.fullname} has no column {', '.join(sorted(unknown))}")
    table.info.update(extracted=True, private=private, tracked=tracked, is_deletable=is_deletable)
    return table
