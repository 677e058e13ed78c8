"""Time, passed in and never taken: the clock, Dhaka's business date. Not here: calendars and holidays."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

DHAKA = ZoneInfo("Asia/Dhaka")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Present instant, UTC."""
    return datetime.now(UTC)


def business_date(instant: datetime) -> date:
    """Date in Dhaka (UTC+6, no daylight saving) of an aware instant."""
    if instant.tzinfo is None:
        raise ValueError("a naive time has no business date: give it a time zone")
    return instant.astimezone(DHAKA).date()
