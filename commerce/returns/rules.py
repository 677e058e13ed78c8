"""Pure decisions about returns and disputes: states, deadlines, what is given back. No I/O, no clock, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from foundation.errors import Conflict, InvalidInput

# A return, from a state to those it may change to.
RETURN_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "requested": frozenset({"approved", "rejected", "withdrawn"}),
    "approved": frozenset({"pickup_booked", "received", "withdrawn", "lapsed"}),
    "pickup_booked": frozenset({"received", "lapsed"}),
    "received": frozenset({"refunded", "exchanged", "refused"}),
    # Said no: the buyer may quarrel for a while, then it is over.
    "rejected": frozenset({"closed"}),
    "refused": frozenset({"closed"}),
    "refunded": frozenset(),
    "exchanged": frozenset(),
    "withdrawn": frozenset(),
    "lapsed": frozenset(),
    "closed": frozenset(),
}
DISPUTE_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "opened": frozenset({"answered", "for_buyer", "withdrawn"}),
    "answered": frozenset({"for_buyer", "for_seller", "withdrawn"}),
    "for_buyer": frozenset(),
    "for_seller": frozenset(),
    "withdrawn": frozenset(),
}
OPEN_RETURNS = frozenset({"requested", "approved", "pickup_booked", "received"})
OPEN_DISPUTES = frozenset({"opened", "answered"})
# How long each side has; silence decides for the other one.
ANSWER_RETURN = timedelta(hours=48)
HAND_OVER = timedelta(days=14)
INSPECT = timedelta(hours=72)
QUARREL = timedelta(hours=72)
ANSWER_DISPUTE = timedelta(hours=72)
# A complaint is acted on within this time: Digital Commerce Operation Guidelines 2021.
DECIDE_DISPUTE = timedelta(hours=72)
# An order that is not there by then, whatever was promised, may be called not received.
LONGEST_WAY = timedelta(days=10)
REASONS = ("damaged", "wrong_item", "not_as_described", "missing_parts", "changed_mind")
SELLERS_FAULT = frozenset({"damaged", "wrong_item", "not_as_described", "missing_parts"})


class IllegalReturnMove(Conflict):
    code = "illegal-return-move"
    message = "This case is {from_state}: it cannot become {to_state}."


class WindowOver(Conflict):
    code = "window-over"
    message = "The time to send line {line_no} back is over."


class MoreThanBought(InvalidInput):
    code = "more-than-bought"
    message = "Of line {line_no} there are not so many to send back."


@dataclass(frozen=True)
class Inspected:
    """What was found of a line: so many asked back, accepted, fit to sell again."""

    line_no: int
    quantity: int
    accepted: int
    good: int


def check_return(from_state: str, to_state: str) -> None:
    """Allow a change of a return.

    Raises:
        IllegalReturnMove.
    """
    if to_state not in RETURN_TRANSITIONS[from_state]:
        raise IllegalReturnMove(from_state=from_state, to_state=to_state)


def check_dispute(from_state: str, to_state: str) -> None:
    """Allow a change of a dispute.

    Raises:
        IllegalReturnMove.
    """
    if to_state not in DISPUTE_TRANSITIONS[from_state]:
        raise IllegalReturnMove(from_state=from_state, to_state=to_state)


def inspect(asked: Mapping[int, int], found: Sequence[tuple[int, int, int]]) -> list[Inspected]:
    """Findings (line, accepted, good) against what was asked back; lines not named are refused.

    Raises:
        MoreThanBought: more accepted than asked, or more good than accepted.
    """
    by_line = {line_no: (accepted, good) for line_no, accepted, good in found}
    for line_no, (accepted, good) in by_line.items():
        if not 0 <= good <= accepted <= asked.get(line_no, 0):
            raise MoreThanBought(line_no=line_no)
    return [Inspected(line_no, quantity, *by_line.get(line_no, (0, 0))) for line_no, quantity in sorted(asked.items())]


def gives_back_shipping(reason: str, left: Mapping[int, int], accepted: Mapping[int, int]) -> bool:
    """Whether the delivery fee is given back too: the seller's fault, and nothing of the order is kept."""
    return reason in SELLERS_FAULT and all(accepted.get(line_no, 0) == quantity for line_no, quantity in left.items())
