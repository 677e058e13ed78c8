"""The features of a checkout decision: who orders, from what device and phone, paying how, with what voucher, where.

Here: declarations, and where their events lie in the marts. Not here: how they are computed; the model.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from models.features.language import DAY, HOUR, Aggregate, Aggregation, EventKind, FeatureSet, Quotient, counts

WEEK, MONTH, SEASON = 7 * DAY, 30 * DAY, 60 * DAY
PEOPLE = ("buyer", "device", "phone", "payer")

EVENTS = (
    EventKind(
        name="placed",
        entities=(*PEOPLE, "voucher", "district"),
        fields=("buyer", "device", "phone", "payer", "voucher", "district"),
    ),
    EventKind(name="refused", entities=("buyer", "device", "phone", "district"), is_known_at_once=True),
    EventKind(name="unpaid", entities=("buyer", "device", "payer"), is_known_at_once=True),
    EventKind(name="labelled", entities=PEOPLE, is_known_at_once=True),
)


def _one(
    entity: str, event: str, aggregation: Aggregation, window: timedelta | None = None, field: str | None = None
) -> Aggregate:
    return Aggregate(entity=entity, event=event, aggregation=aggregation, window=window, field=field)


def _distinct(entity: str, *fields: str, window: timedelta) -> tuple[Aggregate, ...]:
    return tuple(_one(entity, "placed", "distinct", window, field) for field in fields)


def _lagged_risk(entity: str) -> tuple[Aggregate, ...]:
    return (
        _one(entity, "labelled", "count", SEASON),
        _one(entity, "labelled", "flagged", SEASON),
    )


_BUYER = (
    *counts("buyer", "placed", HOUR, DAY, WEEK, MONTH),
    _one("buyer", "placed", "sum", DAY),
    _one("buyer", "placed", "mean", MONTH),
    *_distinct("buyer", "device", "phone", "payer", "district", window=MONTH),
    *_distinct("buyer", "voucher", window=WEEK),
    _one("buyer", "placed", "seconds_since_last", MONTH),
    _one("buyer", "placed", "seconds_since_first"),
    *counts("buyer", "refused", MONTH),
    *counts("buyer", "unpaid", DAY, WEEK),
    *_lagged_risk("buyer"),
)
_DEVICE = (
    *counts("device", "placed", HOUR, DAY, WEEK),
    _one("device", "placed", "sum", DAY),
    *_distinct("device", "buyer", window=DAY),
    *_distinct("device", "buyer", "phone", "payer", "voucher", window=WEEK),
    *_distinct("device", "buyer", window=MONTH),
    _one("device", "placed", "seconds_since_last", MONTH),
    _one("device", "placed", "seconds_since_first"),
    *counts("device", "refused", MONTH),
    *counts("device", "unpaid", DAY),
    *_lagged_risk("device"),
)
_PHONE = (
    *counts("phone", "placed", DAY, MONTH),
    *_distinct("phone", "buyer", "device", window=MONTH),
    _one("phone", "placed", "seconds_since_first"),
    *counts("phone", "refused", SEASON),
    *_lagged_risk("phone"),
)
_PAYER = (
    *counts("payer", "placed", HOUR, DAY, WEEK),
    _one("payer", "placed", "sum", DAY),
    *_distinct("payer", "buyer", "device", "phone", window=WEEK),
    _one("payer", "placed", "seconds_since_last", MONTH),
    _one("payer", "placed", "seconds_since_first"),
    *counts("payer", "unpaid", DAY),
    *_lagged_risk("payer"),
)
_PLACES_AND_CODES = (
    *counts("voucher", "placed", HOUR, DAY),
    *_distinct("voucher", "buyer", "device", window=DAY),
    Aggregate(entity="district", event="placed", aggregation="count", window=MONTH, whole_days=True),
    Aggregate(entity="district", event="refused", aggregation="count", window=MONTH, whole_days=True),
)

#: Numbers that come with the request itself; an entity that is missing makes its aggregates missing.
REQUEST = (
    "amount_poisha", "subtotal_poisha", "discount_ratio", "item_count", "seller_count", "max_line_ratio",
    "is_cod", "has_voucher", "has_device", "hour_of_day", "day_of_week",
)  # fmt: skip

QUOTIENTS = (
    Quotient(name="amount_to_buyer_mean", over="amount_poisha", under="buyer_placed_mean_30d"),
    Quotient(name="buyer_refused_ratio", over="buyer_refused_count_30d", under="buyer_placed_count_30d"),
    Quotient(name="phone_refused_ratio", over="phone_refused_count_60d", under="phone_placed_count_30d"),
    Quotient(name="district_refused_ratio", over="district_refused_count_30d", under="district_placed_count_30d"),
    Quotient(
        name="voucher_orders_a_device", over="voucher_placed_count_24h", under="voucher_placed_distinct_device_24h"
    ),
    *(
        Quotient(
            name=f"{entity}_fraud_ratio", over=f"{entity}_labelled_flagged_60d", under=f"{entity}_labelled_count_60d"
        )
        for entity in PEOPLE
    ),
)

CHECKOUT = FeatureSet(EVENTS, (*_BUYER, *_DEVICE, *_PHONE, *_PAYER, *_PLACES_AND_CODES), QUOTIENTS)
#: Order of the model's inputs.
FEATURE_NAMES = (*REQUEST, *CHECKOUT.names)

MARTS = ("fct_order_groups", "fct_orders", "fct_payments", "fct_labels")


#: Who answers for the features of an entity.
OWNERS = {"buyer": "risk", "device": "risk", "phone": "risk", "payer": "payments", "voucher": "promotions", "district": "logistics"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class MartSource:
    """Where a kind of event lies in the mart exports, what it is in words, and how soon it reaches the online store."""

    meaning: str
    known_at: str
    body: str
    amount: str = "0"
    is_flagged: str = "false"
    freshness: str = "1 s"


#: SQL of the keys in fct_order_groups, alias g.
KEYS = {
    "buyer": "g.buyer_id::varchar", "device": "g.device_index", "phone": "g.phone_index", "payer": "g.payer_index",
    "voucher": "g.voucher_code", "district": "g.district_code",
}  # fmt: skip
SOURCES = {
    "placed": MartSource(
        meaning="orders placed", known_at="g.placed_at", amount="g.total_poisha", body="{fct_order_groups} g"
    ),
    "refused": MartSource(
        meaning="parcels refused at the door", known_at="o.closed_at", amount="o.total_poisha",
        body="{fct_orders} o join {fct_order_groups} g using (group_id)"
        " where o.status = 'refused' and o.closed_at is not null",
    ),
    "unpaid": MartSource(
        meaning="prepaid attempts that ended without money", known_at="p.resolved_at", amount="p.amount_poisha",
        body="{fct_payments} p join {fct_order_groups} g using (group_id)"
        " where p.state = 'declined' and p.provider <> 'cod' and p.resolved_at is not null",
    ),
    "labelled": MartSource(
        meaning="orders judged fraud or not", known_at="l.known_at", amount="g.total_poisha", is_flagged="l.is_fraud",
        body="{fct_labels} l join {fct_order_groups} g using (group_id)", freshness="1 s after the label",
    ),
}  # fmt: skip


def mart_sources(lake: Path) -> dict[str, str]:
    """SQL of each kind of event over the mart exports: known_at, amount, is_flagged and the entities' keys."""
    files = {mart: f"read_parquet('{lake}/marts/{mart}.parquet')" for mart in MARTS}
    keys = ", ".join(f"{sql} as {name}" for name, sql in KEYS.items())
    return {
        kind: f"select {source.known_at} as known_at, {source.amount} as amount, {source.is_flagged} as is_flagged,"
        f" {keys} from {source.body.format(**files)}"
        for kind, source in SOURCES.items()
    }


def all_decisions(lake: Path) -> str:
    """SQL of every checkout in the mart exports as a decision: id, instant, keys, the request's own numbers."""
    keys = ", ".join(f"{sql} as {name}" for name, sql in KEYS.items())
    return (
        f"select g.group_id::varchar as decision_id, g.placed_at as decided_at, {keys}, {request_columns()}"
        f" from read_parquet('{lake}/marts/fct_order_groups.parquet') g"
    )


def request_columns() -> str:
    """SQL of the request's own numbers over fct_order_groups (alias g): the twin of `request_values`."""
    local = "(g.placed_at at time zone 'Asia/Dhaka')"
    return f"""
        g.total_poisha::double as amount_poisha, g.subtotal_poisha::double as subtotal_poisha,
        case when g.subtotal_poisha > 0 then g.discount_poisha::double / g.subtotal_poisha end as discount_ratio,
        g.item_count::double as item_count, g.seller_count::double as seller_count,
        case when g.subtotal_poisha > 0 then g.max_line_poisha::double / g.subtotal_poisha end as max_line_ratio,
        (g.payment_method = 'cod')::int::double as is_cod,
        (g.voucher_code is not null)::int::double as has_voucher, (g.device_index is not null)::int::double as has_device,
        extract(hour from {local})::double as hour_of_day, extract(isodow from {local})::double as day_of_week
    """
