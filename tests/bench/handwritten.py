"""The same training set in hand-written DuckDB SQL: the peer of `models.fraud.dataset`, as one would write it for one use.

Window functions where the decisions are the events (orders over orders), range joins for what becomes known later. Knows
nothing of the declarations; the bench checks that both give the same numbers.
"""

from pathlib import Path

HOUR, DAY, WEEK, MONTH, SEASON = "1 hour", "24 hours", "168 hours", "720 hours", "1440 hours"
NAMES = {HOUR: "1h", DAY: "24h", WEEK: "7d", MONTH: "30d", SEASON: "60d"}
ORDERS = {
    "buyer": (
        (HOUR, DAY, WEEK, MONTH), DAY, MONTH,
        ((MONTH, ("device", "phone", "payer", "district")), (WEEK, ("voucher",))), MONTH, True,
    ),
    "device": (
        (HOUR, DAY, WEEK), DAY, None,
        ((DAY, ("buyer",)), (WEEK, ("buyer", "phone", "payer", "voucher")), (MONTH, ("buyer",))), MONTH, True,
    ),
    "phone": ((DAY, MONTH), None, None, ((MONTH, ("buyer", "device")),), None, True),
    "payer": ((HOUR, DAY, WEEK), DAY, None, ((WEEK, ("buyer", "device", "phone")),), MONTH, True),
    "voucher": ((HOUR, DAY), None, None, ((DAY, ("buyer", "device")),), None, False),
}  # fmt: skip
LATER = {
    ("buyer", "refused"): (MONTH,), ("device", "refused"): (MONTH,), ("phone", "refused"): (SEASON,),
    ("buyer", "unpaid"): (DAY, WEEK), ("device", "unpaid"): (DAY,), ("payer", "unpaid"): (DAY,),
    **{(who, "labelled"): (SEASON,) for who in ("buyer", "device", "phone", "payer")},
}  # fmt: skip


def _orders(who: str) -> str:
    counts, total, mean, distinct, last, is_aged = ORDERS[who]
    used = dict.fromkeys([*counts, *([total] if total else []), *([mean] if mean else []), *(w for w, _ in distinct)])
    columns = [f"count(*) over w{NAMES[w]} as {who}_placed_count_{NAMES[w]}" for w in counts]
    columns += (
        [f"coalesce(sum(total_poisha) over w{NAMES[total]}, 0) as {who}_placed_sum_{NAMES[total]}"] if total else []
    )
    columns += [f"avg(total_poisha) over w{NAMES[mean]} as {who}_placed_mean_{NAMES[mean]}"] if mean else []
    columns += [
        f"count(distinct {field}) over w{NAMES[w]} as {who}_placed_distinct_{field}_{NAMES[w]}"
        for w, fields in distinct
        for field in fields
    ]
    if last:
        newest = f"max(placed_at) over w{NAMES[last]}"
        columns.append(f"epoch_us(placed_at - {newest}) / 1e6 as {who}_placed_seconds_since_last_{NAMES[last]}")
        used[last] = None
    if is_aged:
        columns.append(f"case when min(placed_at) over a < placed_at then epoch_us(placed_at - min(placed_at) over a) / 1e6"
                       f" end as {who}_placed_seconds_since_first")  # fmt: skip
    windows = [f"w{NAMES[w]} as (partition by {who} order by placed_at range between interval '{w}' preceding"
               " and interval '1 microsecond' preceding)" for w in used]  # fmt: skip
    windows += [f"a as (partition by {who})"] if is_aged else []
    return f"select group_id, {', '.join(columns)} from g where {who} is not null window {', '.join(windows)}"


def _later(who: str, what: str) -> str:
    windows = LATER[who, what]
    columns = [
        f"count(*) filter (e.known_at >= g.placed_at - interval '{w}') as {who}_{what}_count_{NAMES[w]}"
        for w in windows
    ]
    if what == "labelled":
        columns.append(f"count(*) filter (e.is_fraud) as {who}_labelled_flagged_60d")
    return (
        f"select g.group_id, {', '.join(columns)} from g join {what} e on e.{who} = g.{who} and e.known_at <= g.placed_at"
        f" and e.known_at >= g.placed_at - interval '{windows[-1]}' group by g.group_id"
    )


def _district(what: str) -> str:
    moment = "placed_at" if what == "g" else "known_at"
    name = "placed" if what == "g" else what
    return (
        f"select a.district, a.today, sum(b.events) as district_{name}_count_30d from (select distinct district,"
        f" date_trunc('day', placed_at) as today from g) a join (select district, date_trunc('day', {moment}) as day,"
        f" count(*) as events from {what} group by all) b on b.district = a.district and b.day < a.today"
        " and b.day >= a.today - interval 30 day group by all"
    )


def training_sql(lake: Path) -> str:
    """The whole statement."""
    marts = {
        name: f"read_parquet('{lake}/marts/fct_{name}.parquet')"
        for name in ("order_groups", "orders", "payments", "labels")
    }
    keys = "g.buyer, g.device, g.phone, g.payer, g.voucher, g.district"
    ctes = [
        "g as materialized (select *, buyer_id as buyer, device_index as device, phone_index as phone, payer_index as payer,"
        f" voucher_code as voucher, district_code as district from {marts['order_groups']})",
        f"refused as materialized (select o.closed_at as known_at, {keys} from {marts['orders']} o join g using (group_id)"
        " where o.status = 'refused')",
        f"unpaid as materialized (select p.resolved_at as known_at, {keys} from {marts['payments']} p join g using (group_id)"
        " where p.state = 'declined' and p.provider <> 'cod')",
        f"labelled as materialized (select l.known_at, l.is_fraud, {keys} from {marts['labels']} l join g using (group_id))",
        *(f"{who}_orders as ({_orders(who)})" for who in ORDERS),
        *(f"{who}_{what} as ({_later(who, what)})" for who, what in LATER),
        f"district_g as ({_district('g')})", f"district_refused as ({_district('refused')})",
    ]  # fmt: skip
    joins = [f"left join {who}_orders using (group_id)" for who in ORDERS]
    joins += [f"left join {who}_{what} using (group_id)" for who, what in LATER]
    day = "date_trunc('day', g.placed_at)"
    joins += [
        f"left join {name} on {name}.district = g.district and {name}.today = {day}"
        for name in ("district_g", "district_refused")
    ]
    fraud = ", ".join(
        f"{who}_labelled_flagged_60d / nullif({who}_labelled_count_60d, 0) as {who}_fraud_ratio"
        for who in ("buyer", "device", "phone", "payer")
    )
    return (
        f"with {', '.join(ctes)} select g.*, columns('.+_(placed|refused|unpaid|labelled)_.+'),"
        " total_poisha / nullif(buyer_placed_mean_30d, 0) as amount_to_buyer_mean,"
        " coalesce(buyer_refused_count_30d, 0) / nullif(buyer_placed_count_30d, 0) as buyer_refused_ratio,"
        " coalesce(phone_refused_count_60d, 0) / nullif(phone_placed_count_30d, 0) as phone_refused_ratio,"
        " coalesce(district_refused_count_30d, 0) / nullif(district_placed_count_30d, 0) as district_refused_ratio,"
        " voucher_placed_count_24h / nullif(voucher_placed_distinct_device_24h, 0) as voucher_orders_a_device,"
        f" {fraud} from g {' '.join(joins)}"
    )
