"""What the warehouse may not have: every column of an extracted table that sounds like a person is kept back or judged."""

import re

from sqlalchemy import Column, LargeBinary, MetaData, Table, Text

from foundation.tables import changed_xid, extracted, uuid_key
from getit.schema import metadata
from pipelines.ingest.sources import describe, is_private

# Words of names that hold something about a person or written by one.
SUSPECT = re.compile(
    r"name|phone|e?mail|address|street|line$|contact|recipient|birth|nid|passport|account$|number|tail|token|secret|password"
    r"|hash|code$|body|text|note|message|comment|answer$|reply|reason|resolution|description|document|photo|picture|url|ip$"
    r"|lat$|lon$|payload|params|detail|supplier|issuer|label"
)
# Judged: names of goods, shops and places, numbers of papers of ours, codes from closed sets. (`*_index`: keyed hashes.)
JUDGED = {
    "catalog.categories.name_en", "catalog.categories.name_bn", "catalog.products.code", "imports.runs.file_name",
    "imports.rejects.reason", "imports.rejects.row_number", "inventory.hubs.code",
    "inventory.hubs.name", "inventory.hubs.district_code", "identity.users.district_code", "inventory.purchase_orders.number",
    "ledger.accounts.code", "ledger.entries.account_code", "orders.order_groups.number", "orders.order_groups.district_code",
    "orders.order_groups.voucher_code", "orders.order_transitions.reason", "payments.attempts.decline_code",
    "payments.attempts.redirect_url", "payments.refunds.reason", "platform.row_history.table_name",
    "promotions.bundles.code", "promotions.bundles.name_en", "promotions.campaigns.code", "promotions.campaigns.name_en",
    "promotions.campaigns.name_bn", "promotions.redemptions.code", "promotions.vouchers.code", "reviews.reports.reason",
    "payouts.skipped.reason", "returns.requests.reason", "risk.decisions.reasons", "sellers.sellers.code", "sellers.sellers.district_code", "sellers.sellers.name",
    "sellers.submissions.document_id", "sellers.submissions.reasons", "shipping.tracking_events.reason",
    "engagement.answers.message_id", "webhooks.attempts.status_code",
}  # fmt: skip


def unjudged(tables):
    return {
        f"{table.fullname}.{column.name}"
        for table in tables
        for column in table.columns
        if not is_private(table, column) and not column.name.endswith(("_index", "_at"))
        if SUSPECT.search(column.name) or isinstance(column.type, LargeBinary)
    }


def test_every_column_that_sounds_personal_is_kept_back_or_judged():
    marked = [table for table in metadata.tables.values() if table.info.get("extracted") and table.schema != "scoring"]

    assert unjudged(marked) - JUDGED == set()
    assert JUDGED - unjudged(marked) == set(), "judged, but there no more"


def test_a_column_that_nobody_thought_of_is_seen_and_ciphertext_never_leaves():
    """The broken twin: a table whose author declared nothing."""
    careless = extracted(
        Table(
            "careless",
            MetaData(),
            uuid_key(),
            Column("nickname", Text),
            Column("nid_encrypted", Text),
            Column("photo", LargeBinary),
            changed_xid(),
        )
    )

    assert unjudged([careless]) == {"careless.nickname"}
    assert [column.name for column in describe(careless).columns] == ["id", "nickname", "changed_xid"]
