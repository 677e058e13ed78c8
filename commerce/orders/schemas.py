"""Requests and answers of the orders API. Not here: rules."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commerce.currencies.schemas import Priced
from commerce.risk.schemas import DecisionAnswer

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LineRequest(Strict):
    offer_id: UUID
    quantity: int = Field(ge=1, le=1000)


class Address(Strict):
    district_code: Annotated[str, StringConstraints(pattern=r"^BD-\d{2}$")] = Field(examples=["BD-13"])
    line: Text
    phone: Annotated[str, StringConstraints(min_length=6, max_length=24)]


class BasketRequest(Strict):
    """Lines to buy, or none to buy what is in the cart."""

    lines: list[LineRequest] | None = Field(None, min_length=1, max_length=100)
    address: Address
    voucher_code: Code | None = None
    voucher_codes: list[Code] = Field([], max_length=5, description="Vouchers in the order in which they apply.")
    expected_total_poisha: int | None = Field(
        None, ge=0, description="The total that the buyer was shown: with another one nothing is ordered."
    )

    @property
    def codes(self) -> list[str]:
        """Every voucher named, each once, in order."""
        single = [self.voucher_code] if self.voucher_code else []
        return list(dict.fromkeys([*single, *self.voucher_codes]))


class PlaceOrderRequest(BasketRequest):
    """A basket and how it is paid."""

    payment_method: Literal["cod", "bkash"]
    device_id: Code | None = None
    payer_wallet: Annotated[str, StringConstraints(max_length=24)] | None = None
    channel: Literal["web", "market"] = "web"


class Discount(BaseModel):
    """What one voucher or bundle gives, on goods and delivery."""

    code: str
    kind: str
    amount_poisha: int


class QuotedLine(BaseModel):
    offer_id: UUID
    quantity: int
    price_poisha: int
    discount_poisha: int
    total_poisha: int
    is_flash: bool


class QuotedOrder(BaseModel):
    seller_id: UUID
    seller_name: str
    shipping_poisha: int
    total_poisha: int
    lines: list[QuotedLine]


class QuoteAnswer(Priced):
    subtotal_poisha: int
    discount_poisha: int
    shipping_poisha: int
    total_poisha: int
    discounts: list[Discount]
    orders: list[QuotedOrder]


class CancelRequest(Strict):
    reason: Text = "changed my mind"


class CancelLineRequest(Strict):
    #: All that is left of the line, if not given.
    quantity: int | None = Field(None, ge=1, le=1000)
    reason: Text = "changed my mind"


class CancelledLine(BaseModel):
    order_id: UUID
    line_no: int
    quantity: int
    worth_poisha: int
    status: str


class TransitionRequest(Strict):
    to: Literal["placed", "shipped", "delivered", "refused", "cancelled"]
    reason: Text | None = None
    courier: Code | None = None


class OrderSummary(BaseModel):
    order_id: UUID
    seller_id: UUID
    seller_name: str
    status: str
    total_poisha: int


class PaymentAnswer(BaseModel):
    attempt_id: UUID
    provider: str
    state: str
    redirect_url: str


class PlacedOrder(BaseModel):
    group_id: UUID
    number: str
    status: str
    placed_at: datetime
    subtotal_poisha: int
    discount_poisha: int
    shipping_poisha: int
    total_poisha: int
    discounts: list[Discount] = []
    orders: list[OrderSummary]
    decision: DecisionAnswer
    payment: PaymentAnswer | None


class GroupSummary(Priced):
    group_id: UUID
    number: str
    placed_at: datetime
    payment_method: str
    total_poisha: int
    discount_poisha: int
    shipping_poisha: int
    orders: list[OrderSummary]


class GroupPage(BaseModel):
    items: list[GroupSummary]
    next_cursor: str | None


class LineDetail(BaseModel):
    offer_id: UUID
    product_id: UUID
    title: str
    quantity: float
    total_poisha: int


class OrderDetail(OrderSummary):
    shipping_poisha: int
    lines: list[LineDetail]


class GroupDetail(Priced):
    group_id: UUID
    number: str
    placed_at: datetime
    payment_method: str
    channel: str
    district_code: str | None
    subtotal_poisha: int
    discount_poisha: int
    shipping_poisha: int
    total_poisha: int
    voucher_code: str | None
    orders: list[OrderDetail]
    payment: dict[str, object] | None
    decision: dict[str, object] | None


class OpenOrder(BaseModel):
    order_id: UUID
    group_id: UUID
    seller_id: UUID
    status: str
    total_poisha: int
    placed_at: datetime
    shipped_at: datetime | None
    payment_method: str
    district_code: str | None
    channel: str


class OpenOrders(BaseModel):
    items: list[OpenOrder]


class MovedOrder(BaseModel):
    order_id: UUID
    group_id: UUID
    status: str


class InvoiceLine(BaseModel):
    title: str
    quantity: float
    subtotal_poisha: int
    discount_poisha: int
    total_poisha: int


class InvoiceOrder(BaseModel):
    seller_name: str
    status: str
    subtotal_poisha: int
    discount_poisha: int
    shipping_poisha: int
    total_poisha: int
    lines: list[InvoiceLine]


class Invoice(BaseModel):
    number: str
    placed_at: datetime
    payment_method: str
    subtotal_poisha: int
    discount_poisha: int
    shipping_poisha: int
    total_poisha: int
    orders: list[InvoiceOrder]


class Reordered(BaseModel):
    """What went into the cart, and what is not sold any more."""

    in_cart: list[UUID]
    not_sold: list[UUID]
