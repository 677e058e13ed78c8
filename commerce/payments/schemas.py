"""Answers of the payments API."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class AttemptAnswer(BaseModel):
    attempt_id: UUID
    group_id: UUID
    provider: str
    state: str
    amount_poisha: int


class RefundRow(BaseModel):
    id: UUID
    order_id: UUID
    amount_poisha: int
    state: str
    provider: str | None = None
    created_at: datetime | None = None
    resolved_at: datetime | None = None


class RefundPage(BaseModel):
    items: list[RefundRow]
    next_cursor: str | None


class DestinationRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    wallet: str = Field(min_length=6, max_length=24)
