"""Requests and answers of the cart API."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from commerce.currencies.schemas import Priced


class PutLineRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    quantity: int = Field(ge=1, le=1000)
    is_saved: bool | None = Field(None, description="Saved for later: kept, but not ordered with the cart.")


class MergeRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    guest_token: str = Field(min_length=20, max_length=4096, description="Access token of the guest whose cart it is.")


class Notice(BaseModel):
    code: str
    text: str


class CartLine(Priced):
    offer_id: UUID
    product_id: UUID
    title: str
    seller_id: UUID
    seller_name: str
    quantity: int
    price_poisha: int
    total_poisha: int
    # What changed since it was put in: the price seen then (if different), and whether it can still be had.
    seen_price_poisha: int
    is_available: bool
    notices: list[Notice]


class Cart(Priced):
    lines: list[CartLine]
    saved: list[CartLine]
    subtotal_poisha: int
