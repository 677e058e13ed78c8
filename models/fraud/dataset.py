"""The training set of fraud: every labelled order with its features as of its moment. Not here: splitting, training.

Each row carries when its first label and its first fraud label became known, so that any past moment can be replayed.
"""

from datetime import datetime
from pathlib import Path

import duckdb

from models.family import NotEnoughData
from models.features.catalogue import CHECKOUT, KEYS, REQUEST, mart_sources, request_columns
from models.features.offline import point_in_time_sql

LEAST_ROWS = 1_000
LEAST_FRAUDS = 50
MEMORY = "4GB"


def write_training_set(lake: Path, target: Path, as_of: datetime) -> Path:
    """Labelled orders with point-in-time features, as Parquet in order of time.

    Raises:
        NotEnoughData: too few labelled orders, or too few frauds among them.
    """
    moment = f"timestamptz '{as_of.isoformat()}'"
    features = point_in_time_sql(CHECKOUT, mart_sources(lake), _decisions(lake, moment), request=_PASSED)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set timezone = 'UTC'")
        # What does not fit goes to disk beside the result: a large history needs time, not memory.
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"set temp_directory = '{target.parent / 'spill'}'")
        connection.execute(f"copy ({features} order by decided_at, decision_id) to '{target}' (format parquet)")
        counted = connection.execute(f"select count(*), count(fraud_known_at) from read_parquet('{target}')").fetchone()
    rows, frauds = counted if counted is not None else (0, 0)
    if rows < LEAST_ROWS or frauds < LEAST_FRAUDS:
        raise NotEnoughData(
            f"{rows} labelled orders with {frauds} frauds; training needs {LEAST_ROWS} with {LEAST_FRAUDS}."
            " Wait for labels or import order history with outcomes."
        )
    return target


_PASSED = (
    "decided_at", "label_known_at", "fraud_known_at", "payment_method", "district", "channel", "discount_poisha", *REQUEST,
)  # fmt: skip


def _decisions(lake: Path, moment: str) -> str:
    groups = f"read_parquet('{lake}/marts/fct_order_groups.parquet')"
    labels = f"read_parquet('{lake}/marts/fct_labels.parquet')"
    return f"""
        select g.group_id::varchar as decision_id, g.placed_at as decided_at, l.label_known_at, l.fraud_known_at,
            g.payment_method, g.channel, g.discount_poisha,
            {", ".join(f"{sql} as {name}" for name, sql in KEYS.items())}, {request_columns()}
        from {groups} g join (
            select group_id, min(known_at) as label_known_at, min(known_at) filter (where is_fraud) as fraud_known_at
            from {labels} where known_at <= {moment} group by group_id
        ) l using (group_id)
        where g.placed_at <= {moment}
    """
