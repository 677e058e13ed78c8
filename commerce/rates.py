"""Rate classes of the shop's API: the first that covers a request counts it. Far above what people do. Not here: counting."""

from foundation.web.rates import RateClass

READS, WRITES = frozenset({"GET", "HEAD"}), frozenset({"POST", "PUT", "PATCH", "DELETE"})
RATES = (
    # Passwords and codes: tried by the thousand elsewhere. Accounts have limits of their own beside these.
    RateClass("accounts", 10, 100, WRITES, ("/v1/auth/",), by_address=True),
    # Couriers and payment providers send much at once after an outage of ours.
    RateClass("providers", 100, 1000, WRITES, ("/v1/shipping/webhooks/", "/v1/payments/bkash/"), by_address=True),
    RateClass("uploads", 5, 50, WRITES, ("/v1/media", "/v1/seller/documents", "/v1/seller/catalog/imports")),
    RateClass("writes", 50, 200, WRITES, ("/v1/",)),
    RateClass("reads", 200, 1000, READS, ("/v1/",)),
)
