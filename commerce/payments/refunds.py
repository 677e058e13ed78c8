"""Use case: return money at the provider, once. Query before repeat; never a blind retry. Not here: why it is owed."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import refund_paid_entries
from commerce.payments.bkash import ProviderRefused, ProviderSilent
from commerce.payments.events import refund_completed
from commerce.payments.ports import BankRefused, BankSilent
from commerce.payments.schemas import RefundRow
from commerce.payments.use_cases import DESTINATION, set_destination
from foundation import crashpoints
from foundation.bangladesh.phones import normalise_phone
from foundation.clock import business_date
from foundation.database import Connection, fetch_one
from foundation.errors import InvalidInput, NotFound
from foundation.logging import get_logger
from foundation.outbox import record_events
from foundation.statements import load_statements

SQL = load_statements(__file__)
PREFIX = "GR"
REFERENCE = re.compile(rf"{PREFIX}(?P<id>[0-9a-f]{{32}})-(?P<version>[0-9]{{1,6}})")
_log = get_logger(component="refunds")


class NotAWallet(InvalidInput):
    code = "not-a-wallet"
    message = "This is not a mobile number of Bangladesh. Write it like 01712345678."


async def refund_one(commerce: Commerce) -> bool:
    """Make, or find out about, one refund that is due; False when there is none."""
    now = commerce.clock()
    lease = now + timedelta(seconds=commerce.settings.provider_timeout_s * 3 + 5)
    async with commerce.database.transaction() as connection:
        refund = await fetch_one(connection, SQL["claim_refund"], now=now, locked_until=lease)
        if refund is None:
            return False
        paid = await fetch_one(connection, SQL["find_paid_attempt"], id=refund["attempt_id"])
        sent_to = await fetch_one(connection, SQL["find_destination"], refund_id=refund["id"])
    if paid is None:
        raise LookupError(f"refund {refund['id']} has no payment")
    crashpoints.reach("refund.submitted")
    try:
        if paid["provider"] == "cod":
            refund_id = await _transfer_once(commerce, refund, sent_to or {})
        else:
            refund_id = await _refund_once(commerce, refund, paid)
    except (ProviderSilent, BankSilent):
        await _resolve(commerce, refund, paid, "unknown", None)
    except (ProviderRefused, BankRefused) as error:
        _log.error("refund refused", refund_id=str(refund["id"]), error=str(error))
        await _resolve(commerce, refund, paid, "failed", None)
    else:
        crashpoints.reach("refund.executed")
        await _resolve(commerce, refund, paid, "refunded", refund_id)
    return True


async def _refund_once(commerce: Commerce, refund: Mapping[str, Any], paid: Mapping[str, Any]) -> str:
    """A name of ours travels as the refund's sku: that is how an earlier try is recognised."""
    # Refunds of before causes had keys were one an order.
    sku = str(refund["order_id"] if refund["cause_key"] is None else refund["id"])
    payment = {"payment_id": paid["provider_payment_id"], "transaction_id": paid["provider_transaction_id"]}
    if refund["previous_state"] != "created":
        for refund_id, amount, named in await commerce.bkash.refunded(**payment):
            if named == sku and amount == refund["amount_poisha"]:
                return refund_id
    return await commerce.bkash.refund(
        **payment, amount_poisha=refund["amount_poisha"], sku=sku, reason=refund["reason"]
    )


def transfer_reference(refund_id: UUID, version: int) -> str:
    """Name of a refund's transfer at the bank: another wallet is another transfer."""
    return f"{PREFIX}{refund_id.hex}-{version}"


async def _transfer_once(commerce: Commerce, refund: Mapping[str, Any], sent_to: Mapping[str, Any]) -> str:
    """Cash is given back through our bank to the buyer's wallet."""
    if not sent_to:
        raise BankRefused("no destination")
    reference = transfer_reference(refund["id"], sent_to["version"])
    outcome = None if refund["previous_state"] == "created" else await commerce.bank.find(reference)
    if outcome is None:
        account = commerce.cipher.decrypt(sent_to["account_encrypted"], DESTINATION)
        outcome = await commerce.bank.send(
            reference=reference, kind="wallet", account=account, amount_poisha=refund["amount_poisha"]
        )
    if outcome.status in {"rejected", "returned"}:
        raise BankRefused(outcome.status)
    return reference


async def bounce(commerce: Commerce, connection: Connection, reference: str) -> str:
    """The bank's statement says that a refund's money came back, or was never sent: it is owed again.

    Returns: bounced; known (nothing changes by it); open (our own answer about it is not noted yet: ask again);
    stranger (no transfer of ours).
    """
    match = REFERENCE.fullmatch(reference)
    if match is None:
        return "stranger"
    refund_id, version, now = UUID(match["id"]), int(match["version"]), commerce.clock()
    row = await fetch_one(connection, SQL["bounce_refund"], id=refund_id, reference=reference, now=now)
    if row is None:
        found = await fetch_one(connection, SQL["find_transfer"], id=refund_id, version=version)
        if found is None:
            return "stranger"
        return "open" if found["is_open"] else "known"
    entries = refund_paid_entries("cod", row["order_id"], -row["amount_poisha"])
    await ledger.post(
        connection, kind="refund.bounced", reference=reference, business_on=business_date(now), entries=entries
    )
    return "bounced"


async def redirect(
    commerce: Commerce, connection: Connection, buyer_id: UUID, refund_id: UUID, wallet: str
) -> RefundRow:
    """The buyer names another wallet for a refund that could not be sent.

    Raises:
        NotFound: no such refund of this buyer that failed.
        NotAWallet.
    """
    account = normalise_phone(wallet)
    if account is None:
        raise NotAWallet
    row = await fetch_one(connection, SQL["reopen_refund"], id=refund_id, buyer_id=buyer_id)
    if row is None:
        raise NotFound
    await set_destination(commerce, connection, refund_id, account)
    return RefundRow(**row)


async def _resolve(
    commerce: Commerce, refund: Mapping[str, Any], paid: Mapping[str, Any], state: str, refund_id: str | None
) -> None:
    now = commerce.clock()
    retry_at = now + timedelta(seconds=5) if state == "unknown" else None
    async with commerce.database.transaction() as connection:
        moved = await fetch_one(
            connection, SQL["resolve_refund"], id=refund["id"], state=state, provider_refund_id=refund_id, now=now,
            locked_until=retry_at,
        )  # fmt: skip
        if moved is None or refund_id is None:
            return
        await ledger.post(
            connection, kind="refund.paid", reference=_posting(refund, refund_id), business_on=business_date(now),
            entries=refund_paid_entries(paid["provider"], refund["order_id"], refund["amount_poisha"]),
        )  # fmt: skip
        await record_events(connection, [refund_completed(refund, refund_id, at=now)])


def _posting(refund: Mapping[str, Any], refund_id: str) -> str:
    """What a paid refund is posted for: a bank transfer may come back and be sent again."""
    return refund_id if refund_id.startswith(PREFIX) else str(refund["id"])
