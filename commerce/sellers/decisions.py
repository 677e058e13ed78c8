"""What staff decide about sellers: the queue of papers, accept or reject, waive a requirement. Not here: the rules' own decisions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.sellers import shops, verification
from commerce.sellers.rules import REASONS, REQUIREMENTS
from commerce.sellers.schemas import (
    DecisionRequest,
    QueuePage,
    QueueRow,
    Requirements,
    SubmissionDetail,
    WaiveRequest,
)
from commerce.sellers.shops import SQL
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor


class NoSuchReason(InvalidInput):
    code = "no-such-reason"
    message = "Give reasons from the list: {reasons}."


class Decided(Conflict):
    code = "decided"
    message = "This submission was decided already."


class OwnShop(Forbidden):
    code = "own-shop"
    message = "You work for this shop. Somebody else must decide."


async def queue(commerce: Commerce, locale: str, *, cursor: str | None, limit: int) -> QueuePage:
    """Papers that wait for a person, the most urgent first."""
    after = decode_cursor(cursor, 2)
    try:
        after_at, after_id = (datetime.fromisoformat(after[0]), UUID(after[1])) if after else (None, None)
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["review_queue"], now=commerce.clock(), after_at=after_at, after_id=after_id, limit=limit
        )
    items = [QueueRow.model_validate({**row, "reasons": verification.texts(row["reasons"], locale)}) for row in rows]
    following = encode_cursor([rows[-1]["due_at"].isoformat(), rows[-1]["id"]]) if len(rows) == limit else None
    return QueuePage(items=items, next_cursor=following)


async def detail(commerce: Commerce, submission_id: UUID, staff_id: UUID, locale: str) -> SubmissionDetail:
    """One paper as the one who decides sees it; that it was read is on record.

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["find_submission"], id=submission_id)
        if row is None:
            raise NotFound
        await audit.record(
            connection, actor_id=staff_id, action="seller.submission_read", subject=("submission", submission_id)
        )
    cipher = commerce.cipher
    given, documented = row["legal_name_encrypted"], row["name_encrypted"]
    return SubmissionDetail.model_validate(
        {
            **row,
            "reasons": verification.texts(row["reasons"], locale),
            "given_name": cipher.decrypt(bytes(given), shops.LEGAL_NAME) if given else None,
            "documented_name": cipher.decrypt(bytes(documented), verification.NAME) if documented else None,
        }
    )


async def decide(
    commerce: Commerce, submission_id: UUID, staff_id: UUID, request: DecisionRequest, locale: str
) -> QueueRow:
    """Accept or reject a paper, with reasons; the shop opens if it was the last.

    Raises:
        NoSuchReason, NotFound, Decided, OwnShop.
    """
    if any(code not in REASONS for code in request.reasons):
        raise NoSuchReason(reasons=", ".join(REASONS))
    async with commerce.database.transaction() as connection:
        found = await fetch_one(connection, SQL["find_submission"], id=submission_id)
        if found is None:
            raise NotFound
        # The seller first, then its paper: the same order as when it is shown.
        seller = await shops.lock(connection, found["seller_id"])
        row = await fetch_one(connection, SQL["lock_submission"], id=submission_id)
        if row is None or row["status"] != "pending":
            raise Decided
        await _check_stranger(connection, row["seller_id"], staff_id)
        status = "accepted" if request.decision == "accept" else "rejected"
        await execute(
            connection, SQL["decide"], id=submission_id, status=status, reasons=Jsonb(request.reasons),
            decided_by=staff_id, now=commerce.clock(), note=request.note,
        )  # fmt: skip
        await _note(connection, row, staff_id, status, request.reasons)
        await verification.settle(commerce, connection, row["seller_id"])
    return QueueRow.model_validate(
        {
            **found, "seller_name": seller["name"], "seller_status": seller["status"], "is_overdue": False,
            "reasons": verification.texts(request.reasons, locale),
        }
    )  # fmt: skip


async def _check_stranger(connection: Connection, seller_id: UUID, staff_id: UUID) -> None:
    if await fetch_one(connection, SQL["membership"], seller_id=seller_id, user_id=staff_id) is not None:
        raise OwnShop


async def _note(connection: Connection, row: dict[str, Any], staff_id: UUID, status: str, reasons: list[str]) -> None:
    body = {"submission_id": str(row["id"]), "requirement": row["requirement"], "status": status, "reasons": reasons}
    await audit.record(
        connection, actor_id=staff_id, action=f"seller.submission_{status}", subject=("seller", row["seller_id"]),
        detail=body,
    )  # fmt: skip
    await shops.tell(connection, row["seller_id"], "sellers.submission_decided", body)


async def waive(
    commerce: Commerce, seller_id: UUID, staff_id: UUID, request: WaiveRequest, locale: str
) -> Requirements:
    """Do without a requirement for one shop, on record.

    Raises:
        NotFound: no such seller or requirement. Decided: it is settled. OwnShop.
    """
    if request.requirement not in REQUIREMENTS:
        raise NotFound
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        await shops.lock(connection, seller_id)
        await _check_stranger(connection, seller_id, staff_id)
        found, _ = await verification.states(connection, seller_id)
        if found[request.requirement] in {"accepted", "waived"}:
            raise Decided
        await execute(
            connection, SQL["withdraw_pending"], seller_id=seller_id, requirement=request.requirement, now=now
        )
        submission_id = uuid7()
        await execute(
            connection, SQL["add_submission"], id=submission_id, seller_id=seller_id, requirement=request.requirement,
            status="waived", method="waiver", number_encrypted=None, number_index=None, number_tail=None,
            name_encrypted=None, issuer=None, expires_on=None, document_id=None, reasons=Jsonb([]), risk_score=0,
            decision="approve", submitted_by=staff_id, now=now, due_at=None, decided_at=now, note=request.reason,
        )  # fmt: skip
        row = {"id": submission_id, "requirement": request.requirement, "seller_id": seller_id}
        await _note(connection, row, staff_id, "waived", [])
        await verification.settle(commerce, connection, seller_id)
    return await verification.requirements(commerce, seller_id, locale)
