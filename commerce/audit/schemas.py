"""Answers of the audit API."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class Record(BaseModel):
    """Who did what to which thing; nobody: the platform itself."""

    id: UUID
    actor_id: UUID | None
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any]
    recorded_at: datetime


class Records(BaseModel):
    items: list[Record]
    next_cursor: str | None


class ChainState(BaseModel):
    """Whether the chain over all records holds, and what is wrong if not."""

    links: int
    checkpoints: int
    is_whole: bool
    problem: str | None
