"""Parts every HTTP service is built from: problems, languages, request ids, health, metrics, idempotency, pages.

Not here: routes of the shop.
"""
