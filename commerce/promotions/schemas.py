"""Requests and answers of the promotions API. Not here: rules."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z0-9_-]{3,32}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Poisha = Annotated[int, Field(ge=0, le=10**12)]
Count = Annotated[int, Field(ge=1, le=10_000_000)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Timed(Strict):
    starts_at: AwareDatetime
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be later than starts_at")
        return self


class SellerVoucherRequest(Timed):
    """A voucher that the seller pays for, on the seller's own goods."""

    code: Code
    kind: Literal["percent", "fixed", "free_shipping"]
    discount_bp: int = Field(0, ge=0, le=10_000)
    amount_poisha: Poisha = 0
    max_discount_poisha: Poisha
    min_subtotal_poisha: Poisha = 0
    limit_total: Count
    limit_per_buyer: int = Field(1, ge=1, le=1000)

    @model_validator(mode="after")
    def _gives_something(self) -> Self:
        if self.kind == "percent" and self.discount_bp == 0:
            raise ValueError("a percent voucher needs discount_bp")
        if self.kind == "fixed" and self.amount_poisha == 0:
            raise ValueError("a fixed voucher needs amount_poisha")
        return self


class VoucherRequest(SellerVoucherRequest):
    """A voucher of the platform; sellers may bear a part of it."""

    platform_bp: int = Field(10_000, ge=0, le=10_000)
    stack_group: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")] = "basket"
    scope_seller_id: UUID | None = None
    scope_category: Annotated[str, StringConstraints(max_length=300)] | None = None
    campaign_id: UUID | None = None


class Voucher(BaseModel):
    code: str
    kind: str
    discount_bp: int
    amount_poisha: int
    max_discount_poisha: int
    min_subtotal_poisha: int
    limit_total: int
    limit_per_buyer: int
    redeemed: int = 0
    platform_bp: int
    stack_group: str
    scope_seller_id: UUID | None
    scope_category: str | None
    campaign_id: UUID | None
    starts_at: datetime
    ends_at: datetime


class Vouchers(BaseModel):
    items: list[Voucher]
    next_cursor: str | None


class CampaignRequest(Timed):
    code: Code
    name_en: Name
    name_bn: Name | None = None


class Campaign(BaseModel):
    id: UUID
    code: str
    name: str
    starts_at: datetime
    ends_at: datetime


class Campaigns(BaseModel):
    items: list[Campaign]


class CampaignMade(BaseModel):
    id: UUID


class BundleItem(Strict):
    offer_id: UUID
    quantity: int = Field(1, ge=1, le=100)


class BundleRequest(Timed):
    code: Code
    name_en: Name
    discount_bp: int = Field(ge=1, le=9_000)
    items: list[BundleItem] = Field(min_length=2, max_length=20)


class Bundle(BaseModel):
    id: UUID
    code: str
    name_en: str
    discount_bp: int
    starts_at: datetime
    ends_at: datetime
    items: list[BundleItem]


class Bundles(BaseModel):
    items: list[Bundle]


class FlashSlotRequest(Timed):
    """Goods at a special price for a while; the stock is set aside when it starts."""

    offer_id: UUID
    campaign_id: UUID | None = None
    price_poisha: int = Field(ge=1, le=10**12)
    quantity: int = Field(ge=1, le=1_000_000)
    per_buyer: int = Field(1, ge=1, le=1000)
    admit_at_once: int = Field(0, ge=0, le=1_000_000)
    admit_per_second: int | None = Field(None, ge=1, le=100_000)


class FlashSlot(BaseModel):
    id: UUID
    offer_id: UUID
    seller_id: UUID
    price_poisha: int
    quantity: int
    left_over: int
    per_buyer: int
    state: str
    has_queue: bool
    starts_at: datetime
    ends_at: datetime


class FlashSlots(BaseModel):
    items: list[FlashSlot]
    next_cursor: str | None


class QueueTicket(BaseModel):
    slot_id: UUID
    ticket_no: int
    admitted_in_seconds: int
