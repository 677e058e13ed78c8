"""Requests and answers of notifications. Not here: rules."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Category = Literal["order", "payment", "promotion", "message", "account"]
ChannelName = Literal["sms", "email", "push"]
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["22:00"])]


class Notice(BaseModel):
    id: UUID
    category: Category
    template: str
    title: str
    body: str
    created_at: datetime
    read_at: datetime | None


class Notices(BaseModel):
    items: list[Notice]
    unread: int
    next_cursor: str | None = None


class Choice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    category: Category
    channel: ChannelName
    is_on: bool


class Preferences(BaseModel):
    """Quiet hours are in Dhaka; equal times mean none. Urgent messages (payments) ignore them and digests."""

    model_config = ConfigDict(extra="forbid")

    choices: list[Choice] = Field(default_factory=list, max_length=15)
    quiet_from: ClockTime = "22:00"
    quiet_until: ClockTime = "08:00"
    digest_categories: list[Literal["order", "promotion", "message"]] = Field(default_factory=list, max_length=3)


class DeviceRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=8, max_length=4096)
    platform: Literal["android", "ios", "web"]
