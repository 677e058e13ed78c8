"""Requests and answers of the risk API. Not here: the policy, scoring."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Reason(BaseModel):
    code: str
    text: str


class DecisionAnswer(BaseModel):
    decision_id: UUID | None = None
    action: str
    score: float | None
    reasons: list[Reason]
    source: str
    model_version: str
    latency_ms: float


class LabelRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    group_id: UUID
    is_fraud: bool
    origin: Literal["wallet_dispute", "analyst"]
    occurred_at: AwareDatetime


class LabelAnswer(BaseModel):
    group_id: UUID
    is_new: bool


class KeptDecision(BaseModel):
    group_id: UUID
    number: str | None
    action: str
    score: float | None
    reasons: list[Reason]
    source: str
    model_version: str
    decided_at: datetime
    total_poisha: int | None
    payment_method: str | None


class KeptDecisions(BaseModel):
    items: list[KeptDecision]
