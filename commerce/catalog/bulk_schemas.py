"""Answers about sellers' files. Not here: columns of the files (see `bulk_rows`)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class Job(BaseModel):
    """A file and how far it is; `rows_done` of `rows`."""

    job_id: UUID
    state: Literal["waiting", "done", "failed"]
    is_dry_run: bool
    rows: int
    rows_done: int
    rows_created: int
    rows_changed: int
    rows_unchanged: int
    rows_refused: int
    submitted_at: datetime
    finished_at: datetime | None


class JobPage(BaseModel):
    items: list[Job]
    next_cursor: str | None


class RowError(BaseModel):
    """Why a row was refused. The header is row 1."""

    row_number: int
    column: str
    reason: str


class RowErrors(BaseModel):
    items: list[RowError]
    next_cursor: str | None
