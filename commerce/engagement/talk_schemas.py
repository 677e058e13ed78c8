"""Requests and answers of talk between buyers and sellers. Not here: rules."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ThreadRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seller_id: UUID


class Thread(BaseModel):
    """`waiting_since_at`: since when the buyer waits for an answer."""

    id: UUID
    buyer_id: UUID
    seller_id: UUID
    seller_name: str
    created_at: datetime
    last_message_at: datetime
    waiting_since_at: datetime | None


class Threads(BaseModel):
    items: list[Thread]
    next_cursor: str | None = None


class MessageRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=2000)
    product_id: UUID | None = None


class Message(BaseModel):
    id: UUID
    thread_id: UUID
    written_by: Literal["buyer", "seller"]
    product_id: UUID | None
    text: str
    hidden_kinds: list[str]
    written_at: datetime


class Hidden(BaseModel):
    """Why a part of one's own message was masked."""

    kind: str
    reason: str


class Written(Message):
    """The message as the other side reads it, with what was hidden and why."""

    hidden: list[Hidden]


class Messages(BaseModel):
    items: list[Message]
    next_cursor: str | None = None


class ResponseTime(BaseModel):
    """The last 30 days. `median_seconds` and `within_day_bp` (hundredths of a percent) are empty without answers."""

    answered: int
    median_seconds: int | None
    within_day_bp: int | None
    overdue: int
