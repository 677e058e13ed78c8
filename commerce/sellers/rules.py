"""Rules of sellers: states, tiers, what must be shown before a shop opens, what the checks of a paper come to. Pure.

Not here: names (`names`), formats of numbers (`foundation.bangladesh.identifiers`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from foundation.errors import Conflict

# From a state to those it may change to. Anything else is an error.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "onboarding": frozenset({"in_review", "closed"}),
    "in_review": frozenset({"approved", "rejected", "onboarding", "closed"}),
    "approved": frozenset({"suspended", "closed"}),
    "rejected": frozenset({"onboarding", "closed"}),
    "suspended": frozenset({"approved", "closed"}),
    "closed": frozenset(),
}
TERMS_VERSION = "2026-01"
REVIEW_CLOCK = timedelta(hours=24)
INVITE_LIFETIME = timedelta(days=7)
MOST_SHOPS, MOST_MEMBERS, MOST_DOCUMENTS = 3, 30, 40
LONGEST_HOLIDAY = timedelta(days=90)
# The law gives two days from payment to hand-over (Digital Commerce Operation Guidelines 2021).
HANDOVER = timedelta(hours=48)

Family = Literal["computed", "attested", "verified"]


@dataclass(frozen=True)
class Tier:
    """What a seller of a tier may do. `orders_per_day` None: no cap."""

    orders_per_day: int | None
    payout_hold_days: int


TIERS: Mapping[str, Tier] = {
    "new": Tier(orders_per_day=50, payout_hold_days=7),
    "standard": Tier(orders_per_day=500, payout_hold_days=3),
    "trusted": Tier(orders_per_day=None, payout_hold_days=1),
}


@dataclass(frozen=True)
class Requirement:
    """One thing a shop must, or may, show."""

    family: Family
    is_required: bool
    methods: tuple[str, ...] = ()
    needs_document: bool = False


REQUIREMENTS: Mapping[str, Requirement] = {
    "pickup_address": Requirement("computed", is_required=True),
    "has_product": Requirement("computed", is_required=False),
    "terms": Requirement("attested", is_required=True, methods=("terms",)),
    "identity": Requirement("verified", is_required=True, methods=("nid",), needs_document=True),
    "payout_account": Requirement("verified", is_required=True, methods=("bank", "wallet")),
    "trade_licence": Requirement("verified", is_required=False, methods=("trade_licence",), needs_document=True),
    "vat_registration": Requirement("verified", is_required=False, methods=("bin",)),
    "tax_registration": Requirement("verified", is_required=False, methods=("tin",)),
}

# What a check found, and how much it weighs; the text is shown to the seller in his language.
REASONS: Mapping[str, tuple[int, str]] = {
    "bad_number": (100, "The number does not have the form it must have. Check it and send it again."),
    "expired": (100, "The paper has expired. Send a current one."),
    "name_mismatch": (100, "The name on it is not the name you gave. Send a paper or an account in your own name."),
    "name_unclear": (35, "The name on it differs from the name you gave; a person will look at it."),
    "number_elsewhere": (60, "Another shop uses the same number; a person will look at it."),
    "document_elsewhere": (60, "Another shop sent the same document; a person will look at it."),
    "document_missing": (40, "Add a photo or scan so that it can be checked without delay."),
    "check_digit": (35, "The check digit of the routing number does not fit; a person will look at it."),
    "wallet_of_other_phone": (15, "The wallet has another number than your account."),
    "needs_person": (35, "This paper is always looked at by a person."),
    "unreadable": (100, "The document cannot be read. Take a sharp photo of the whole paper."),
    "forged": (100, "The document does not look genuine."),
    "not_yours": (100, "The paper or account belongs to somebody else."),
    "verified": (0, "Checked and found right."),
}
REVIEW_FROM, REJECT_FROM = 30, 100
Decision = Literal["approve", "review", "reject"]


class IllegalStep(Conflict):
    code = "seller-illegal-step"
    message = "A shop that is {from_status} cannot become {to_status}."


def check_step(from_status: str, to_status: str) -> None:
    """Whether a shop may change so.

    Raises:
        IllegalStep.
    """
    if to_status not in TRANSITIONS[from_status]:
        raise IllegalStep(from_status=from_status, to_status=to_status)


def risk_score(reasons: Iterable[str]) -> int:
    """Weight of what was found, 0 to 100."""
    return min(100, sum(REASONS[reason][0] for reason in reasons))


def decide(reasons: Iterable[str]) -> Decision:
    """What the findings come to: only what a single finding refuses is refused; doubts add up to a look by a person."""
    found = list(reasons)
    if any(REASONS[reason][0] >= REJECT_FROM for reason in found):
        return "reject"
    return "review" if risk_score(found) >= REVIEW_FROM else "approve"


# A requirement's state as it is read: what the shop has, and what its submissions say.
MET = frozenset({"met", "accepted", "waived"})
SUBMITTED = MET | {"pending"}


def missing(states: Mapping[str, str], *, allowed: frozenset[str]) -> list[str]:
    """Required things whose state is not among those allowed, in order."""
    return [
        name
        for name, requirement in REQUIREMENTS.items()
        if requirement.is_required and states.get(name, "open") not in allowed
    ]
