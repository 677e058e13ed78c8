"""Table of dated rates. A rate is never changed or deleted: what was shown on a day can be told for ever. Not here: prices."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, PrimaryKeyConstraint, Table, Text

from commerce.currencies.rules import CURRENCIES
from foundation.tables import instant, metadata, reference, word

rates = Table(
    "rates",
    metadata,
    word("currency", *CURRENCIES),
    Column("effective_on", Date, nullable=False),
    # Micro-taka for one unit: 121.50 taka are 121500000.
    Column("micro_taka", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    reference("imported_by"),
    instant("imported_at"),
    PrimaryKeyConstraint("currency", "effective_on"),
    CheckConstraint("micro_taka > 0", name="positive"),
    schema="currencies",
)
