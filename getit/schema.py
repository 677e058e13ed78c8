"""Every table of the commerce database, gathered for migrations. Importing it registers them all. Not here: tables."""

import importlib

from foundation.tables import metadata

TABLE_MODULES = (
    "foundation.history_tables",
    "foundation.outbox_tables",
    "commerce.audit.tables",
    "commerce.cart.tables",
    "commerce.catalog.bulk_tables",
    "commerce.catalog.tables",
    "commerce.currencies.tables",
    "commerce.engagement.tables",
    "commerce.identity.tables",
    "commerce.imports.tables",
    "commerce.inventory.tables",
    "commerce.ledger.tables",
    "commerce.notifications.tables",
    "commerce.orders.tables",
    "commerce.payments.tables",
    "commerce.payouts.tables",
    "commerce.promotions.tables",
    "commerce.reviews.tables",
    "commerce.returns.tables",
    "commerce.risk.tables",
    "commerce.search.tables",
    "commerce.sellers.tables",
    "commerce.shipping.tables",
    "commerce.webhooks.tables",
    "serving.tables",
)

for module in TABLE_MODULES:
    importlib.import_module(module)

SCHEMAS = tuple(sorted({str(table.schema) for table in metadata.tables.values()}))

__all__ = ["SCHEMAS", "metadata"]
