"""How a seller keeps its word, computed from its orders when it is asked for. Not here: consequences."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.sellers.rules import HANDOVER
from commerce.sellers.schemas import Scorecard, Scores
from commerce.sellers.shops import SQL
from foundation.database import fetch_one

PERIODS = (30, 90)


def ratio_bp(part: int, whole: int) -> int | None:
    """Share in hundredths of a percent, rounded half up; None of nothing."""
    return (part * 20_000 + whole) // (2 * whole) if whole else None


async def scorecard(commerce: Commerce, seller_id: UUID) -> Scorecard:
    """Scores of the last 30 and 90 days."""
    now = commerce.clock()
    periods = []
    async with commerce.database.connection() as connection:
        for days in PERIODS:
            row = await fetch_one(
                connection, SQL["scorecard"], seller_id=seller_id, since=now - timedelta(days=days), now=now,
                handover=HANDOVER,
            )  # fmt: skip
            periods.append(_scores(days, dict(row or {})))
    return Scorecard(seller_id=seller_id, periods=periods)


def _scores(days: int, row: dict[str, Any]) -> Scores:
    return Scores(
        days=days,
        **row,
        cancelled_bp=ratio_bp(row["cancelled"], row["orders"]),
        refused_bp=ratio_bp(row["refused"], row["refused"] + row["delivered"]),
        on_time_bp=ratio_bp(row["shipped_on_time"], row["shipped"]),
        fault_bp=ratio_bp(row["returned_for_fault"] + row["disputes_lost"], row["delivered"]),
    )
