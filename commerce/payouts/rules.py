"""Pure decisions about payouts: states, how much a seller may be sent, why another gets nothing. No I/O, no clock, no database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.errors import Conflict, Forbidden

BATCH_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "proposed": frozenset({"approved", "rejected"}),
    "approved": frozenset({"done"}),
    "rejected": frozenset(),
    "done": frozenset(),
}
# Silence of the bank makes `unknown`, never `failed`: only its own word settles it.
ITEM_TRANSITIONS: Mapping[str, frozenset[str]] = {
    "proposed": frozenset({"pending", "dropped"}),
    "pending": frozenset({"submitted", "failed"}),
    "submitted": frozenset({"paid", "failed", "unknown"}),
    "unknown": frozenset({"submitted", "paid", "failed"}),
    "paid": frozenset({"returned"}),
    "failed": frozenset(),
    "returned": frozenset(),
    "dropped": frozenset(),
}
OPEN_ITEMS = frozenset({"proposed", "pending", "submitted", "unknown"})
SKIPPED = ("below_minimum", "owes", "not_selling", "no_account", "account_in_review", "account_changed", "under_way")
# Below it a transfer costs more than it is worth: ৳100.
MINIMUM_POISHA = 10_000


class IllegalPayoutMove(Conflict):
    code = "illegal-payout-move"
    message = "This is {from_state}: it cannot become {to_state}."


class SamePerson(Forbidden):
    code = "four-eyes"
    message = "You proposed these payouts yourself. Another person of finance has to decide."


@dataclass(frozen=True)
class Account:
    """Where a seller's money goes: its paper, its state (accepted | pending), until when nothing is sent there."""

    state: str
    held_until: datetime | None


@dataclass(frozen=True)
class Candidate:
    """A seller with a balance; poisha. `recent_poisha` was credited too lately for its tier and waits."""

    balance_poisha: int
    recent_poisha: int
    is_selling: bool
    is_under_way: bool
    account: Account | None


def check_batch(from_state: str, to_state: str) -> None:
    """Allow a change of a batch.

    Raises:
        IllegalPayoutMove.
    """
    if to_state not in BATCH_TRANSITIONS[from_state]:
        raise IllegalPayoutMove(from_state=from_state, to_state=to_state)


def due(candidate: Candidate) -> int:
    """What may be sent: what is owed less what has to wait. Debts and money given back count at once."""
    return candidate.balance_poisha - candidate.recent_poisha


def why_not(candidate: Candidate, *, now: datetime, minimum_poisha: int = MINIMUM_POISHA) -> str | None:
    """Why a seller gets nothing this time; None if it is paid. What is not paid stays and is carried forward."""
    account = candidate.account
    reasons = {
        "owes": candidate.balance_poisha < 0,
        "below_minimum": due(candidate) < minimum_poisha,
        "under_way": candidate.is_under_way,
        "not_selling": not candidate.is_selling,
        "no_account": account is None,
        "account_in_review": account is not None and account.state != "accepted",
        "account_changed": account is not None and account.held_until is not None and now < account.held_until,
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


def pause(tries: int) -> timedelta:
    """Until the bank is asked again: twice as long each time, an hour at most."""
    return min(timedelta(seconds=5 * 2 ** min(tries, 12)), timedelta(hours=1))
