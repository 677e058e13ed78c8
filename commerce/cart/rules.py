"""Pure decisions about the cart: what a shopper must be told about a line. No I/O, no clock, no database."""

from dataclasses import dataclass

FEW = 5
TEXTS = {
    "not_sold": "This is no longer sold.",
    "sold_out": "This is sold out just now.",
    "too_few": "Only {available} are left.",
    "few_left": "Only {available} are left.",
    "price_up": "The price has risen from {seen} to {price}.",
    "price_down": "The price has fallen from {seen} to {price}.",
}


@dataclass(frozen=True)
class LineFacts:
    """What is known of a line now."""

    quantity: int
    available: int
    is_sold: bool
    price_poisha: int
    seen_price_poisha: int


def notices_of(line: LineFacts) -> list[str]:
    """Codes of what has changed since the line was put in, gravest first."""
    if not line.is_sold:
        return ["not_sold"]
    found = []
    if line.available <= 0:
        found.append("sold_out")
    elif line.available < line.quantity:
        found.append("too_few")
    elif line.available <= FEW:
        found.append("few_left")
    if line.price_poisha != line.seen_price_poisha:
        found.append("price_up" if line.price_poisha > line.seen_price_poisha else "price_down")
    return found
