"""Deadlines of returns and disputes: whoever is silent agrees with the other side. Duties of the relay.

Not here: what a step does (see `use_cases`, `disputes`).
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from commerce.context import Commerce
from commerce.returns import disputes, rules, use_cases
from commerce.returns.events import case_moved
from commerce.returns.use_cases import SQL
from foundation.database import Connection, fetch_all, fetch_one
from foundation.errors import Conflict
from foundation.logging import get_logger
from foundation.outbox import record_events

_log = get_logger(component="returns")


async def end_due_returns(commerce: Commerce) -> bool:
    """Take the next step of returns whose deadline is over; True if there were any."""
    return await _each(commerce, "due_requests", _end_return)


async def _each(
    commerce: Commerce, statement: str, step: Callable[[Commerce, Connection, UUID], Awaitable[None]]
) -> bool:
    """One transaction a case: what cannot be ended keeps nobody else waiting."""
    async with commerce.database.connection() as connection:
        due = await fetch_all(connection, SQL[statement], now=commerce.clock())
    count = 0
    for row in due:
        try:
            async with commerce.database.transaction() as connection:
                await step(commerce, connection, row["id"])
        except Conflict as error:
            _log.warning("a deadline could not be kept", id=str(row["id"]), error=str(error))
        else:
            count += 1
    return count > 0


async def _end_return(commerce: Commerce, connection: Connection, request_id: UUID) -> None:
    _, case = await use_cases.lock(connection, request_id)
    if case["due_at"] is None or case["due_at"] > commerce.clock():
        return
    if case["state"] == "requested":
        await use_cases.move(commerce, connection, case, "approved", actor_id=None, within=rules.HAND_OVER)
    elif case["state"] in {"approved", "pickup_booked"}:
        await use_cases.move(commerce, connection, case, "lapsed", actor_id=None)
    elif case["state"] in {"rejected", "refused"}:
        await use_cases.move(commerce, connection, case, "closed", actor_id=None)
    elif case["state"] == "received":
        # Not looked at in time: accepted as it is. Nobody says that it can be sold again.
        rows = await fetch_all(connection, SQL["request_lines"], request_id=request_id)
        findings = [(row["line_no"], row["quantity"], 0) for row in rows]
        await use_cases.inspect(commerce, connection, request_id, findings, actor_id=None)


async def end_due_disputes(commerce: Commerce) -> bool:
    """Decide disputes that the seller left unanswered for the buyer; tell of those that support left undecided."""
    return await _each(commerce, "due_disputes", _end_dispute)


async def _end_dispute(commerce: Commerce, connection: Connection, dispute_id: UUID) -> None:
    order, case = await disputes.lock(connection, dispute_id)
    now = commerce.clock()
    if case["due_at"] is None or case["due_at"] > now:
        return
    if case["state"] == "opened":
        await disputes.decide_locked(commerce, connection, order, case, disputes.Verdict("for_buyer", "deadline"))
    elif await fetch_one(connection, SQL["clear_deadline"], id=dispute_id, now=now):
        await record_events(connection, [case_moved("dispute", case, "overdue", at=now)])
