"""Use cases of payouts: one person of finance proposes, another decides; what is approved leaves the sellers' accounts at once.

Each is one step in the caller's transaction. Not here: the bank (see `sending`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import payout_entries
from commerce.payouts import rules
from commerce.payouts.schemas import Batch, ProposalRequest
from commerce.sellers.payout_accounts import PayoutAccount, accounts_of
from commerce.sellers.rules import TIERS
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__)


class ProposedAlready(Conflict):
    code = "proposed-already"
    message = "Another proposal of payouts waits. Approve or reject it first."


class NotYet(InvalidInput):
    code = "not-yet"
    message = "Pay what was earned until today at the latest."


@dataclass(frozen=True)
class Due:
    """A seller, what it stands at, and where its money goes."""

    seller_id: UUID
    candidate: rules.Candidate
    account: PayoutAccount | None


async def dues(connection: Connection, until_on: date, sellers: Sequence[UUID] | None = None) -> list[Due]:
    """Every seller (or some) whose account is not empty, as it stands now."""
    rows = await fetch_all(
        connection, SQL["candidates"], until_on=until_on, seller_ids=None if sellers is None else list(sellers),
        tiers=list(TIERS), hold_days=[tier.payout_hold_days for tier in TIERS.values()],
    )  # fmt: skip
    accounts = await accounts_of(connection, [row["seller_id"] for row in rows])
    return [_due(row, accounts.get(row["seller_id"])) for row in rows]


def _due(row: Mapping[str, Any], account: PayoutAccount | None) -> Due:
    where = rules.Account(account.state, account.held_until) if account else None
    standing = {name: row[name] for name in ("balance_poisha", "recent_poisha", "is_selling", "is_under_way")}
    return Due(row["seller_id"], rules.Candidate(**standing, account=where), account)


async def propose(commerce: Commerce, connection: Connection, actor_id: UUID, request: ProposalRequest) -> Batch:
    """List who is to be sent how much, and who gets nothing and why. Nothing moves yet.

    Raises:
        NotYet: a day to come.
        ProposedAlready.
    """
    now = commerce.clock()
    until_on = request.until_on or business_date(now) - timedelta(days=1)
    if until_on > business_date(now):
        raise NotYet
    batch_id = uuid7()
    given = {"until_on": until_on, "minimum_poisha": request.minimum_poisha}
    if await fetch_one(connection, SQL["add_batch"], id=batch_id, actor_id=actor_id, now=now, **given) is None:
        raise ProposedAlready
    found = await dues(connection, until_on)
    why = {one.seller_id: rules.why_not(one.candidate, now=now, minimum_poisha=request.minimum_poisha) for one in found}
    await _add_items(commerce, connection, batch_id, [one for one in found if why[one.seller_id] is None])
    left_out = [one for one in found if why[one.seller_id] is not None]
    await execute(
        connection, SQL["add_skipped"], batch_id=batch_id, seller_ids=[one.seller_id for one in left_out],
        reasons=[why[one.seller_id] for one in left_out],
        balances=[one.candidate.balance_poisha for one in left_out],
    )  # fmt: skip
    batch = await find(connection, batch_id)
    await _record(connection, actor_id, "payout.proposed", batch)
    return batch


async def _add_items(commerce: Commerce, connection: Connection, batch_id: UUID, paid: Sequence[Due]) -> None:
    ids = [uuid7() for _ in paid]
    accounts = [one.account for one in paid if one.account]
    await execute(
        connection, SQL["add_items"], batch_id=batch_id, ids=ids, seller_ids=[one.seller_id for one in paid],
        amounts=[rules.due(one.candidate) for one in paid], account_ids=[account.id for account in accounts],
        methods=[account.method for account in accounts], tails=[account.tail for account in accounts],
        references=[f"GP{one.hex}" for one in ids], now=commerce.clock(),
    )  # fmt: skip


async def find(connection: Connection, batch_id: UUID) -> Batch:
    """A batch with its sums.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["find_batch"], id=batch_id)
    if row is None:
        raise NotFound
    return Batch(**row)


async def decide(
    commerce: Commerce, connection: Connection, actor_id: UUID, batch_id: UUID, *, is_approved: bool, note: str | None
) -> Batch:
    """Another person approves or rejects a proposal. Approved money leaves the sellers' accounts in the same commit.

    Raises:
        NotFound, SamePerson, IllegalPayoutMove.
    """
    batch = await fetch_one(connection, SQL["lock_batch"], id=batch_id)
    if batch is None:
        raise NotFound
    state, now = "approved" if is_approved else "rejected", commerce.clock()
    rules.check_batch(batch["state"], state)
    if is_approved and batch["proposed_by"] == actor_id:
        raise rules.SamePerson
    if batch["proposed_by"] == actor_id:
        # One's own mistake may be withdrawn by oneself: no money moves.
        actor: UUID | None = None
    else:
        actor = actor_id
    await execute(
        connection, SQL["decide_batch"], id=batch_id, state=state, actor_id=actor, now=now, note=note, is_over=not is_approved
    )  # fmt: skip
    items = await fetch_all(connection, SQL["proposed_items"], batch_id=batch_id)
    kept = await _still_due(connection, batch, items) if is_approved else []
    for item in kept:
        await ledger.post(
            connection, kind="payout.reserved", reference=str(item["id"]), business_on=business_date(now),
            entries=payout_entries(item["seller_id"], item["amount_poisha"], source="seller_payable", target="payout_clearing"),
        )  # fmt: skip
    await move_items(connection, [item["id"] for item in kept], "proposed", "pending", now=now)
    dropped = [item["id"] for item in items if item not in kept]
    await move_items(connection, dropped, "proposed", "dropped", now=now, failure="changed" if is_approved else None)
    await execute(connection, SQL["close_batch"], id=batch_id, now=now)
    decided = await find(connection, batch_id)
    await _record(connection, actor_id, f"payout.{state}", decided)
    return decided


async def _still_due(
    connection: Connection, batch: Mapping[str, Any], items: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Items that the seller is still owed: a return since the proposal leaves the seller for the next batch."""
    found = {
        one.seller_id: one for one in await dues(connection, batch["until_on"], [item["seller_id"] for item in items])
    }
    return [
        item
        for item in items
        if item["seller_id"] in found and rules.due(found[item["seller_id"]].candidate) >= item["amount_poisha"]
    ]


async def move_items(
    connection: Connection, ids: Sequence[UUID], from_state: str, to_state: str, *, now: object, failure: str | None = None,
    locked_until: object = None,
) -> int:  # fmt: skip
    """Change the state of items that are in a state; how many were."""
    if to_state not in rules.ITEM_TRANSITIONS[from_state]:
        raise rules.IllegalPayoutMove(from_state=from_state, to_state=to_state)
    return await execute(
        connection, SQL["move_items"], ids=list(ids), from_states=[from_state], from_state=from_state, to_state=to_state,
        failure=failure, now=now, locked_until=locked_until, is_over=not rules.ITEM_TRANSITIONS[to_state] or to_state == "paid",
    )  # fmt: skip


async def _record(connection: Connection, actor_id: UUID, action: str, batch: Batch) -> None:
    detail = {"items": batch.item_count, "amount_poisha": batch.amount_poisha, "until_on": batch.until_on.isoformat()}
    await audit.record(connection, actor_id=actor_id, action=action, subject=("payout batch", batch.id), detail=detail)
