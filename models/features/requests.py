"""The numbers that come with a checkout request: the online twin of `catalogue.request_columns`. Pure."""

import math
from dataclasses import dataclass
from datetime import datetime

from foundation.clock import DHAKA


@dataclass(frozen=True, kw_only=True)
class CheckoutFacts:
    """What a checkout says about itself; keys of entities stand apart."""

    occurred_at: datetime
    payment_method: str
    amount_poisha: int
    subtotal_poisha: int
    discount_poisha: int
    item_count: int
    seller_count: int
    max_line_poisha: int
    has_voucher: bool
    has_device: bool
    buyer_created_at: datetime | None = None


def request_values(facts: CheckoutFacts) -> dict[str, float]:
    """Values by name, in the order of `catalogue.REQUEST`."""
    local = facts.occurred_at.astimezone(DHAKA)
    subtotal = float(facts.subtotal_poisha)
    return {
        "amount_poisha": float(facts.amount_poisha),
        "subtotal_poisha": subtotal,
        "discount_ratio": float(facts.discount_poisha) / subtotal if subtotal > 0 else math.nan,
        "item_count": float(facts.item_count),
        "seller_count": float(facts.seller_count),
        "max_line_ratio": float(facts.max_line_poisha) / subtotal if subtotal > 0 else math.nan,
        "is_cod": float(facts.payment_method == "cod"),
        "has_voucher": float(facts.has_voucher),
        "has_device": float(facts.has_device),
        "hour_of_day": float(local.hour),
        "day_of_week": float(local.isoweekday()),
    }
