"""Answers of the payments API."""

from uuid import UUID

from pydantic import BaseModel


class AttemptAnswer(BaseModel):
    attempt_id: UUID
    group_id: UUID
    provider: str
    state: str
    amount_poisha: int
