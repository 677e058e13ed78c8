"""Requests and answers of the inventory API."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ReceiptRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    hub_id: UUID
    quantity: int = Field(ge=1, le=1_000_000)


class StockRow(BaseModel):
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
