"""Tables of returns: windows by category. Not here: money (ledger, payments), stock (inventory)."""

from sqlalchemy import CheckConstraint, Column, Integer, Table, Text

from foundation.tables import metadata

windows = Table(
    "windows",
    metadata,
    Column("category_path", Text, primary_key=True),
    # 0: not to be sent back (underwear, food); a dispute remains possible.
    Column("days", Integer, nullable=False),
    CheckConstraint("days between 0 and 60", name="days"),
    schema="returns",
)
