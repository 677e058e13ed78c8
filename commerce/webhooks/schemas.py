"""Requests and answers of webhooks. Not here: rules."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

EventType = Literal[
    "order.placed", "order.released", "order.on_hold", "order.shipped", "order.delivered", "order.refused",
    "order.cancelled", "inventory.stock_low", "inventory.stock_recovered", "return.requested", "return.withdrawn",
    "return.lapsed", "return.refunded", "dispute.opened", "dispute.for_buyer", "dispute.for_seller",
]  # fmt: skip
Url = Annotated[str, Field(min_length=10, max_length=2000)]
EventTypes = Annotated[list[EventType], Field(min_length=1, max_length=20)]


class EndpointRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Url
    event_types: EventTypes
    description: str = Field("", max_length=200)


class EndpointChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    event_types: EventTypes | None = None
    description: str | None = Field(None, max_length=200)
    state: Literal["active", "disabled"] | None = None


class Endpoint(BaseModel):
    id: UUID
    url: str
    description: str
    event_types: list[str]
    state: Literal["active", "disabled"]
    disabled_reason: str | None
    failures: int
    created_at: datetime
    old_secret_until_at: datetime | None


class Endpoints(BaseModel):
    items: list[Endpoint]
    next_cursor: str | None = None


class Secret(BaseModel):
    """Shown this once. With a change of secrets the old one signs as well until `old_until_at`."""

    id: UUID
    secret: str
    old_until_at: datetime | None = None


class Attempt(BaseModel):
    try_no: int
    status_code: int | None
    reason: str | None
    duration_ms: int
    attempted_at: datetime


class Delivery(BaseModel):
    id: UUID
    event_id: UUID
    event_type: str
    state: Literal["pending", "delivered", "failed"]
    tries: int
    replay_no: int
    created_at: datetime
    next_try_at: datetime
    closed_at: datetime | None
    attempts: list[Attempt]


class Deliveries(BaseModel):
    items: list[Delivery]
    next_cursor: str | None = None


class ReplayRequest(BaseModel):
    """One delivery, or all since an instant."""

    model_config = ConfigDict(extra="forbid")

    delivery_id: UUID | None = None
    since: AwareDatetime | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_of_both(cls, values: Any) -> Any:
        if isinstance(values, dict) and (values.get("delivery_id") is None) == (values.get("since") is None):
            raise ValueError("give either delivery_id or since")
        return values


class Queued(BaseModel):
    queued: int
