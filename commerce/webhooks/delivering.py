"""Duty of the relay: deliver what is due, a bounded number side by side; note each try. At least once, in no order.

Not here: what a seller may know of an event (`rules`), whether an address is safe (`foundation.safe_urls`).
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from commerce.context import Commerce
from commerce.webhooks.rules import GIVE_UP_ENDPOINT_AFTER, GONE, is_success, pause_s, signed_headers
from commerce.webhooks.use_cases import PLACE, SQL
from foundation import safe_urls
from foundation.database import execute, fetch_all

BATCH = 16
DEADLINE_S = 15.0
# A delivery of which nothing was noted for so long is tried again: its process died.
STALE_AFTER = timedelta(seconds=120)
_dice = random.SystemRandom()
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """How one try ended."""

    status_code: int | None
    reason: str | None
    duration_ms: int


async def deliver_due(commerce: Commerce) -> int:
    """Deliver some of what is due; its number."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["take_due"], now=now, stale_at=now + STALE_AFTER, limit=BATCH)
    await asyncio.gather(*(_deliver(commerce, row) for row in rows))
    return len(rows)


async def _deliver(commerce: Commerce, row: Row) -> None:
    started = time.perf_counter()
    status_code, reason = await _call(commerce, row)
    outcome = Outcome(status_code, reason, round((time.perf_counter() - started) * 1000))
    await _note(commerce, row, outcome)


async def _call(commerce: Commerce, row: Row) -> tuple[int | None, str | None]:
    body = orjson.dumps(row["document"])
    headers = signed_headers(
        _secrets(commerce, row), f"msg_{row['event_id'].hex}", int(commerce.clock().timestamp()), body
    )
    try:
        # Anew at each try: a name may have come to lead elsewhere.
        target = await safe_urls.vet(row["url"], allow_private=commerce.settings.allow_private_webhooks)
        answer = await safe_urls.call(target, method="POST", content=body, headers=headers, deadline_s=DEADLINE_S)
    except safe_urls.UnsafeUrl:
        return None, "unsafe address"
    except safe_urls.CallFailed as error:
        return None, error.template
    return answer.status_code, None


def _secrets(commerce: Commerce, row: Row) -> list[str]:
    blobs = [row["secret_encrypted"]]
    if row["old_secret_encrypted"] is not None and row["old_secret_until_at"] > commerce.clock():
        blobs.append(row["old_secret_encrypted"])
    return [commerce.cipher.decrypt(bytes(blob), PLACE) for blob in blobs]


async def _note(commerce: Commerce, row: Row, outcome: Outcome) -> None:
    now, delivered = commerce.clock(), is_success(outcome.status_code)
    is_gone = outcome.status_code == GONE
    pause = None if delivered or is_gone else pause_s(row["tries"], _dice.random())
    state = "delivered" if delivered else "failed" if pause is None else "pending"
    async with commerce.database.transaction() as connection:
        await execute(
            connection, SQL["note_attempt"], id=row["id"], tries=row["tries"], state=state, now=now,
            status_code=outcome.status_code, reason=outcome.reason, duration_ms=outcome.duration_ms,
            next_try_at=None if pause is None else now + timedelta(seconds=pause),
            is_success=delivered, is_gone=is_gone, give_up_after=GIVE_UP_ENDPOINT_AFTER,
        )  # fmt: skip
