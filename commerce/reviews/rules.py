"""Pure decisions of reviews: states, when one is held for staff, the mean. Not here: who bought what."""

from collections.abc import Mapping

from foundation.errors import Conflict

# From a state to those it may change to; only published reviews count.
STATES: Mapping[str, frozenset[str]] = {
    "published": frozenset({"held", "hidden"}),
    "held": frozenset({"published", "hidden"}),
    "hidden": frozenset({"published"}),
}
#: So many different people's reports take a review from view until staff has looked.
REPORTS_TO_HOLD = 3


class IllegalReviewState(Conflict):
    code = "illegal-review-state"
    message = "A review that is {from_status} cannot become {to_status}."


def check_state(from_status: str, to_status: str) -> None:
    """Allow a change of state.

    Raises:
        IllegalReviewState.
    """
    if to_status not in STATES[from_status]:
        raise IllegalReviewState(from_status=from_status, to_status=to_status)


def counted(state: str, rating: int) -> tuple[int, int]:
    """What a review adds to the sums: (ratings, stars)."""
    return (1, rating) if state == "published" else (0, 0)


def mean_centi(stars: int, ratings: int) -> int | None:
    """Mean in hundredths of a star, rounded half up; None without ratings."""
    return (stars * 200 + ratings) // (2 * ratings) if ratings else None
