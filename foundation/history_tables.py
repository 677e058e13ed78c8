"""What rows were before they changed or went: written by triggers, read by the warehouse. Not here: tables of a shop.

A table that is `extracted(..., tracked=...)` leaves the old values of those columns behind whenever one of them changes;
one that is `extracted(..., is_deletable=True)` leaves a tombstone with them. Inserts, by far most writes, cost nothing.
"""

from sqlalchemy import BigInteger, Boolean, Column, Identity, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import changed_xid, extracted, instant, metadata

row_history = extracted(
    Table(
        "row_history",
        metadata,
        # Drawn under the lock of the row it tells of: in order for each row.
        Column("seq", BigInteger, Identity(), primary_key=True),
        Column("table_name", Text, nullable=False),
        Column("row_key", JSONB, nullable=False),
        # The tracked columns as they were until `ended_at`.
        Column("was", JSONB, nullable=False),
        Column("is_deleted", Boolean, nullable=False),
        instant("ended_at"),
        changed_xid(),
        schema="platform",
    )
)
