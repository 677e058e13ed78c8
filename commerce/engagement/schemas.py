"""Requests and answers of lists and coins. Not here: talk with sellers (`talk_schemas`)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Wish(BaseModel):
    product_id: UUID
    title: str
    price_poisha: int | None
    price_then_poisha: int | None
    added_at: datetime


class Wishes(BaseModel):
    items: list[Wish]
    next_cursor: str | None = None


class FollowedShop(BaseModel):
    seller_id: UUID
    name: str
    followers: int
    followed_at: datetime


class FollowedShops(BaseModel):
    items: list[FollowedShop]
    next_cursor: str | None = None


class ViewRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    product_id: UUID


class View(BaseModel):
    product_id: UUID
    title: str
    price_poisha: int | None
    viewed_at: datetime


class Views(BaseModel):
    items: list[View]
    next_cursor: str | None = None


class CoinEntry(BaseModel):
    id: UUID
    kind: Literal["earned", "spent", "expired"]
    coins: int
    reference: str
    expires_at: datetime | None
    recorded_at: datetime


class Coins(BaseModel):
    """`ending_soon`: coins that end within 30 days."""

    balance: int
    ending_soon: int
    items: list[CoinEntry]
    next_cursor: str | None = None
