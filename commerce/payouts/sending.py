"""Use cases of sending payouts through the bank: each transfer once, whatever dies or is silent; what the bank's statement says.

An item is `submitted` and committed before the bank is asked to act; silence makes it `unknown`; an item that was with the
bank before is asked about first. Duties of the relay. Not here: who is paid how much.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import payout_entries
from commerce.payments import refunds
from commerce.payments.ports import BankRefused, BankSilent, Outcome
from commerce.payouts import rules
from commerce.payouts.events import item_moved
from commerce.payouts.use_cases import SQL, move_items
from commerce.sellers.payout_accounts import accounts_of, number_of
from foundation import crashpoints
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_one
from foundation.logging import get_logger
from foundation.outbox import record_events

_log = get_logger(component="payouts")
UNDECIDED = "accepted"


async def send_one(commerce: Commerce) -> bool:
    """Send one payout that is due, or find out about one; False when there is none."""
    now = commerce.clock()
    lease = now + timedelta(seconds=commerce.settings.provider_timeout_s * 3 + 5)
    async with commerce.database.transaction() as connection:
        item = await fetch_one(connection, SQL["claim_item"], now=now, locked_until=lease)
        if item is None:
            return False
        await execute(connection, SQL["note_claim"], id=item["id"], from_state=item["previous_state"], now=now)
        objection = await _objection(connection, item) if item["previous_state"] == "pending" else None
        account = await number_of(commerce, connection, item["account_id"])
    if objection is not None:
        await _end(commerce, item, "failed", failure=objection)
        return True
    crashpoints.reach("payout.submitted")
    try:
        outcome = await _send_once(commerce, item, account)
    except BankSilent:
        await _wait(commerce, item, "unknown")
    except BankRefused as error:
        _log.error("payout refused", payout_id=str(item["id"]), error=str(error))
        await _end(commerce, item, "failed", failure="refused")
    else:
        crashpoints.reach("payout.sent")
        await _take(commerce, item, outcome)
    return True


async def _objection(connection: Connection, item: Mapping[str, Any]) -> str | None:
    """Why an approved payout is not sent after all: the shop or its account is not what it was."""
    account = (await accounts_of(connection, [item["seller_id"]])).get(item["seller_id"])
    if account is None or account.id != item["account_id"]:
        return "account_changed"
    return None if account.is_selling else "not_selling"


async def _send_once(commerce: Commerce, item: Mapping[str, Any], account: str) -> Outcome:
    """Ask before repeating; the bank takes our reference once."""
    if item["previous_state"] != "pending":
        known = await commerce.bank.find(item["reference"])
        if known is not None:
            return known
    return await commerce.bank.send(
        reference=item["reference"], kind=item["method"], account=account, amount_poisha=item["amount_poisha"]
    )


async def _take(commerce: Commerce, item: Mapping[str, Any], outcome: Outcome) -> None:
    if outcome.status == UNDECIDED:
        await _wait(commerce, item, "unknown")
    elif outcome.status == "rejected":
        await _end(commerce, item, "failed", failure="rejected")
    else:
        # Money that came back has first been paid: the statement tells the rest.
        await _end(commerce, item, "paid")


async def _wait(commerce: Commerce, item: Mapping[str, Any], state: str) -> None:
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        await move_items(
            connection, [item["id"]], "submitted", state, now=now, locked_until=now + rules.pause(item["tries"])
        )


async def _end(commerce: Commerce, item: Mapping[str, Any], state: str, *, failure: str | None = None) -> None:
    async with commerce.database.transaction() as connection:
        await _settle(commerce, connection, item, state, failure=failure)


async def _settle(
    commerce: Commerce, connection: Connection, item: Mapping[str, Any], state: str, *, failure: str | None = None
) -> bool:
    """Post the end of a payout once; False if it was ended before."""
    now = commerce.clock()
    locked = await fetch_one(connection, SQL["lock_item"], id=item["id"])
    if locked is None or state not in rules.ITEM_TRANSITIONS[locked["state"]]:
        return False
    await move_items(connection, [item["id"]], locked["state"], state, now=now, failure=failure)
    source, target = {
        "paid": ("payout_clearing", "bank"),
        "failed": ("payout_clearing", "seller_payable"),
        "returned": ("bank", "seller_payable"),
    }[state]
    await ledger.post(
        connection, kind=f"payout.{state}", reference=str(item["id"]), business_on=business_date(now),
        entries=payout_entries(locked["seller_id"], locked["amount_poisha"], source=source, target=target),
    )  # fmt: skip
    await record_events(connection, [item_moved(locked, state, at=now, failure=failure)])
    await execute(connection, SQL["close_batch"], id=locked["batch_id"], now=now)
    return True


async def follow_statement(commerce: Commerce) -> bool:
    """Take in what the bank's statement says of our transfers; True if there was anything new."""
    async with commerce.database.transaction() as connection:
        reading = await fetch_one(connection, SQL["read_until"])
        try:
            lines = await commerce.bank.statement(int(reading["last_seq"]) if reading else 0)
        except BankSilent:
            return False
        heard = 0
        for line in lines:
            if not await _hear(commerce, connection, line):
                break
            await execute(connection, SQL["note_reading"], seq=line.seq)
            heard += 1
    return heard > 0


async def _hear(commerce: Commerce, connection: Connection, line: Outcome) -> bool:
    """Take in one line; False if it speaks of something of which our own answer is not noted yet: ask again later."""
    if line.reference.startswith("GP"):
        item = await fetch_one(connection, SQL["find_by_reference"], reference=line.reference)
        if item is None:
            _log.error("a transfer that is not ours", reference=line.reference)
            return True
        states = {"paid": ["paid"], "rejected": ["failed"], "returned": ["paid", "returned"]}.get(line.status, [])
        for state in states:
            failure = line.status if state in {"failed", "returned"} else None
            await _settle(commerce, connection, item, state, failure=failure)
    elif line.reference.startswith(refunds.PREFIX) and line.status == "returned":
        return await refunds.bounce(commerce, connection, line.reference) != "open"
    return True
