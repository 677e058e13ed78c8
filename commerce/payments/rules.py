"""Pure decisions about payments: states of an attempt, what a provider's answer means. No I/O, no clock, no database."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from commerce.payments.bkash import ProviderPayment
from foundation.errors import Conflict

# A time-out makes an attempt `unknown`, never `declined`; only a query, webhook or reconciliation resolves it.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "created": frozenset({"submitted", "declined", "captured"}),
    "submitted": frozenset({"captured", "declined", "unknown"}),
    "unknown": frozenset({"captured", "declined", "submitted"}),
    "captured": frozenset(),
    "declined": frozenset(),
}
# A bKash payment can be executed for 24 hours; after that `Initiated` can never become `Completed`.
EXECUTABLE_FOR = timedelta(hours=24)


class PaymentInProgress(Conflict):
    code = "payment-in-progress"
    message = "The payment of this order is being confirmed. Try again in a minute."


class RefundTooMuch(Conflict):
    code = "refund-too-much"
    message = "That is more than was paid, less what was given back before."


class PaymentOver(Conflict):
    code = "payment-over"
    message = "This payment is already {state}."


def mismatch(attempt: Mapping[str, object], payment: ProviderPayment) -> str | None:
    """Why a completed payment is not the one we asked for; None if it is. Money is then never booked by itself."""
    if payment.amount_poisha != attempt["amount_poisha"]:
        return "amount"
    if payment.currency != "BDT":
        return "currency"
    reference = str(attempt["merchant_reference"])
    if not (payment.invoice or "").startswith(reference):
        return "invoice"
    return None


def next_step(payment: ProviderPayment, created_at: datetime, now: datetime) -> str:
    """What to do with an unresolved attempt after a query: capture | execute | wait | decline."""
    if payment.is_completed:
        return "capture"
    if payment.status in {"Cancelled", "Expired", "Declined", "Failed"}:
        return "decline"
    if now - created_at >= EXECUTABLE_FOR:
        return "decline"
    # Not executed, says the provider: executing now cannot charge twice, one payment id executes once.
    return "execute" if payment.is_verified else "wait"
