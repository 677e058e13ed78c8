"""Use cases of prepaid money: open the provider's page, take the money once, find out what a silent provider did.

The rule of it all: an attempt is `submitted` and committed before the provider is asked to act; silence makes it
`unknown`; only the provider's own word (execute's answer or a query) makes it captured or declined.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import capture_entries
from commerce.payments.bkash import ProviderPayment, ProviderRefused, ProviderSilent
from commerce.payments.events import attempt_resolved
from commerce.payments.rules import PaymentOver, mismatch, next_step
from foundation import crashpoints
from foundation.bangladesh.phones import normalise_phone
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.logging import get_logger
from foundation.outbox import record_events
from foundation.statements import load_statements

SQL = load_statements(__file__)
ORIGIN = {
    "captured": ["submitted", "unknown"],
    "declined": ["submitted", "unknown"],
    "unknown": ["submitted", "unknown"],
}
DUPLICATE_INVOICE = "2029"
_log = get_logger(component="payments")


async def open_page(commerce: Commerce, attempt_id: UUID) -> str:
    """Address of the provider's page for an attempt; opened once, given again on every further visit.

    Raises:
        NotFound, PaymentOver, ProviderSilent.
    """
    async with commerce.database.connection() as connection:
        attempt = await _attempt(connection, attempt_id)
    if attempt["state"] != "created":
        raise PaymentOver(state=attempt["state"])
    if attempt["redirect_url"]:
        return str(attempt["redirect_url"])
    payment_id, page = await _create(commerce, attempt)
    async with commerce.database.connection() as connection:
        attached = await execute(
            connection, SQL["attach_session"], id=attempt_id, provider_payment_id=payment_id, redirect_url=page,
            previous=None,
        )  # fmt: skip
    # Somebody else opened a page in the same moment: theirs is the one we know of.
    return page if attached else await open_page(commerce, attempt_id)


async def _create(commerce: Commerce, attempt: Mapping[str, Any]) -> tuple[str, str]:
    """Open a payment at the provider; no money moves, so this may be done again under a new invoice number."""
    invoices = (attempt["merchant_reference"], f"{attempt['merchant_reference']}-{secrets.token_hex(3)}")
    for invoice in invoices:
        try:
            return await commerce.bkash.create(
                invoice=invoice,
                amount_poisha=attempt["amount_poisha"],
                payer_reference=attempt["number"],
                callback_url=f"{commerce.settings.gateway}/v1/payments/bkash/callback",
            )
        except ProviderRefused as error:
            # An earlier try of ours opened one and died before it could say so: nobody can pay that page, take a new one.
            if error.code != DUPLICATE_INVOICE:
                _log.warning("session refused", attempt_id=str(attempt["id"]), code=error.code)
                raise ProviderSilent from error
    raise ProviderSilent


async def on_callback(commerce: Commerce, payment_id: str, status: str) -> Mapping[str, Any]:
    """The buyer's browser came back. The query string proves nothing: `success` only makes us ask the provider.

    Returns the attempt as it stands afterwards.

    Raises:
        NotFound: no attempt of ours.
    """
    async with commerce.database.connection() as connection:
        attempt = await fetch_one(connection, SQL["find_by_provider_payment"], provider_payment_id=payment_id)
    if attempt is None:
        raise NotFound
    if status == "success":
        if await _submit(commerce, attempt["id"]):
            await _execute(commerce, attempt)
    elif attempt["state"] == "created":
        await _decline_unsubmitted(commerce, attempt, status)
    async with commerce.database.connection() as connection:
        return await _attempt(connection, attempt["id"])


async def resolve_one(commerce: Commerce) -> bool:
    """Take up one attempt whose outcome is open and ask the provider; False when there is none due."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        due = await fetch_one(connection, SQL["claim_unresolved"], now=now, locked_until=_lease(commerce, now))
        attempt = await _attempt(connection, due["id"]) if due else None
    if attempt is None:
        return False
    try:
        payment = await commerce.bkash.query(attempt["provider_payment_id"])
    except (ProviderSilent, ProviderRefused) as error:
        _log.warning("query failed", attempt_id=str(attempt["id"]), error=str(error))
        await _resolve(commerce, attempt, "unknown", detail="query failed")
        return True
    step = next_step(payment, attempt["created_at"], commerce.clock())
    if step == "capture":
        await _capture(commerce, attempt, payment)
    elif step == "decline":
        await _resolve(commerce, attempt, "declined", detail=payment.status)
    elif step == "execute":
        await _execute(commerce, attempt)
    else:
        await _resolve(commerce, attempt, "unknown", detail=payment.status)
    return True


async def expire_unpaid(commerce: Commerce) -> int:
    """Close prepaid attempts that nobody paid in time; how many."""
    now = commerce.clock()
    before = now - timedelta(minutes=commerce.settings.payment_expiry_minutes)
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["claim_expired"], now=now, before=before)
        attempts = [await _attempt(connection, row["id"]) for row in rows]
        await record_events(
            connection,
            [attempt_resolved(attempt, "declined", at=now, payer_index=None, reason="expired") for attempt in attempts],
        )
    return len(rows)


async def _attempt(connection: Connection, attempt_id: UUID) -> Mapping[str, Any]:
    attempt = await fetch_one(connection, SQL["find_attempt"], id=attempt_id)
    if attempt is None:
        raise NotFound
    return attempt


def _lease(commerce: Commerce, now: datetime) -> datetime:
    return now + timedelta(seconds=commerce.settings.provider_timeout_s * 2 + 5)


async def _submit(commerce: Commerce, attempt_id: UUID) -> bool:
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        return bool(
            await fetch_one(connection, SQL["submit"], id=attempt_id, now=now, locked_until=_lease(commerce, now))
        )


async def _execute(commerce: Commerce, attempt: Mapping[str, Any]) -> None:
    crashpoints.reach("payment.submitted")
    try:
        payment = await commerce.bkash.execute(attempt["provider_payment_id"])
    except ProviderSilent:
        await _resolve(commerce, attempt, "unknown", detail="no answer to execute")
        return
    except ProviderRefused as error:
        await _after_refusal(commerce, attempt, error)
        return
    crashpoints.reach("payment.executed")
    if payment.is_completed:
        await _capture(commerce, attempt, payment)
    else:
        await _resolve(commerce, attempt, "unknown", detail=payment.status)


async def _after_refusal(commerce: Commerce, attempt: Mapping[str, Any], refusal: ProviderRefused) -> None:
    """A refused execute may mean that an earlier one went through: only a query may decline it."""
    try:
        payment = await commerce.bkash.query(attempt["provider_payment_id"])
    except (ProviderSilent, ProviderRefused):
        await _resolve(commerce, attempt, "unknown", detail=refusal.code)
        return
    if payment.is_completed:
        await _capture(commerce, attempt, payment)
    else:
        await _resolve(commerce, attempt, "declined", detail=refusal.code)


async def _capture(commerce: Commerce, attempt: Mapping[str, Any], payment: ProviderPayment) -> None:
    wrong = mismatch(attempt, payment)
    if wrong is not None:
        _log.error("provider answer does not match", attempt_id=str(attempt["id"]), field=wrong)
        await _resolve(commerce, attempt, "unknown", detail=f"mismatch: {wrong}")
        return
    await _resolve(commerce, attempt, "captured", detail=None, payment=payment)


async def _resolve(
    commerce: Commerce,
    attempt: Mapping[str, Any],
    state: str,
    *,
    detail: str | None,
    payment: ProviderPayment | None = None,
) -> None:
    now = commerce.clock()
    payer = _payer_index(commerce, payment)
    retry_at = now + timedelta(seconds=2) if state == "unknown" else None
    async with commerce.database.transaction() as connection:
        moved = await fetch_one(
            connection, SQL["resolve"], id=attempt["id"], state=state, from_states=ORIGIN[state], now=now,
            transaction_id=payment.transaction_id if payment else None, payer_index=payer,
            detail=detail, locked_until=retry_at,
        )  # fmt: skip
        if moved is None:
            return
        if state == "captured":
            shares = {UUID(part["order_id"]): int(part["amount_poisha"]) for part in attempt["shares"]}
            await ledger.post(
                connection, kind="payment.captured", reference=str(attempt["id"]), business_on=business_date(now),
                entries=capture_entries(attempt["provider"], shares),
            )  # fmt: skip
        if state != "unknown" or attempt["state"] != "unknown":
            event = attempt_resolved(attempt, state, at=now, payer_index=payer, reason=detail)
            await record_events(connection, [event])


async def _decline_unsubmitted(commerce: Commerce, attempt: Mapping[str, Any], status: str) -> None:
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        moved = await fetch_one(
            connection, SQL["resolve"], id=attempt["id"], state="declined", from_states=["created"], now=now,
            transaction_id=None, payer_index=None, detail=status[:64], locked_until=None,
        )  # fmt: skip
        if moved is not None:
            event = attempt_resolved(attempt, "declined", at=now, payer_index=None, reason=status[:64])
            await record_events(connection, [event])


def _payer_index(commerce: Commerce, payment: ProviderPayment | None) -> str | None:
    wallet = normalise_phone(payment.payer) if payment and payment.payer else None
    return commerce.cipher.index(wallet, "wallet") if wallet else None
