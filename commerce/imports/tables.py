"""Tables of imports: one run per file and mapping, and every row that was refused. Not here: the imported rows."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key

runs = extracted(
    Table(
        "runs",
        metadata,
        uuid_key(),
        Column("source", Text, nullable=False),
        Column("file_name", Text, nullable=False),
        # Same content under the same mapping is the same import.
        Column("file_sha256", Text, nullable=False),
        Column("mapping_sha256", Text, nullable=False),
        # Rows, units and money: in the file, imported, rejected.
        Column("report", JSONB, nullable=False),
        instant("started_at"),
        instant("finished_at"),
        changed_xid(),
        UniqueConstraint("source", "file_sha256", "mapping_sha256"),
        schema="imports",
    )
)

rejects = extracted(
    Table(
        "rejects",
        metadata,
        reference("run_id"),
        Column("row_number", BigInteger, nullable=False),
        Column("reason", Text, nullable=False),
        Column("quantity_milli", BigInteger),
        Column("amount_poisha", BigInteger),
        Column("row", JSONB, nullable=False),
        changed_xid(),
        PrimaryKeyConstraint("run_id", "row_number"),
        schema="imports",
    )
)
