"""Requests and answers of the shipping API. Not here: rules."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=300)]
ParcelState = Literal[
    "created", "submitted", "unknown", "booked", "picked_up", "in_transit", "delivered", "refused", "returned", "lost",
    "cancelled",
]  # fmt: skip
OrderState = Literal["pending_payment", "on_hold", "placed", "shipped", "delivered", "refused", "cancelled"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadyRequest(Strict):
    weight_grams: int = Field(500, ge=1, le=10_000)


class SettleRequest(Strict):
    """The consignment the courier has, or none if it booked nothing."""

    consignment_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{6,40}$")] | None = None


class ResolveRequest(Strict):
    resolution: Note
    is_written_off: bool = False


class ParcelAnswer(BaseModel):
    shipment_id: UUID
    order_id: UUID
    courier: str
    state: ParcelState
    consignment_id: str | None
    collect_taka: int
    refusal: str | None


class Step(BaseModel):
    event: str
    state: str
    reason: str | None
    occurred_at: datetime


class Tracking(BaseModel):
    order_id: UUID
    status: OrderState
    courier: str | None
    consignment_id: str | None
    parcel_state: ParcelState | None
    promised_by: datetime | None
    is_late: bool
    steps: list[Step]


class SellerLine(BaseModel):
    line_no: int
    offer_id: UUID
    title: str
    quantity: float
    total_poisha: int


class SellerOrderRow(BaseModel):
    order_id: UUID
    number: str
    status: OrderState
    payment_method: str
    district_code: str | None
    total_poisha: int
    placed_at: datetime
    promised_by: datetime | None
    parcel_state: ParcelState | None
    consignment_id: str | None
    refusal: str | None
    lines: list[SellerLine]


class SellerOrders(BaseModel):
    items: list[SellerOrderRow]
    next_cursor: str | None


class CourierPrice(BaseModel):
    courier: str
    delivery_fee_poisha: int


class RemittanceRow(BaseModel):
    id: UUID
    courier: str
    invoice_id: str
    collected_poisha: int
    fee_poisha: int
    paid_poisha: int
    paid_at: datetime
    open_breaks: int


class RemittancePage(BaseModel):
    items: list[RemittanceRow]
    next_cursor: str | None


class BreakRow(BaseModel):
    id: UUID
    courier: str
    invoice_id: str
    consignment_id: str
    order_id: UUID | None
    kind: str
    expected_poisha: int
    got_poisha: int
    state: Literal["open", "resolved"]
    resolution: str | None
    found_at: datetime


class BreakPage(BaseModel):
    items: list[BreakRow]
    next_cursor: str | None


class ResolvedBreak(BaseModel):
    id: UUID
    state: Literal["resolved"] = "resolved"


class OutstandingCash(BaseModel):
    shipment_id: UUID
    order_id: UUID
    courier: str
    consignment_id: str
    cod_poisha: int
    delivered_at: datetime


class OutstandingPage(BaseModel):
    items: list[OutstandingCash]
    next_cursor: str | None


class Taken(BaseModel):
    status: Literal["taken"] = "taken"
