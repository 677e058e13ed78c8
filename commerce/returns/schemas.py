"""Requests and answers of the returns and disputes API. Not here: rules."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from commerce.catalog.seller_schemas import Sha256

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Wallet = Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=24)]
Reason = Literal["damaged", "wrong_item", "not_as_described", "missing_parts", "changed_mind"]
ReturnState = Literal[
    "requested", "approved", "pickup_booked", "received", "rejected", "refused", "refunded", "exchanged", "withdrawn",
    "lapsed", "closed",
]  # fmt: skip
DisputeState = Literal["opened", "answered", "for_buyer", "for_seller", "withdrawn"]
DisputeKind = Literal["not_received", "return_rejected", "return_refused"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReturnLine(Strict):
    line_no: int = Field(ge=1, le=1000)
    quantity: int = Field(ge=1, le=1000)


class ReturnRequest(Strict):
    order_id: UUID
    lines: list[ReturnLine] = Field(min_length=1, max_length=100)
    reason: Reason
    wish: Literal["refund", "exchange"] = "refund"
    note: Note | None = None
    photos: list[Sha256] = Field([], max_length=10, description="From POST /v1/media.")
    #: Where cash is given back to; the order's phone number if not given.
    wallet: Wallet | None = None

    @model_validator(mode="after")
    def _each_line_once(self) -> "ReturnRequest":
        if len({line.line_no for line in self.lines}) != len(self.lines):
            raise ValueError("name each line once")
        return self


class AnswerRequest(Strict):
    is_approved: bool
    note: Note | None = None


class PickupRequest(Strict):
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9 /-]{1,60}$")] | None = None


class Finding(Strict):
    line_no: int = Field(ge=1, le=1000)
    accepted: int = Field(ge=0, le=1000)
    #: Of those accepted, how many can be sold again; the others are written off.
    good: int = Field(ge=0, le=1000)


class InspectionRequest(Strict):
    findings: list[Finding] = Field(max_length=100)
    note: Note | None = None


class DisputeRequest(Strict):
    """About a return that was rejected or refused, or an order that never came."""

    order_id: UUID
    request_id: UUID | None = None
    note: Note
    photos: list[Sha256] = Field([], max_length=10, description="From POST /v1/media.")
    wallet: Wallet | None = None


class DisputeAnswer(Strict):
    is_conceded: bool
    note: Note


class DecisionRequest(Strict):
    outcome: Literal["for_buyer", "for_seller"]
    note: Note


class WindowRequest(Strict):
    category_path: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    days: int = Field(ge=0, le=60)


class WindowPage(BaseModel):
    items: list[WindowRequest]
    next_cursor: str | None


class CaseLine(BaseModel):
    line_no: int
    quantity: int
    accepted: int | None = None
    good: int | None = None


class ReturnSummary(BaseModel):
    id: UUID
    order_id: UUID
    state: ReturnState
    reason: Reason
    wish: Literal["refund", "exchange"]
    due_at: datetime | None
    created_at: datetime
    closed_at: datetime | None


class ReturnDetail(ReturnSummary):
    lines: list[CaseLine]
    note: str | None
    answer: str | None
    photos: list[str]
    pickup_reference: str | None


class ReturnPage(BaseModel):
    items: list[ReturnSummary]
    next_cursor: str | None


class DisputeSummary(BaseModel):
    id: UUID
    order_id: UUID
    request_id: UUID | None
    kind: DisputeKind
    state: DisputeState
    decided_by: Literal["seller", "deadline", "support"] | None
    due_at: datetime | None
    created_at: datetime
    closed_at: datetime | None


class DisputeDetail(DisputeSummary):
    lines: list[CaseLine]
    note: str | None
    answer: str | None
    decision: str | None
    photos: list[str]


class DisputePage(BaseModel):
    items: list[DisputeSummary]
    next_cursor: str | None
