"""Requests and answers of the cart API."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class PutLineRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    quantity: int = Field(ge=1, le=1000)


class CartLine(BaseModel):
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


class Cart(BaseModel):
    lines: list[CartLine]
    subtotal_poisha: int
