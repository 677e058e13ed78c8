"""Use case: return money at the provider, once. Query before repeat; never a blind retry. Not here: why it is owed."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import refund_paid_entries
from commerce.payments.bkash import ProviderRefused, ProviderSilent
from commerce.payments.events import refund_completed
from foundation import crashpoints
from foundation.clock import business_date
from foundation.database import fetch_one
from foundation.logging import get_logger
from foundation.outbox import record_events
from foundation.statements import load_statements

SQL = load_statements(__file__)
_log = get_logger(component="refunds")


async def refund_one(commerce: Commerce) -> bool:
    """Make, or find out about, one refund that is due; False when there is none."""
    now = commerce.clock()
    lease = now + timedelta(seconds=commerce.settings.provider_timeout_s * 3 + 5)
    async with commerce.database.transaction() as connection:
        refund = await fetch_one(connection, SQL["claim_refund"], now=now, locked_until=lease)
        if refund is None:
            return False
        paid = await fetch_one(connection, SQL["find_paid_attempt"], id=refund["attempt_id"])
    if paid is None:
        raise LookupError(f"refund {refund['id']} has no payment")
    crashpoints.reach("refund.submitted")
    try:
        refund_id = await _refund_once(commerce, refund, paid)
    except ProviderSilent:
        await _resolve(commerce, refund, paid, "unknown", None)
    except ProviderRefused as error:
        _log.error("refund refused", refund_id=str(refund["id"]), code=error.code)
        await _resolve(commerce, refund, paid, "failed", None)
    else:
        crashpoints.reach("refund.executed")
        await _resolve(commerce, refund, paid, "refunded", refund_id)
    return True


async def _refund_once(commerce: Commerce, refund: Mapping[str, Any], paid: Mapping[str, Any]) -> str:
    """Our order id travels as the refund's sku: that is how an earlier try is recognised."""
    payment = {"payment_id": paid["provider_payment_id"], "transaction_id": paid["provider_transaction_id"]}
    if refund["previous_state"] != "created":
        for refund_id, amount, sku in await commerce.bkash.refunded(**payment):
            if sku == str(refund["order_id"]) and amount == refund["amount_poisha"]:
                return refund_id
    return await commerce.bkash.refund(
        **payment, amount_poisha=refund["amount_poisha"], sku=str(refund["order_id"]), reason=refund["reason"]
    )


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
            connection, kind="refund.paid", reference=str(refund["id"]), business_on=business_date(now),
            entries=refund_paid_entries(paid["provider"], refund["order_id"], refund["amount_poisha"]),
        )  # fmt: skip
        await record_events(connection, [refund_completed(refund, refund_id, at=now)])
