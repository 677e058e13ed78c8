"""Requests and answers of the payouts API. Not here: rules."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commerce.payouts.rules import MINIMUM_POISHA

BatchState = Literal["proposed", "approved", "rejected", "done"]
ItemState = Literal["proposed", "pending", "submitted", "unknown", "paid", "failed", "returned", "dropped"]
SkipReason = Literal[
    "below_minimum", "owes", "not_selling", "no_account", "account_in_review", "account_changed", "under_way"
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class ProposalRequest(BaseModel):
    """Pay what was earned until the end of a day; yesterday if not given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    until_on: date | None = None
    minimum_poisha: int = Field(MINIMUM_POISHA, ge=1, le=10**9)


class DecisionRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Note | None = None


class Batch(BaseModel):
    id: UUID
    state: BatchState
    until_on: date
    minimum_poisha: int
    item_count: int
    amount_poisha: int
    paid_poisha: int
    skipped_count: int
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    note: str | None
    closed_at: datetime | None


class BatchPage(BaseModel):
    items: list[Batch]
    next_cursor: str | None


class Payout(BaseModel):
    id: UUID
    batch_id: UUID
    seller_id: UUID
    state: ItemState
    amount_poisha: int
    method: Literal["bank", "wallet"]
    account_tail: str = Field(description="Last four digits of the account.")
    reference: str = Field(description="What the transfer is called on the bank's statement.")
    failure: str | None
    created_at: datetime
    resolved_at: datetime | None


class PayoutPage(BaseModel):
    items: list[Payout]
    next_cursor: str | None


class Skipped(BaseModel):
    seller_id: UUID
    reason: SkipReason
    balance_poisha: int


class SkippedPage(BaseModel):
    items: list[Skipped]
    next_cursor: str | None


class PayoutAccountState(BaseModel):
    """Where the seller's money goes and what is owed now."""

    method: Literal["bank", "wallet"] | None
    account_tail: str | None
    is_in_review: bool
    held_until: datetime | None = Field(description="After a change nothing is sent before this instant.")
    balance_poisha: int
    due_poisha: int = Field(description="What the next payout would be, at most.")
