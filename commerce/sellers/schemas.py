"""Requests and answers of the sellers API. Not here: rules."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text80 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
DistrictCode = Annotated[str, StringConstraints(pattern=r"^BD-\d{2}$")]
MemberRole = Literal["seller_owner", "seller_staff"]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenRequest(Request):
    name: Text80 = Field(description="Of the shop, shown to everybody.")
    legal_name: Name = Field(description="Of the owner, as on the identity card; compared with every paper.")
    description: Annotated[str, StringConstraints(max_length=2000)] = ""
    district_code: DistrictCode | None = None
    dbid: Text80 | None = Field(None, description="Digital Business Identity, if registered.")


class Opened(BaseModel):
    seller_id: UUID
    status: str
    access_token: str = Field(description="Carries the new rights; the old token does not.")
    expires_in: int
    scopes: list[str]


class PublicSeller(BaseModel):
    id: UUID
    name: str
    description: str
    dbid: str | None
    district_code: str | None
    is_trusted: bool
    holiday_until: datetime | None
    created_at: datetime


class OwnShop(BaseModel):
    id: UUID
    code: str
    name: str
    legal_name: str | None
    status: str
    tier: str
    orders_per_day: int | None
    payout_hold_days: int
    holiday_until: datetime | None
    district_code: str | None
    area_code: str | None
    pickup_line: str | None
    pickup_phone: str | None
    description: str
    dbid: str | None
    commission_bp: int
    created_at: datetime


class ProfileChange(Request):
    """Only what is given changes."""

    name: Text80 | None = None
    description: Annotated[str, StringConstraints(max_length=2000)] | None = None
    dbid: Text80 | None = None
    district_code: DistrictCode | None = None
    area_code: Text80 | None = None
    pickup_line: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)] | None = None
    pickup_phone: Annotated[str, StringConstraints(min_length=6, max_length=24)] | None = None


class HolidayRequest(Request):
    until: datetime | None = Field(description="Instant with time zone; null ends the holiday.")


class Reason(BaseModel):
    code: str
    text: str


class RequirementState(BaseModel):
    requirement: str
    family: str
    is_required: bool
    methods: list[str]
    state: Literal["open", "met", "pending", "accepted", "rejected", "waived"]
    reasons: list[Reason] = []
    number_tail: str | None = None
    due_at: datetime | None = None


class Requirements(BaseModel):
    items: list[RequirementState]
    missing_for_review: list[str]
    missing_for_approval: list[str]
    next_cursor: str | None = None


class SubmissionRequest(Request):
    method: Text80 = Field(examples=["nid"])
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = None
    routing_number: Annotated[str, StringConstraints(max_length=20)] | None = None
    name: Name | None = Field(None, description="As written on the paper or account.")
    issuer: Text80 | None = None
    expires_on: date | None = None
    document_id: UUID | None = None
    terms_version: Text80 | None = None


class Submission(BaseModel):
    id: UUID
    requirement: str
    status: str
    decision: str
    risk_score: int
    reasons: list[Reason]
    due_at: datetime | None


class DocumentRow(BaseModel):
    id: UUID
    media_type: str
    size_bytes: int
    sha256: str
    uploaded_at: datetime


class ShopStatus(BaseModel):
    seller_id: UUID
    status: str
    tier: str
    holiday_until: datetime | None


class ReasonRequest(Request):
    reason: Why


class TierRequest(ReasonRequest):
    tier: Literal["new", "standard", "trusted"]


class WaiveRequest(ReasonRequest):
    requirement: Text80


class DecisionRequest(Request):
    decision: Literal["accept", "reject"]
    reasons: Annotated[list[Text80], Field(min_length=1, max_length=5)]
    note: Annotated[str, StringConstraints(max_length=300)] | None = None


class QueueRow(BaseModel):
    id: UUID
    seller_id: UUID
    seller_name: str
    seller_status: str
    requirement: str
    method: str
    reasons: list[Reason]
    risk_score: int
    submitted_at: datetime
    due_at: datetime
    is_overdue: bool


class QueuePage(BaseModel):
    items: list[QueueRow]
    next_cursor: str | None


class SubmissionDetail(BaseModel):
    id: UUID
    seller_id: UUID
    requirement: str
    method: str
    status: str
    reasons: list[Reason]
    risk_score: int
    given_name: str | None
    documented_name: str | None
    number_tail: str | None
    issuer: str | None
    expires_on: date | None
    document_id: UUID | None
    submitted_at: datetime
    due_at: datetime | None


class Member(BaseModel):
    user_id: UUID
    full_name: str
    role: str
    joined_at: datetime


class MemberPage(BaseModel):
    items: list[Member]
    next_cursor: str | None


class RoleRequest(Request):
    role: MemberRole


class InviteRequest(RoleRequest):
    phone: Annotated[str, StringConstraints(min_length=6, max_length=24)] | None = None
    email: (
        Annotated[
            str, StringConstraints(strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")
        ]
        | None
    ) = None
    locale: Literal["en", "bn", "hi"] = "bn"


class Invite(BaseModel):
    id: UUID
    role: str
    contact_kind: str
    created_at: datetime
    expires_at: datetime


class InvitePage(BaseModel):
    items: list[Invite]
    next_cursor: str | None


class AcceptRequest(Request):
    token: Annotated[str, StringConstraints(min_length=10, max_length=100)]


class Scores(BaseModel):
    days: int
    orders: int
    delivered: int
    cancelled: int
    refused: int
    shipped: int
    shipped_on_time: int
    late: int
    returned_for_fault: int
    disputes_lost: int
    cancelled_bp: int | None = Field(description="Of all orders, in hundredths of a percent; null without orders.")
    refused_bp: int | None = Field(description="Of orders that reached the door.")
    on_time_bp: int | None = Field(description="Of shipped orders.")
    fault_bp: int | None = Field(
        description="Delivered orders that came back through the seller's fault, or were lost in a dispute."
    )


class Scorecard(BaseModel):
    seller_id: UUID
    periods: list[Scores]
