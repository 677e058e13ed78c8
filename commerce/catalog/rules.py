"""Pure decisions of the catalogue: the buy box and why, values of attributes, which variant is meant. No I/O, no clock.

Not here: checks before moderation (see `checks`), searching.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from foundation.errors import InvalidInput

# What a day of handling and a point of a seller's record are worth to a buyer, against the price.
HANDLING_DAY_POISHA = 1_500
NEUTRAL_SCORE_BP = 8_000
# A seller at 0 looks this much dearer than one at 10,000, in basis points of the price.
WORST_SELLER_BP = 2_000


class BadAttribute(InvalidInput):
    code = "bad-attribute"
    message = "The category has no attribute {attribute} here."


class NotYesOrNo(BadAttribute):
    message = "{attribute} is neither yes nor no."


class NotANumber(BadAttribute):
    message = "{attribute} is not a number."


class BadLength(BadAttribute):
    message = "{attribute} is empty or longer than 200 letters."


class NotAChoice(BadAttribute):
    message = "{attribute} is none of these: {choices}."


@dataclass(frozen=True)
class Contender:
    """An offer that may win the buy box. `score_bp`: how well the seller has served, 0 to 10,000."""

    offer_id: UUID
    seller_id: UUID
    price_poisha: int
    available: int
    handling_days: int = 1
    condition: str = "new"
    score_bp: int = NEUTRAL_SCORE_BP
    shipping_poisha: int = 0

    @classmethod
    def of(cls, offer: Mapping[str, Any]) -> "Contender":
        """Contender from an offer's row or JSON."""
        return cls(
            offer_id=UUID(str(offer["offer_id"])),
            seller_id=UUID(str(offer["seller_id"])),
            price_poisha=offer["price_poisha"],
            available=offer["available"],
            handling_days=offer["handling_days"],
            condition=offer["condition"],
            score_bp=offer.get("score_bp", NEUTRAL_SCORE_BP),
        )

    @property
    def weighed_poisha(self) -> int:
        """Price as it weighs: with delivery, the wait and the seller's record. Lower is better."""
        record = self.price_poisha * WORST_SELLER_BP * (10_000 - self.score_bp) // 100_000_000
        return self.price_poisha + self.shipping_poisha + self.handling_days * HANDLING_DAY_POISHA + record


@dataclass(frozen=True)
class BuyBox:
    """The offer that a product is sold by unless the buyer picks another, and what spoke for it."""

    winner: Contender | None
    reasons: tuple[str, ...] = ()


def buy_box(offers: Sequence[Contender]) -> BuyBox:
    """Winner among offers of one product. New goods in stock come first; nobody wins who has nothing to sell.

    Computed whenever it is asked for and never stored as truth: a price or the stock may have changed since.
    Reasons: only-offer, in-stock, lowest-price, fastest, best-seller, best-value.
    """
    stocked = [offer for offer in offers if offer.available > 0]
    new = [offer for offer in stocked if offer.condition == "new"]
    field = new or stocked
    if not field:
        return BuyBox(None)
    winner = min(field, key=lambda offer: (offer.weighed_poisha, -offer.available, offer.offer_id))
    if len(field) == 1:
        return BuyBox(winner, ("in-stock", "only-offer"))
    reasons = ["in-stock"]
    if winner.price_poisha + winner.shipping_poisha == min(one.price_poisha + one.shipping_poisha for one in field):
        reasons.append("lowest-price")
    if winner.handling_days < max(one.handling_days for one in field) and winner.handling_days == min(
        one.handling_days for one in field
    ):
        reasons.append("fastest")
    if winner.score_bp > min(one.score_bp for one in field) and winner.score_bp == max(one.score_bp for one in field):
        reasons.append("best-seller")
    return BuyBox(winner, tuple(reasons) if len(reasons) > 1 else ("in-stock", "best-value"))


@dataclass(frozen=True)
class Attribute:
    """Definition of an attribute."""

    code: str
    kind: str
    choices: tuple[str, ...] = ()
    is_required: bool = False
    is_variant: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Attribute":
        """Attribute from its row."""
        choices = tuple(choice["code"] for choice in row["choices"])
        return cls(row["code"], row["kind"], choices, row["is_required"], row["is_variant"])


def read_value(attribute: Attribute, value: object) -> str | int | bool:
    """A value as it is stored: choices by code, numbers as integers or text with a point, yes or no.

    Raises:
        BadAttribute: the value is not of that kind.
    """
    text = str(value).strip()
    if attribute.kind == "boolean":
        known = {"true": True, "yes": True, "1": True, "হ্যাঁ": True, "false": False, "no": False, "0": False, "না": False}
        if text.casefold() not in known:
            raise NotYesOrNo(attribute=attribute.code)
        return known[text.casefold()]
    if attribute.kind == "number":
        # Bangla digits are digits to int() and to this pattern alike.
        if not re.fullmatch(r"-?\d{1,12}(\.\d{1,4})?", text):
            raise NotANumber(attribute=attribute.code)
        whole, _, part = text.partition(".")
        return f"{int(whole)}.{int(part):0{len(part)}d}" if part else int(whole)
    if not text or len(text) > 200:
        raise BadLength(attribute=attribute.code)
    if attribute.kind == "choice":
        code = next((choice for choice in attribute.choices if choice.casefold() == text.casefold()), None)
        if code is None:
            raise NotAChoice(attribute=attribute.code, choices=", ".join(attribute.choices))
        return code
    return text


def split_attributes(
    definitions: Sequence[Attribute], values: Mapping[str, object], *, for_variant: bool
) -> dict[str, str | int | bool]:
    """Checked values of the attributes that make variants, or of the others.

    Raises:
        BadAttribute: unknown code, wrong kind of value, or an attribute of the other sort.
    """
    known = {one.code: one for one in definitions}
    kept: dict[str, str | int | bool] = {}
    for code, value in sorted(values.items()):
        definition = known.get(code)
        if definition is None or definition.is_variant != for_variant:
            raise BadAttribute(attribute=code)
        kept[code] = read_value(definition, value)
    return kept


def missing_attributes(
    definitions: Sequence[Attribute], values: Mapping[str, object], *, for_variant: bool
) -> list[str]:
    """Codes of required attributes that have no value."""
    return [
        one.code for one in definitions if one.is_required and one.is_variant == for_variant and one.code not in values
    ]


def matching_variants(variants: Sequence[Mapping[str, object]], wanted: Mapping[str, object]) -> list[int]:
    """Places of the variants that have all wanted values at once: blue AND XL must be one and the same."""
    return [
        place
        for place, values in enumerate(variants)
        if all(values.get(code) == value for code, value in wanted.items())
    ]


# From a state to those it may change to.
OFFER_STATES: Mapping[str, frozenset[str]] = {
    "active": frozenset({"paused", "withdrawn"}),
    "paused": frozenset({"active", "withdrawn"}),
    "withdrawn": frozenset(),
}
CHANGE_STATES: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"confirmed", "declined", "withdrawn"}),
    "confirmed": frozenset(),
    "declined": frozenset(),
    "withdrawn": frozenset(),
}
