"""Pure decisions about parcels: states and how sightings move them, promised days, what a courier's payment proves.

No I/O, no clock, no database. Amounts in poisha.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.errors import Conflict
from foundation.money import POISHA_PER_TAKA

# From a state to those it may change to. A silent courier makes `unknown`: only its own word, or a person, settles it.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    # Straight to `booked`: a person said that the courier did nothing, and then its word came.
    "created": frozenset({"submitted", "cancelled", "booked"}),
    "submitted": frozenset({"booked", "unknown", "created"}),
    "unknown": frozenset({"booked", "created"}),
    "booked": frozenset({"picked_up", "cancelled"}),
    "picked_up": frozenset({"in_transit"}),
    "in_transit": frozenset({"delivered", "refused", "lost"}),
    "delivered": frozenset(),
    "refused": frozenset({"returned"}),
    "returned": frozenset(),
    "lost": frozenset(),
    "cancelled": frozenset(),
}
# States in which the courier's word decides; before them only we act.
SIGHTED = ("booked", "picked_up", "in_transit", "delivered", "refused", "returned", "lost", "cancelled")
OPEN_STATES = ("created", "submitted", "unknown", "booked", "picked_up", "in_transit", "refused")

# Digital Commerce Operation Guidelines 2021: a prepaid order is delivered in 5 days in the same city, in 10 elsewhere, and
# handed to the deliverer in 48 hours.
HANDOVER = timedelta(hours=48)
DELIVERY_SAME_CITY, DELIVERY_ELSEWHERE = timedelta(days=5), timedelta(days=10)


class IllegalParcelMove(Conflict):
    code = "illegal-parcel-move"
    message = "A parcel that is {from_state} cannot become {to_state}."


def check_move(from_state: str, to_state: str) -> None:
    """Allow a change of state.

    Raises:
        IllegalParcelMove.
    """
    if to_state not in TRANSITIONS[from_state]:
        raise IllegalParcelMove(from_state=from_state, to_state=to_state)


def path_to(from_state: str, to_state: str) -> list[str] | None:
    """States a parcel passes to come to a sighted one, the last included; None if that would be a step back.

    Webhooks come late, twice and in any order: what was seen last in the courier's own order of states counts.
    """
    seen = {from_state}
    frontier: list[tuple[str, list[str]]] = [(from_state, [])]
    while frontier:
        state, path = frontier.pop(0)
        for following in sorted(TRANSITIONS[state]):
            if following in seen or following not in SIGHTED:
                continue
            if following == to_state:
                return [*path, following]
            seen.add(following)
            frontier.append((following, [*path, following]))
    return None


def order_steps(parcel_state: str, order_status: str) -> list[str]:
    """States the order passes when its parcel is seen in a state; empty when nothing follows."""
    wanted = {"picked_up": "shipped", "in_transit": "shipped", "delivered": "delivered", "refused": "refused",
              "returned": "refused", "lost": "refused"}.get(parcel_state)  # fmt: skip
    way = {"placed": ["shipped"], "shipped": []}.get(order_status)
    if wanted is None or way is None:
        return []
    return way if wanted == "shipped" else [*way, wanted]


def collect_taka(due_poisha: int) -> int:
    """Whole taka the courier asks for: never more than is due."""
    return due_poisha // POISHA_PER_TAKA


def due_dates(started_at: datetime, *, is_same_city: bool) -> dict[str, datetime]:
    """Instants by which an order must be handed over and delivered."""
    delivery = DELIVERY_SAME_CITY if is_same_city else DELIVERY_ELSEWHERE
    return {"handover": started_at + HANDOVER, "delivery": started_at + delivery}


@dataclass(frozen=True)
class Expected:
    """What a parcel's payment should be; poisha."""

    state: str
    due_poisha: int
    collect_poisha: int
    delivery_fee_poisha: int
    is_remitted: bool


@dataclass(frozen=True)
class Verdict:
    """What a line of a courier's payment proves: what it clears of the cash due, and breaks as (kind, expected, got)."""

    cleared_poisha: int
    rounding_poisha: int
    surplus_poisha: int
    breaks: tuple[tuple[str, int, int], ...] = ()


def judge_line(expected: Expected | None, *, collected_poisha: int, delivery_fee_poisha: int) -> Verdict:
    """Compare a paid line with what was expected. Money beyond what is due, or of nobody's parcel, is surplus."""
    if expected is None:
        return Verdict(0, 0, collected_poisha, (("unknown_parcel", 0, collected_poisha),))
    if expected.is_remitted:
        return Verdict(0, 0, collected_poisha, (("paid_twice", 0, collected_poisha),))
    breaks = []
    if delivery_fee_poisha != expected.delivery_fee_poisha:
        breaks.append(("fee", expected.delivery_fee_poisha, delivery_fee_poisha))
    due = expected.due_poisha if expected.state == "delivered" else 0
    asked = expected.collect_poisha if expected.state == "delivered" else 0
    if collected_poisha != asked:
        breaks.append(("short" if collected_poisha < asked else "over", asked, collected_poisha))
    # The courier collects whole taka: the poisha left of what was due are ours to bear.
    rounding, paid = due - asked, min(collected_poisha, asked)
    return Verdict(paid + rounding, rounding, collected_poisha - paid, tuple(breaks))
