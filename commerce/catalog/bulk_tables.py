"""Tables of sellers' files: jobs, the rows still to do, the rows that were refused. Not here: what a row means."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import instant, metadata, reference, uuid_key, word

bulk_jobs = Table(
    "bulk_jobs",
    metadata,
    uuid_key(),
    reference("seller_id"),
    reference("submitted_by"),
    word("state", "waiting", "done", "failed", default="waiting"),
    Column("is_dry_run", Boolean, nullable=False),
    Column("file_sha256", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("rows_done", Integer, nullable=False, server_default=text("0")),
    Column("rows_created", Integer, nullable=False, server_default=text("0")),
    Column("rows_changed", Integer, nullable=False, server_default=text("0")),
    Column("rows_unchanged", Integer, nullable=False, server_default=text("0")),
    Column("rows_refused", Integer, nullable=False, server_default=text("0")),
    instant("submitted_at", default_now=True),
    instant("finished_at", nullable=True),
    CheckConstraint("rows_done = rows_created + rows_changed + rows_unchanged + rows_refused", name="counted"),
    schema="catalog",
)
Index("ix_bulk_jobs_seller_id", bulk_jobs.c.seller_id, bulk_jobs.c.id)
Index("ix_bulk_jobs_waiting", bulk_jobs.c.id, postgresql_where=text("state = 'waiting'"))

# Rows of a file between upload and their turn; gone when the job is done.
bulk_rows = Table(
    "bulk_rows",
    metadata,
    reference("job_id"),
    Column("row_number", Integer, nullable=False),
    Column("cells", JSONB, nullable=False),
    PrimaryKeyConstraint("job_id", "row_number"),
    schema="catalog",
)

bulk_errors = Table(
    "bulk_errors",
    metadata,
    reference("job_id"),
    Column("row_number", Integer, nullable=False),
    Column("column_name", Text, nullable=False),
    # The English template and what fills it: translated when it is read.
    Column("reason", Text, nullable=False),
    Column("params", JSONB, nullable=False, server_default=text("'{}'")),
    PrimaryKeyConstraint("job_id", "row_number", "column_name"),
    schema="catalog",
)
