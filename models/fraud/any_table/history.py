"""What was known of a row's keys at its moment, declared in the feature language and compiled like the shop's own features.

A row's label counts for others from the moment at which it was known. Not here: the language, the SQL that it becomes.
"""

from itertools import chain

import pyarrow as pa

from models.features.language import (
    DAY,
    FLAG,
    HOUR,
    Aggregate,
    EventKind,
    FeatureSet,
    Quotient,
    Where,
    counts,
    own_ratio,
)
from models.features.offline import point_in_time_sql
from models.fraud.any_table.reading import Table

WEEK, MONTH, HALF_YEAR = 7 * DAY, 30 * DAY, 180 * DAY
WAS_FRAUD = Where(name="fraud", field=FLAG, compare="is", value=True)


def declare(entities: int, *, has_amount: bool) -> FeatureSet:
    """Features of keys `key_0` … of a table, one set an entity."""
    keys = tuple(f"key_{number}" for number in range(entities))
    events = (
        EventKind(name="seen", entities=keys, fields=keys),
        EventKind(name="labelled", entities=keys, is_known_at_once=True),
    )
    aggregates = chain.from_iterable(_of(key, keys, has_amount=has_amount) for key in keys)
    quotients = chain.from_iterable(_quotients(key, has_amount=has_amount) for key in keys)
    return FeatureSet(events, tuple(aggregates), tuple(quotients))


def _of(key: str, keys: tuple[str, ...], *, has_amount: bool) -> list[Aggregate]:
    def seen(aggregation: str, window: object = None, field: str | None = None) -> Aggregate:
        return Aggregate(entity=key, event="seen", aggregation=aggregation, window=window, field=field)  # type: ignore[arg-type]

    found = [
        *counts(key, "seen", HOUR, DAY, WEEK, MONTH),
        seen("seconds_since_last", MONTH),
        seen("seconds_since_first"),
    ]
    if has_amount:
        found += [seen("sum", DAY), seen("mean", WEEK), seen("mean", HALF_YEAR), seen("last", MONTH)]
    found += [seen("distinct", WEEK, other) for other in keys if other != key]
    for window in (WEEK, MONTH, HALF_YEAR):
        found += [
            Aggregate(entity=key, event="labelled", aggregation=aggregation, window=window)  # type: ignore[arg-type]
            for aggregation in ("count", "flagged")
        ]
    since = Aggregate(entity=key, event="labelled", aggregation="seconds_since_last", window=HALF_YEAR, where=WAS_FRAUD)
    return [*found, since]


def _quotients(key: str, *, has_amount: bool) -> list[Quotient]:
    found = [
        Quotient(
            name=f"{key}_fraud_ratio_{name}",
            over=f"{key}_labelled_flagged_{name}",
            under=f"{key}_labelled_count_{name}",
        )
        for name in ("7d", "30d", "180d")
    ]
    short, long = counts(key, "seen", DAY, MONTH)
    found.append(own_ratio(f"{key}_pace", short, long))
    if has_amount:
        found += [
            Quotient(name=f"{key}_amount_to_mean_{name}", over="_amount", under=f"{key}_seen_mean_{name}")
            for name in ("7d", "180d")
        ]
    return found


def history(table: Table) -> pa.Table:
    """Features of every row in order of `_row_no`; float32. Without entities only the clock speaks."""
    entities = len(table.mapping.entities)
    clock = "extract(hour from _at)::float as hour_of_day, extract(isodow from _at)::float as day_of_week"
    if not entities:
        return table.database.sql(f"select {clock} from rows order by _row_no").to_arrow_table()
    features = declare(entities, has_amount=table.has_amount)
    keys = ", ".join(f"key_{number}" for number in range(entities))
    sources = {
        "seen": f"select _at as known_at, _amount as amount, false as is_flagged, {keys} from rows",
        "labelled": f"select _known_at as known_at, _amount as amount, _is_fraud as is_flagged, {keys} from rows"
        " where _is_fraud is not null",
    }
    decisions = f"select _row_no as decision_id, _at as decided_at, _amount, {clock}, {keys} from rows"
    passed = ("_amount", "hour_of_day", "day_of_week")
    sql = point_in_time_sql(features, sources, decisions, request=passed)
    chosen = ", ".join(f"{name}::float as {name}" for name in ("hour_of_day", "day_of_week", *features.names))
    return table.database.sql(f"select {chosen} from ({sql}) order by decision_id").to_arrow_table()


def spelled(name: str, entities: tuple[str, ...]) -> str:
    """A feature's name with the table's own word for the key."""
    for number, entity in enumerate(entities):
        name = name.replace(f"key_{number}_", f"{entity}: ").replace(f"_key_{number}", f" {entity}")
    return name
