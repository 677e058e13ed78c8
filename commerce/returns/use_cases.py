"""Use cases of returns: a buyer asks, the seller answers, goods come back and are looked at, money or goods follow.

Each is one step in the caller's transaction; the order's row is locked first. The order's escrow is frozen meanwhile.
Not here: deadlines (see `deadlines`), quarrels (see `disputes`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.catalog.media import require_kept
from commerce.context import Commerce
from commerce.inventory import use_cases as inventory
from commerce.ledger import escrow
from commerce.orders.fulfil import SQL as ORDERS
from commerce.orders.fulfil import lock_order
from commerce.orders.reversals import Piece, give_back
from commerce.returns import rules
from commerce.returns.events import case_moved
from commerce.returns.schemas import ReturnDetail, ReturnRequest
from commerce.returns.windows import window_of_line
from foundation.bangladesh.phones import normalise_phone
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.outbox import record_events
from foundation.statements import load_statements

SQL = load_statements(__file__)
NOTE, WALLET = "returns.cases.note", "returns.cases.wallet"


class NotDelivered(Conflict):
    code = "not-delivered"
    message = "The order is {status}: only delivered goods are sent back."


class BadWallet(InvalidInput):
    code = "bad-wallet"
    message = "The wallet is not a mobile number of Bangladesh. Write it like 01712345678."


def sealed(commerce: Commerce, text: str | None, place: str = NOTE) -> bytes | None:
    """What people write, encrypted."""
    return commerce.cipher.encrypt(text, place) if text else None


def opened(commerce: Commerce, blob: bytes | None, place: str = NOTE) -> str | None:
    """What was sealed."""
    return commerce.cipher.decrypt(bytes(blob), place) if blob else None


def sealed_wallet(commerce: Commerce, wallet: str | None) -> bytes | None:
    """A wallet in canonical form, encrypted.

    Raises:
        BadWallet.
    """
    if wallet is None:
        return None
    phone = normalise_phone(wallet)
    if phone is None:
        raise BadWallet
    return sealed(commerce, phone, WALLET)


async def request(commerce: Commerce, connection: Connection, buyer_id: UUID, asked: ReturnRequest) -> ReturnDetail:
    """Ask to send goods of a delivered order back.

    Raises:
        NotFound: no such order of this buyer.
        NotDelivered, NoSuchPhoto, WindowOver, MoreThanBought, BadWallet.
    """
    order = await lock_order(connection, asked.order_id)
    if order["buyer_id"] != buyer_id:
        raise NotFound
    if order["status"] != "delivered":
        raise NotDelivered(status=order["status"])
    await require_kept(connection, asked.photos)
    now = commerce.clock()
    await _check_lines(connection, order, {line.line_no: line.quantity for line in asked.lines}, now)
    request_id = uuid7()
    await execute(
        connection, SQL["add_request"], id=request_id, order_id=order["id"], buyer_id=buyer_id, seller_id=order["seller_id"],
        reason=asked.reason, wish=asked.wish, note=sealed(commerce, asked.note), photos=asked.photos,
        wallet=sealed_wallet(commerce, asked.wallet), due_at=now + rules.ANSWER_RETURN, now=now,
    )  # fmt: skip
    await execute(
        connection, SQL["add_request_lines"], request_id=request_id, line_nos=[line.line_no for line in asked.lines],
        quantities=[line.quantity for line in asked.lines],
    )  # fmt: skip
    await escrow.freeze(connection, order["id"], f"return:{request_id}", now)
    case = await find(connection, request_id)
    await record_events(connection, [case_moved("return", case, "requested", at=now)])
    return await detail(commerce, connection, request_id)


async def _check_lines(
    connection: Connection, order: Mapping[str, Any], asked: Mapping[int, int], now: datetime
) -> None:
    left = {
        row["line_no"]: row["left_quantity"]
        for row in await fetch_all(connection, ORDERS["lines_left"], order_id=order["id"])
    }
    open_states = sorted(rules.OPEN_RETURNS)
    rows = await fetch_all(connection, SQL["lines_under_way"], order_id=order["id"], open_states=open_states)
    under_way = {row["line_no"]: row["quantity"] for row in rows}
    for line_no, quantity in asked.items():
        if quantity > left.get(line_no, 0) - under_way.get(line_no, 0):
            raise rules.MoreThanBought(line_no=line_no)
        if now > order["closed_at"] + await window_of_line(connection, order["id"], line_no):
            raise rules.WindowOver(line_no=line_no)


async def find(connection: Connection, request_id: UUID) -> Mapping[str, Any]:
    """A return.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["find_request"], id=request_id)
    if row is None:
        raise NotFound
    return row


async def detail(commerce: Commerce, connection: Connection, request_id: UUID) -> ReturnDetail:
    """A return with its lines and what was written."""
    row = await find(connection, request_id)
    lines = await fetch_all(connection, SQL["request_lines"], request_id=request_id)
    note, answer = opened(commerce, row["note_encrypted"]), opened(commerce, row["answer_encrypted"])
    return ReturnDetail.model_validate({**row, "lines": lines, "note": note, "answer": answer})


async def lock(
    connection: Connection, request_id: UUID, *, buyer_id: UUID | None = None, seller_id: UUID | None = None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(order, return), locked in this order; only the owner's.

    Raises:
        NotFound.
    """
    case = await find(connection, request_id)
    if buyer_id not in {None, case["buyer_id"]} or seller_id not in {None, case["seller_id"]}:
        raise NotFound
    order = await lock_order(connection, case["order_id"])
    locked = await fetch_one(connection, SQL["lock_request"], id=request_id)
    return order, locked or case


async def move(
    commerce: Commerce,
    connection: Connection,
    case: Mapping[str, Any],
    to_state: str,
    *,
    actor_id: UUID | None,
    within: timedelta | None = None,
    **more: object,
) -> None:
    """Change the state of a locked return; `within` sets the deadline of the next step.

    Raises:
        IllegalReturnMove.
    """
    rules.check_return(case["state"], to_state)
    now = commerce.clock()
    worth = more.pop("worth_poisha", 0)
    given = {"answer": None, "pickup_reference": None} | more
    await execute(
        connection, SQL["move_request"], id=case["id"], from_state=case["state"], to_state=to_state, actor_id=actor_id,
        at=now, due_at=now + within if within else None, is_over=not rules.RETURN_TRANSITIONS[to_state], **given,
    )  # fmt: skip
    event = case_moved("return", case, to_state, at=now, worth_poisha=int(str(worth)))
    await record_events(connection, [event])
    await audit.record(
        connection, actor_id=actor_id, action=f"return.{to_state}", subject=("return", case["id"]),
        detail={"from": case["state"], "worth_poisha": worth},
    )  # fmt: skip
    if to_state in {"withdrawn", "lapsed", "closed", "refunded", "exchanged"}:
        await escrow.thaw(connection, case["order_id"], f"return:{case['id']}", now)


async def answer(
    commerce: Commerce, connection: Connection, request_id: UUID, *, seller_id: UUID, actor_id: UUID, is_approved: bool,
    note: str | None,
) -> ReturnDetail:  # fmt: skip
    """The seller says yes or no.

    Raises:
        NotFound, IllegalReturnMove.
    """
    _, case = await lock(connection, request_id, seller_id=seller_id)
    state, within = ("approved", rules.HAND_OVER) if is_approved else ("rejected", rules.QUARREL)
    await move(commerce, connection, case, state, actor_id=actor_id, within=within, answer=sealed(commerce, note))
    return await detail(commerce, connection, request_id)


async def withdraw(commerce: Commerce, connection: Connection, request_id: UUID, buyer_id: UUID) -> ReturnDetail:
    """The buyer keeps the goods.

    Raises:
        NotFound, IllegalReturnMove.
    """
    _, case = await lock(connection, request_id, buyer_id=buyer_id)
    await move(commerce, connection, case, "withdrawn", actor_id=buyer_id)
    return await detail(commerce, connection, request_id)


async def book_pickup(
    commerce: Commerce,
    connection: Connection,
    request_id: UUID,
    *,
    seller_id: UUID,
    actor_id: UUID,
    reference: str | None,
) -> ReturnDetail:
    """Somebody is sent to fetch the goods.

    Raises:
        NotFound, IllegalReturnMove.
    """
    _, case = await lock(connection, request_id, seller_id=seller_id)
    await move(
        commerce,
        connection,
        case,
        "pickup_booked",
        actor_id=actor_id,
        within=rules.HAND_OVER,
        pickup_reference=reference,
    )
    return await detail(commerce, connection, request_id)


async def receive(
    commerce: Commerce, connection: Connection, request_id: UUID, *, seller_id: UUID, actor_id: UUID
) -> ReturnDetail:
    """The goods are back.

    Raises:
        NotFound, IllegalReturnMove.
    """
    _, case = await lock(connection, request_id, seller_id=seller_id)
    await move(commerce, connection, case, "received", actor_id=actor_id, within=rules.INSPECT)
    return await detail(commerce, connection, request_id)


Findings = list[tuple[int, int, int]]


async def inspect(
    commerce: Commerce,
    connection: Connection,
    request_id: UUID,
    findings: Findings,
    *,
    actor_id: UUID | None,
    seller_id: UUID | None = None,
    note: str | None = None,
) -> ReturnDetail:
    """The goods were looked at: what is accepted is refunded or exchanged, and goes to the shelf or off the books.

    Raises:
        NotFound, IllegalReturnMove, MoreThanBought.
    """
    order, case = await lock(connection, request_id, seller_id=seller_id)
    rules.check_return(case["state"], "refused")
    rows = await fetch_all(connection, SQL["request_lines"], request_id=request_id)
    found = rules.inspect({row["line_no"]: row["quantity"] for row in rows}, findings)
    await execute(
        connection, SQL["note_findings"], request_id=request_id, line_nos=[one.line_no for one in found],
        accepted=[one.accepted for one in found], good=[one.good for one in found],
    )  # fmt: skip
    told = sealed(commerce, note)
    if not any(one.accepted for one in found):
        await move(commerce, connection, case, "refused", actor_id=actor_id, within=rules.QUARREL, answer=told)
        return await detail(commerce, connection, request_id)
    offers = await _shelve(connection, order, found)
    if case["wish"] == "exchange" and await _exchange(connection, case, found, offers):
        await move(commerce, connection, case, "exchanged", actor_id=actor_id, answer=told)
    else:
        worth = await _refund(commerce, connection, order, case, found)
        await move(commerce, connection, case, "refunded", actor_id=actor_id, answer=told, worth_poisha=worth)
    return await detail(commerce, connection, request_id)


async def _shelve(connection: Connection, order: Mapping[str, Any], found: list[rules.Inspected]) -> dict[int, UUID]:
    """Accepted goods go back to the shelf, or off the books; offer of each line."""
    lines = await fetch_all(connection, ORDERS["lines_left"], order_id=order["id"])
    offers = {row["line_no"]: row["offer_id"] for row in lines}
    for one in sorted(found, key=lambda one: offers[one.line_no]):
        for quantity, is_good in ((one.good, True), (one.accepted - one.good, False)):
            if quantity:
                await inventory.return_part(connection, order["id"], offers[one.line_no], quantity, is_good=is_good)
    return offers


async def _exchange(
    connection: Connection, case: Mapping[str, Any], found: list[rules.Inspected], offers: Mapping[int, UUID]
) -> bool:
    """The same goods leave for the buyer again; False if there are none."""
    wanted = [inventory.Wanted(case["id"], offers[one.line_no], one.accepted) for one in found if one.accepted]
    try:
        async with connection.transaction():
            await inventory.reserve(connection, wanted, district_code=None, expires_at=None)
    except inventory.OutOfStock:
        return False
    await inventory.claim(connection, [case["id"]])
    return True


async def _refund(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    case: Mapping[str, Any],
    found: list[rules.Inspected],
) -> int:
    lines = await fetch_all(connection, ORDERS["lines_left"], order_id=order["id"])
    left = {row["line_no"]: row["left_quantity"] for row in lines}
    accepted = {one.line_no: one.accepted for one in found if one.accepted}
    # A dispute may have given some of it back already: what is left counts.
    pieces = [Piece(line_no, min(quantity, left[line_no])) for line_no, quantity in accepted.items() if left[line_no]]
    if rules.gives_back_shipping(case["reason"], left, accepted):
        pieces.append(Piece(0, 1))
    return await give_back(
        commerce, connection, order, pieces, cause="returned", cause_key=f"return:{case['id']}",
        destination=opened(commerce, case["wallet_encrypted"], WALLET),
    )  # fmt: skip
