"""Brakes on guessing: attempts are counted per account and per source before they are made. Not here: what is guessed."""

import math
from datetime import datetime

from commerce.context import Commerce
from commerce.identity.rules import ACCOUNT_FAILURES, FORGIVEN_AFTER, SOURCE_FAILURES, pause_after
from foundation.database import Connection, execute, fetch_one
from foundation.errors import TooManyRequests
from foundation.statements import load_statements

SQL = load_statements(__file__, "throttle.sql")


async def take(connection: Connection, key: str, *, allowed: int, now: datetime) -> None:
    """Count one attempt.

    Raises:
        TooManyRequests: too many before; `retry_after` says for how many seconds.
    """
    row = await fetch_one(connection, SQL["take"], key=key, now=now, forgiven=now - FORGIVEN_AFTER)
    if row is None:
        blocked = await fetch_one(connection, SQL["blocked_until"], key=key)
        left = (blocked["blocked_until"] - now).total_seconds() if blocked else 1
        raise TooManyRequests(retry_after=max(1, math.ceil(left)))
    pause = pause_after(row["count"], allowed)
    if pause:
        await execute(connection, SQL["block"], key=key, until=now + pause)


async def take_login(commerce: Commerce, account: str, source: str) -> None:
    """Count a log-in of an account from a source (blind indexes).

    Raises:
        TooManyRequests.
    """
    now = commerce.clock()
    # Autocommit: a refused log-in must not take its count with it.
    async with commerce.database.connection() as connection:
        await take(connection, f"source:{source}", allowed=SOURCE_FAILURES, now=now)
        await take(connection, f"account:{account}", allowed=ACCOUNT_FAILURES, now=now)


async def forgive_login(connection: Connection, account: str, source: str, *, now: datetime) -> None:
    """The log-in was right."""
    await execute(connection, SQL["forgive"], account=f"account:{account}", source=f"source:{source}", now=now)


async def forget(connection: Connection, key: str, *, now: datetime) -> None:
    """What was counted under a key succeeded."""
    await execute(connection, SQL["forgive"], account=key, source="", now=now)
