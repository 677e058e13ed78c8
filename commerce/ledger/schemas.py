"""Requests and answers of the ledger's API."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ReservePolicy(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    reserve_bp: int = Field(ge=0, le=10_000)
    hold_days: int = Field(ge=1, le=180)


class StatementLine(BaseModel):
    business_on: date
    transfer_id: UUID
    entry_no: int
    kind: str
    reference: str
    order_id: UUID | None
    amount_poisha: int


class Statement(BaseModel):
    """What we owe the seller: positive amounts are the seller's."""

    seller_id: UUID
    from_on: date
    to_on: date
    opening_poisha: int
    closing_poisha: int
    #: Held back at the end of the last day, beside the closing balance.
    reserve_poisha: int
    lines: list[StatementLine]
    next_cursor: str | None


class EscrowRow(BaseModel):
    order_id: UUID
    captured_poisha: int
    escrow_poisha: int
    released_poisha: int
    refunded_poisha: int


class EscrowViolations(BaseModel):
    items: list[EscrowRow]


class AccountBalance(BaseModel):
    kind: str
    balance_poisha: int


class Balances(BaseModel):
    items: list[AccountBalance]
