"""Requests and answers of the scoring API. Not here: how a decision is made."""

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Poisha = Annotated[int, Field(ge=0, le=10**13)]
Index = Annotated[str, StringConstraints(min_length=1, max_length=128)] | None


class ScoreRequest(BaseModel):
    """A checkout to be judged. Keys of device, phone and wallet are keyed hashes, never the values."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    event_id: UUID
    event_type: Literal["checkout"]
    occurred_at: AwareDatetime
    buyer_id: UUID
    buyer_created_at: AwareDatetime | None = None
    payment_method: Literal["cod", "bkash"]
    amount_poisha: Poisha
    subtotal_poisha: Poisha
    discount_poisha: Poisha = 0
    item_count: int = Field(ge=1, le=1_000_000)
    seller_count: int = Field(ge=1, le=1_000)
    max_line_poisha: Poisha
    district_code: Index = None
    device_index: Index = None
    phone_index: Index = None
    payer_index: Index = None
    voucher_code: Index = None
    channel: Annotated[str, StringConstraints(max_length=32)] = "web"

    @model_validator(mode="after")
    def _discount_within_subtotal(self) -> Self:
        if self.discount_poisha > self.subtotal_poisha:
            raise ValueError("discount_poisha is more than subtotal_poisha")
        return self


class Reason(BaseModel):
    code: str
    text: str


class ScoreAnswer(BaseModel):
    decision_id: UUID
    event_id: UUID
    action: Literal["allow", "review", "decline"]
    score: float
    reasons: list[Reason]
    model_version: str
    # "model", or "rules:<why the model did not answer>".
    source: str
    # Where the online features were read: "postgresql" when Valkey is away, "nowhere" when both are.
    features_from: Literal["valkey", "postgresql", "nowhere"] = "valkey"
    latency_ms: float
    features: dict[str, float | None]


class Week(BaseModel):
    week_no: int
    starts_on: date
    expected_units: float
    quantiles: dict[str, float]


class Forecast(BaseModel):
    key: str
    category_path: str
    model_version: str
    weeks: list[Week]


class Proposals(BaseModel):
    model_version: str
    items: list[dict[str, object]]
    next_cursor: str | None
