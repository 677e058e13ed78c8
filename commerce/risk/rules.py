"""The policy that decides when the scoring service does not: by exposure, in taka. Pure; no model, no I/O.

Prepaid small orders stay open; large ones and large cash orders of new buyers go to review. Sales do not stop.
"""

from datetime import datetime, timedelta

NEW_ACCOUNT = timedelta(days=7)
LIMITS_POISHA = {"bkash": 500_000, "cod": 300_000}
VERSION = "policy-1"

TEXTS = {
    "large_prepaid": "A large prepaid order is checked by a person.",
    "large_cash_new_buyer": "A large cash order from a new account is confirmed by phone.",
    "policy_allow": "Nothing in the order speaks against it.",
}


def fallback(
    *, payment_method: str, total_poisha: int, account_created_at: datetime | None, now: datetime
) -> tuple[str, str]:
    """(action, reason code) of the policy table."""
    is_new = account_created_at is None or now - account_created_at < NEW_ACCOUNT
    if payment_method == "cod" and is_new and total_poisha > LIMITS_POISHA["cod"]:
        return "review", "large_cash_new_buyer"
    if payment_method != "cod" and total_poisha >= LIMITS_POISHA["bkash"]:
        return "review", "large_prepaid"
    return "allow", "policy_allow"
