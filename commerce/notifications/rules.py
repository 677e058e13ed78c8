"""When and where a person is told: channels, quiet hours, digests, back-off, states of an outgoing message. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from foundation.clock import DHAKA

CHANNELS = ("sms", "email", "push")
# What holds where a person has chosen nothing: promotions never cost anybody a beep.
DEFAULT_ON: Mapping[str, frozenset[str]] = {
    "order": frozenset({"sms", "email", "push"}),
    "payment": frozenset({"sms", "email", "push"}),
    "promotion": frozenset({"email"}),
    "message": frozenset({"push"}),
    "account": frozenset({"sms", "email"}),
}
DIGESTIBLE = ("order", "promotion", "message")
DIGEST_AT = time(9, 0)
LARGEST_TRIES = 6
FIRST_PAUSE_S, LARGEST_PAUSE_S = 30, 3600

# States of an outgoing message. `submitted` is committed before the provider is asked; silence is `unknown`: a text that
# may have gone out is looked up before it is sent again.
STATES: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"submitted"}),
    "submitted": frozenset({"sent", "failed", "queued", "unknown"}),
    "unknown": frozenset({"sent", "failed", "queued"}),
    "sent": frozenset(),
    "failed": frozenset(),
}


@dataclass(frozen=True)
class Wishes:
    """What a person chose. Minutes after midnight in Dhaka; equal ones mean no quiet hours."""

    choices: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    quiet_from_minute: int = 22 * 60
    quiet_until_minute: int = 8 * 60
    digest_categories: frozenset[str] = frozenset()

    def wants(self, category: str, channel: str) -> bool:
        """Whether news of a category go to a channel."""
        return self.choices.get((category, channel), channel in DEFAULT_ON[category])


def may_move(state: str, to: str) -> bool:
    """Whether an outgoing message may go from one state to another."""
    return to in STATES[state]


def is_quiet(now: datetime, wishes: Wishes) -> bool:
    """Whether an instant lies in somebody's quiet hours (which may pass midnight)."""
    local = now.astimezone(DHAKA)
    minute = local.hour * 60 + local.minute
    start, end = wishes.quiet_from_minute, wishes.quiet_until_minute
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


def send_at(now: datetime, wishes: Wishes, *, is_urgent: bool) -> datetime:
    """Instant from which a message may go out: now, or the end of the quiet hours."""
    if is_urgent or not is_quiet(now, wishes):
        return now
    hour, minute = divmod(wishes.quiet_until_minute, 60)
    return _next(now, time(hour % 24, minute))


def next_digest(now: datetime) -> datetime:
    """The next nine o'clock in Dhaka."""
    return _next(now, DIGEST_AT)


def _next(now: datetime, at: time) -> datetime:
    local = now.astimezone(DHAKA)
    today = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return (today if today > local else today + timedelta(days=1)).astimezone(now.tzinfo)


def pause_s(tries: int, draw: float) -> float:
    """Seconds before the next try: doubling, bounded, and spread by a draw from [0, 1) so that a crowd does not come back at once."""
    longest = min(FIRST_PAUSE_S << min(max(tries - 1, 0), 16), LARGEST_PAUSE_S)
    return longest * (0.5 + draw / 2)
