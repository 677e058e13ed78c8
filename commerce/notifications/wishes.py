"""What people want to be told where and when: preferences, quiet hours, digests. Not here: telling."""

from uuid import UUID

from commerce.context import Commerce
from commerce.notifications.rules import CHANNELS, Wishes
from commerce.notifications.schemas import Choice, Preferences
from commerce.notifications.templates import CATEGORIES
from foundation.database import Connection, execute, fetch_one
from foundation.statements import load_statements

SQL = load_statements(__file__)


async def wishes_of(connection: Connection, user_id: UUID) -> Wishes:
    """What somebody chose, with the defaults for the rest."""
    row = await fetch_one(connection, SQL["wishes_of"], user_id=user_id)
    if row is None or (row["choices"] is None and row["quiet_from_minute"] is None):
        return Wishes()
    choices = {(category, channel): is_on for category, channel, is_on in row["choices"] or []}
    if row["quiet_from_minute"] is None:
        return Wishes(choices)
    return Wishes(choices, row["quiet_from_minute"], row["quiet_until_minute"], frozenset(row["digest_categories"]))


async def preferences_of(commerce: Commerce, user_id: UUID) -> Preferences:
    """Preferences as the person sees them: every category and channel."""
    async with commerce.database.connection() as connection:
        wishes = await wishes_of(connection, user_id)
    return _shown(wishes)


def _shown(wishes: Wishes) -> Preferences:
    choices = [
        Choice(category=category, channel=channel, is_on=wishes.wants(category, channel))
        for category in CATEGORIES
        for channel in CHANNELS
    ]
    return Preferences(
        choices=choices,
        quiet_from=_clock(wishes.quiet_from_minute),
        quiet_until=_clock(wishes.quiet_until_minute),
        digest_categories=sorted(wishes.digest_categories),
    )


async def set_preferences(commerce: Commerce, user_id: UUID, wanted: Preferences) -> Preferences:
    """Replace quiet hours and digests, and the choices that are named; all of it as it is then."""
    async with commerce.database.transaction() as connection:
        await execute(
            connection, SQL["set_habits"], user_id=user_id, quiet_from_minute=_minute(wanted.quiet_from),
            quiet_until_minute=_minute(wanted.quiet_until), digest_categories=list(wanted.digest_categories),
        )  # fmt: skip
        named = {(choice.category, choice.channel): choice.is_on for choice in wanted.choices}
        await execute(
            connection, SQL["set_preferences"], user_id=user_id, categories=[category for category, _ in named],
            channels=[channel for _, channel in named], are_on=list(named.values()),
        )  # fmt: skip
        return _shown(await wishes_of(connection, user_id))


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
