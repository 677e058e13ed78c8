"""Pure decisions about inventory: the life of a purchase order. No I/O, no clock, no database."""

from collections.abc import Mapping

from foundation.errors import Conflict

PURCHASE_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"approved", "cancelled"}),
    "approved": frozenset({"sent", "cancelled"}),
    "sent": frozenset({"partly_received", "received", "cancelled"}),
    "partly_received": frozenset({"partly_received", "received", "cancelled"}),
    "received": frozenset(),
    "cancelled": frozenset(),
}


class IllegalPurchase(Conflict):
    code = "illegal-purchase"
    message = "A purchase order that is {from_state} cannot become {to_state}."


def check_purchase(from_state: str, to_state: str) -> None:
    """Allow a change of state.

    Raises:
        IllegalPurchase.
    """
    if to_state not in PURCHASE_TRANSITIONS[from_state]:
        raise IllegalPurchase(from_state=from_state, to_state=to_state)


def state_after_receipt(open_quantity: int) -> str:
    """State after goods have come: all of them, or some."""
    return "received" if open_quantity == 0 else "partly_received"
