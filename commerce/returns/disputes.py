"""Use cases of disputes: a buyer quarrels about a return or an order that never came; the seller answers, support decides.

Each is one step in the caller's transaction; the order's row is locked first. Its escrow is frozen meanwhile; silence of
the seller decides for the buyer. Not here: deadlines (see `deadlines`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.catalog.media import require_kept
from commerce.context import Commerce
from commerce.ledger import escrow
from commerce.orders.fulfil import LOST, lock_order, move_locked
from commerce.orders.fulfil import SQL as ORDERS
from commerce.orders.reversals import Piece, give_back
from commerce.returns import rules, use_cases
from commerce.returns.events import case_moved
from commerce.returns.schemas import DisputeDetail, DisputeRequest
from commerce.returns.use_cases import SQL, WALLET, opened, sealed, sealed_wallet
from commerce.returns.windows import window_of
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7
from foundation.outbox import record_events


class NothingToDispute(Conflict):
    code = "nothing-to-dispute"
    message = "There is nothing to quarrel about yet, or the time for it is over."


class DisputedAlready(Conflict):
    code = "disputed-already"
    message = "There is a dispute about this already."


@dataclass(frozen=True)
class Verdict:
    """How a dispute ends, and who says so: seller, support or deadline."""

    outcome: str
    by: str
    actor_id: UUID | None = None
    note: str | None = None


async def open_dispute(
    commerce: Commerce, connection: Connection, buyer_id: UUID, asked: DisputeRequest
) -> DisputeDetail:
    """Quarrel about a rejected or refused return, or about an order that never came.

    Raises:
        NotFound: no such order, or return of it, of this buyer.
        NothingToDispute, DisputedAlready, NoSuchPhoto, BadWallet.
    """
    order = await lock_order(connection, asked.order_id)
    if order["buyer_id"] != buyer_id:
        raise NotFound
    await require_kept(connection, asked.photos)
    kind, pieces = await _grounds(commerce, connection, order, asked.request_id)
    if await fetch_one(connection, SQL["disputed_before"], order_id=order["id"], request_id=asked.request_id):
        raise DisputedAlready
    now, dispute_id = commerce.clock(), uuid7()
    added = await fetch_one(
        connection, SQL["add_dispute"], id=dispute_id, order_id=order["id"], request_id=asked.request_id, buyer_id=buyer_id,
        seller_id=order["seller_id"], kind=kind, note=sealed(commerce, asked.note), photos=asked.photos,
        wallet=sealed_wallet(commerce, asked.wallet), due_at=now + rules.ANSWER_DISPUTE, now=now,
    )  # fmt: skip
    if added is None:
        raise DisputedAlready
    await execute(
        connection, SQL["add_dispute_lines"], dispute_id=dispute_id, line_nos=[piece.line_no for piece in pieces],
        quantities=[piece.quantity for piece in pieces],
    )  # fmt: skip
    await escrow.freeze(connection, order["id"], f"dispute:{dispute_id}", now)
    case = await find(connection, dispute_id)
    await record_events(connection, [case_moved("dispute", case, "opened", at=now)])
    return await detail(commerce, connection, dispute_id)


async def _grounds(
    commerce: Commerce, connection: Connection, order: Mapping[str, Any], request_id: UUID | None
) -> tuple[str, list[Piece]]:
    """(kind, what it is about)."""
    if request_id is None:
        await _check_missing(commerce, connection, order)
        lines = await fetch_all(connection, ORDERS["lines_left"], order_id=order["id"])
        pieces = [Piece(row["line_no"], row["left_quantity"]) for row in lines if row["left_quantity"]]
        return "not_received", [*pieces, Piece(0, 1)]
    case = await use_cases.find(connection, request_id)
    if case["order_id"] != order["id"]:
        raise NotFound
    if case["state"] not in {"rejected", "refused"}:
        raise NothingToDispute
    rows = await fetch_all(connection, SQL["request_lines"], request_id=request_id)
    return f"return_{case['state']}", [Piece(row["line_no"], row["quantity"]) for row in rows]


async def _check_missing(commerce: Commerce, connection: Connection, order: Mapping[str, Any]) -> None:
    """The courier says delivered, not long ago; or it is on its way for longer than was promised."""
    now = commerce.clock()
    if order["status"] == "delivered" and now <= order["closed_at"] + await window_of(connection, order["id"]):
        return
    if order["status"] == "shipped":
        row = await fetch_one(connection, SQL["promised_by"], order_id=order["id"])
        if now > (row["due_at"] if row else order["shipped_at"] + rules.LONGEST_WAY):
            return
    raise NothingToDispute


async def find(connection: Connection, dispute_id: UUID) -> Mapping[str, Any]:
    """A dispute.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["find_dispute"], id=dispute_id)
    if row is None:
        raise NotFound
    return row


async def detail(commerce: Commerce, connection: Connection, dispute_id: UUID) -> DisputeDetail:
    """A dispute with what it is about and what was written."""
    row = await find(connection, dispute_id)
    lines = await fetch_all(connection, SQL["dispute_lines"], dispute_id=dispute_id)
    texts = {name: opened(commerce, row[f"{name}_encrypted"]) for name in ("note", "answer", "decision")}
    return DisputeDetail.model_validate({**row, **texts, "lines": lines})


async def lock(
    connection: Connection, dispute_id: UUID, *, buyer_id: UUID | None = None, seller_id: UUID | None = None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(order, dispute), locked in this order; only the owner's.

    Raises:
        NotFound.
    """
    case = await find(connection, dispute_id)
    if buyer_id not in {None, case["buyer_id"]} or seller_id not in {None, case["seller_id"]}:
        raise NotFound
    order = await lock_order(connection, case["order_id"])
    locked = await fetch_one(connection, SQL["lock_dispute"], id=dispute_id)
    return order, locked or case


async def answer(
    commerce: Commerce, connection: Connection, dispute_id: UUID, *, seller_id: UUID, actor_id: UUID, is_conceded: bool,
    note: str,
) -> DisputeDetail:  # fmt: skip
    """The seller gives in, or says why not; then support decides.

    Raises:
        NotFound, IllegalReturnMove.
    """
    order, case = await lock(connection, dispute_id, seller_id=seller_id)
    if is_conceded:
        await decide_locked(commerce, connection, order, case, Verdict("for_buyer", "seller", actor_id, note))
    else:
        await _move(
            commerce, connection, case, "answered", actor_id=actor_id, within=rules.DECIDE_DISPUTE,
            answer=sealed(commerce, note),
        )  # fmt: skip
    return await detail(commerce, connection, dispute_id)


async def withdraw(commerce: Commerce, connection: Connection, dispute_id: UUID, buyer_id: UUID) -> DisputeDetail:
    """The buyer is content after all.

    Raises:
        NotFound, IllegalReturnMove.
    """
    _, case = await lock(connection, dispute_id, buyer_id=buyer_id)
    await _move(commerce, connection, case, "withdrawn", actor_id=buyer_id)
    return await detail(commerce, connection, dispute_id)


async def decide(
    commerce: Commerce, connection: Connection, dispute_id: UUID, *, actor_id: UUID, outcome: str, note: str
) -> DisputeDetail:
    """Support decides what the seller has answered.

    Raises:
        NotFound, IllegalReturnMove.
    """
    order, case = await lock(connection, dispute_id)
    rules.check_dispute(case["state"], outcome)
    await decide_locked(commerce, connection, order, case, Verdict(outcome, "support", actor_id, note))
    return await detail(commerce, connection, dispute_id)


async def decide_locked(
    commerce: Commerce, connection: Connection, order: Mapping[str, Any], case: Mapping[str, Any], verdict: Verdict
) -> None:
    """End a locked dispute; for the buyer, the money follows.

    Raises:
        IllegalReturnMove.
    """
    rules.check_dispute(case["state"], verdict.outcome)
    worth = await _pay(commerce, connection, order, case) if verdict.outcome == "for_buyer" else 0
    await _move(
        commerce, connection, case, verdict.outcome, actor_id=verdict.actor_id, decided_by=verdict.by,
        decision=sealed(commerce, verdict.note), worth_poisha=worth,
    )  # fmt: skip


async def _pay(commerce: Commerce, connection: Connection, order: Mapping[str, Any], case: Mapping[str, Any]) -> int:
    if order["status"] == "shipped":
        # It never came: as if the courier had lost it.
        await move_locked(commerce, connection, order, "refused", actor_id=None, reason=LOST)
        return int(order["total_poisha"])
    rows = await fetch_all(connection, SQL["dispute_lines"], dispute_id=case["id"])
    left = {
        row["line_no"]: row["left_quantity"]
        for row in await fetch_all(connection, ORDERS["lines_left"], order_id=order["id"])
    }
    # Of a line, some may have come back by another return meanwhile: what is left counts.
    pieces = [Piece(row["line_no"], min(row["quantity"], left.get(row["line_no"], 1))) for row in rows]
    return await give_back(
        commerce, connection, order, [piece for piece in pieces if piece.quantity], cause="disputed",
        cause_key=f"dispute:{case['id']}", destination=opened(commerce, case["wallet_encrypted"], WALLET),
    )  # fmt: skip


async def _move(
    commerce: Commerce,
    connection: Connection,
    case: Mapping[str, Any],
    to_state: str,
    *,
    actor_id: UUID | None,
    within: timedelta | None = None,
    **more: object,
) -> None:
    rules.check_dispute(case["state"], to_state)
    now = commerce.clock()
    worth = more.pop("worth_poisha", 0)
    given = {"answer": None, "decision": None, "decided_by": None} | more
    await execute(
        connection, SQL["move_dispute"], id=case["id"], from_state=case["state"], to_state=to_state, actor_id=actor_id,
        at=now, due_at=now + within if within else None, is_over=not rules.DISPUTE_TRANSITIONS[to_state], **given,
    )  # fmt: skip
    await record_events(connection, [case_moved("dispute", case, to_state, at=now, worth_poisha=int(str(worth)))])
    await audit.record(
        connection, actor_id=actor_id, action=f"dispute.{to_state}", subject=("dispute", case["id"]),
        detail={"from": case["state"], "by": given["decided_by"], "worth_poisha": worth},
    )  # fmt: skip
    if to_state not in rules.OPEN_DISPUTES:
        await escrow.thaw(connection, case["order_id"], f"dispute:{case['id']}", now)
