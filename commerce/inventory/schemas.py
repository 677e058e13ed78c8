"""Requests and answers of the inventory API. Not here: rules."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{1,32}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReceiptRequest(Strict):
    hub_id: UUID
    quantity: Quantity


class WriteOffRequest(ReceiptRequest):
    reason: Literal["broken", "expired", "lost", "stolen", "miscounted"]


class Shelf(BaseModel):
    """Stock of an offer in one hub: received = on hand + shipped + written off; reserved goods are on hand."""

    received: int
    on_hand: int
    reserved: int
    shipped: int
    written_off: int


class HubLevel(BaseModel):
    hub_id: UUID
    hub_code: str
    hub_name: str
    on_hand: int
    reserved: int
    available: int


class Levels(BaseModel):
    items: list[HubLevel]


class HubRequest(Strict):
    code: Code
    name: Text
    district_code: Annotated[str, StringConstraints(pattern=r"^BD-\d{2}$")] = Field(examples=["BD-13"])


class Hub(BaseModel):
    hub_id: UUID
    code: str
    name: str
    district_code: str


class Hubs(BaseModel):
    items: list[Hub]


class HubOpened(BaseModel):
    hub_id: UUID


class Movement(BaseModel):
    id: int
    hub_id: UUID
    kind: str
    quantity: int
    reference: str | None
    occurred_at: datetime


class Movements(BaseModel):
    items: list[Movement]
    next_cursor: str | None


class TransferRequest(Strict):
    offer_id: UUID
    from_hub_id: UUID
    to_hub_id: UUID
    quantity: Quantity


class Transfer(BaseModel):
    id: UUID
    offer_id: UUID
    from_hub_id: UUID
    to_hub_id: UUID
    quantity: int
    state: str
    sent_at: datetime
    ended_at: datetime | None


class Transfers(BaseModel):
    items: list[Transfer]
    next_cursor: str | None


class TransferEnd(Strict):
    state: Literal["received", "returned"]


class WatchRequest(Strict):
    threshold: int = Field(ge=0, le=1_000_000)


class PurchaseLineRequest(Strict):
    offer_id: UUID
    quantity: Quantity
    unit_cost_poisha: int = Field(ge=0, le=10**12)


class PurchaseOrderRequest(Strict):
    seller_id: UUID
    hub_id: UUID
    supplier: Text
    expected_on: date | None = None
    lines: list[PurchaseLineRequest] = Field(min_length=1, max_length=500)


class PurchaseLine(BaseModel):
    offer_id: UUID
    quantity: int
    received: int
    unit_cost_poisha: int


class PurchaseOrder(BaseModel):
    id: UUID
    number: str
    seller_id: UUID
    hub_id: UUID
    supplier: str
    state: str
    expected_on: date | None
    created_at: datetime
    closed_at: datetime | None
    lines: list[PurchaseLine]


class PurchaseOrders(BaseModel):
    items: list[PurchaseOrder]
    next_cursor: str | None


class ReceivedLine(Strict):
    offer_id: UUID
    quantity: Quantity


class ReceivedLines(Strict):
    lines: list[ReceivedLine] = Field(min_length=1, max_length=500)


class PurchaseAction(Strict):
    action: Literal["approve", "send", "cancel"]
