"""Declarations → point-in-time SQL for DuckDB: for every decision exactly what was known when it was made.

Decisions meet events in an equality join on (key, bucket of time): a bucket is as wide as the widest window, an event
stands in its own bucket and the next, so a decision sees at most two windows of one entity, however long its history.
Distinct values need no set: an event counts if it is the last of its value before the decision; in the same way it is one of
the newest 2,000 if the event 2,000 places later is not before the decision. Keys are compared by
their 64-bit hash (chance of any collision among ten million keys: three in a million). Not here: the declarations;
reading of marts; the online twin.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from models.features.language import AMOUNT, FLAG, MOST_EVENTS, Aggregate, EventKind, FeatureSet, Quotient, Where

DAY_US = 86_400_000_000
_SIGNS = {"is": "=", "is_not": "<>", "at_least": ">=", "below": "<"}


def point_in_time_sql(
    features: FeatureSet, sources: Mapping[str, str], decisions: str, *, request: Sequence[str]
) -> str:
    """One SELECT: decision_id, the request's columns, every aggregate, every quotient.

    Args:
        features: what to compute.
        sources: SQL by kind of event, with columns known_at, amount, is_flagged and one column an entity or field.
        decisions: SQL with columns decision_id, decided_at, one column an entity, and the request's columns.
        request: names of the request's columns that are passed through.
    """
    blocks = [
        (entity, kind) for entity in features.entities for kind in features.events if features.of(entity, kind.name)
    ]
    kinds = dict.fromkeys(kind for _, kind in blocks)
    ctes = [f"decisions as materialized ({_decisions(features, decisions)})"]
    ctes += [_source(kind, sources[kind.name]) for kind in kinds]
    joins: list[str] = []
    for entity, kind in blocks:
        for name, sql, condition in _tables(features.of(entity, kind.name), entity, kind):
            ctes.append(f"{name} as ({sql})")
            joins.append(f"left join {name} on {condition}")
    columns = [_outer(aggregate, features.event(aggregate.event)) for aggregate in features.aggregates]
    chosen = ",\n".join(["d.decision_id", *(f"d.{name}" for name in request), *columns])
    quotients = ",\n".join(["*", *(_quotient(quotient) for quotient in features.quotients)])
    body = "\n".join([f"select {chosen} from decisions d", *joins])
    return "with " + ",\n".join(ctes) + f"\nselect {quotients} from ({body})"


def _key(column: str) -> str:
    return f"case when {column}::varchar <> '' then hash({column}::varchar) end"


def _decisions(features: FeatureSet, sql: str) -> str:
    names = dict.fromkeys((*features.entities, *features.compared))
    keys = ", ".join(f"{_key(name)} as key_{name}" for name in names)
    return f"select *, row_number() over () as row_no, epoch_us(decided_at) as decided_us, {keys} from ({sql})"


def _source(kind: EventKind, sql: str) -> str:
    columns = ", ".join(f"{_key(key)} as {key}" for key in dict.fromkeys((*kind.entities, *kind.fields)))
    return (
        f"events_{kind.name} as materialized (select epoch_us(known_at) as us, amount::bigint as amount,"
        f" is_flagged::boolean as is_flagged, {columns} from ({sql}))"
    )


def _tables(found: Sequence[Aggregate], entity: str, kind: EventKind) -> Iterator[tuple[str, str, str]]:
    """Tables of one entity and kind: name, SQL, and how a decision d finds its row."""
    block = _block(entity, kind)
    if any(aggregate.window is None for aggregate in found):
        # The first event of an entity ever is one number an entity: no join over all of its history.
        sql = (
            f"select {entity} as k, min(us) as us from events_{kind.name} where {entity} is not null group by {entity}"
        )
        yield f"first_{block}", sql, f"first_{block}.k = d.key_{entity}"
    daily = [aggregate for aggregate in found if aggregate.whole_days]
    if daily:
        day = f"d.decided_us // {DAY_US}"
        yield block, _daily(entity, kind, daily), f"{block}.k = d.key_{entity} and {block}.today = {day}"
    windowed = [aggregate for aggregate in found if aggregate.window is not None and not aggregate.whole_days]
    if windowed:
        yield block, _windowed(entity, kind, windowed), f"{block}.row_no = d.row_no"


def _block(entity: str, kind: EventKind) -> str:
    return f"by_{entity}_{kind.name}"


def _windowed(entity: str, kind: EventKind, aggregates: Sequence[Aggregate]) -> str:
    widest = max(_reach(aggregate) for aggregate in aggregates)
    parts = ", ".join(f"{_expression(a, kind, widest)} as {a.name}" for a in aggregates)
    used = _columns_used(aggregates)
    nexts = {_next(a): _lead(entity, a) for a in aggregates if a.aggregation == "distinct"}
    events = ", ".join(["us", *used, f"unnest([us // {widest}, us // {widest} + 1]) as bucket", f"{entity} as k",
                        f"lead(us, {MOST_EVENTS}) over (partition by {entity} order by us) as crowded",
                        *(f"{sql} as {name}" for name, sql in nexts.items())])  # fmt: skip
    compared = [f"key_{a.where.field}" for a in aggregates if a.where and a.where.compare == "same"]
    asked = ", ".join(dict.fromkeys(["row_no", "decided_us", f"key_{entity}", *compared]))
    after = ">" if kind.is_known_at_once else ">="
    return (
        f"select d.row_no, {parts} from (select {asked}, decided_us // {widest} as bucket from decisions"
        f" where key_{entity} is not null) d join (select {events} from events_{kind.name} where {entity} is not null) e"
        f" on e.k = d.key_{entity} and e.bucket = d.bucket and e.us {_before(kind)} d.decided_us"
        f" and e.us >= d.decided_us - {widest} and (e.crowded is null or e.crowded {after} d.decided_us) group by d.row_no"
    )


def _columns_used(aggregates: Sequence[Aggregate]) -> list[str]:
    used: list[str] = []
    for aggregate in aggregates:
        used += [AMOUNT] if aggregate.aggregation in {"sum", "mean", "last"} else []
        used += [FLAG] if aggregate.aggregation == "flagged" else []
        used += [aggregate.field] if aggregate.field else []
        used += [aggregate.where.field] if aggregate.where else []
    return list(dict.fromkeys(used))


def _expression(aggregate: Aggregate, kind: EventKind, widest: int) -> str:
    cut = f"d.decided_us - {us(aggregate.delay)}" if aggregate.delay else "d.decided_us"
    terms = [f"e.us >= d.decided_us - {_reach(aggregate)}"] if _reach(aggregate) < widest else []
    terms += [f"e.us {_before(kind)} {cut}"] if aggregate.delay else []
    terms += [_condition(aggregate.where, "d.key_", "e.")] if aggregate.where else []
    terms += ["e.is_flagged"] if aggregate.aggregation == "flagged" else []
    if aggregate.aggregation == "distinct":
        after, follower = (">" if kind.is_known_at_once else ">="), f"e.{_next(aggregate)}"
        terms.append(f"e.{aggregate.field} is not null and ({follower} is null or {follower} {after} {cut})")
    inside = f" filter (where {' and '.join(terms)})" if terms else ""
    match aggregate.aggregation:
        case "sum":
            return f"sum(e.amount){inside}"
        case "mean":
            return f"sum(e.amount){inside} / nullif(count(*){inside}, 0)::double"
        case "last":
            return f"arg_max(e.amount, (e.us, e.amount)){inside}"
        case "seconds_since_last":
            return f"max(e.us){inside}"
        case _:
            return f"count(*){inside}"


def _condition(where: Where, decision: str, event: str) -> str:
    left = f"{event}{where.field}"
    if where.compare == "same":
        return f"{left} = {decision}{where.field}"
    value = where.value
    right = (
        str(value).lower() if isinstance(value, bool | int) else _key(f"'{str(value).replace(chr(39), chr(39) * 2)}'")
    )
    return f"{left} {_SIGNS[where.compare]} {right}"


def _next(aggregate: Aggregate) -> str:
    parts = ["next", aggregate.field or "", *([aggregate.where.name] if aggregate.where else [])]
    return "_".join(parts)


def _lead(entity: str, aggregate: Aggregate) -> str:
    """When the same value comes again, among the events that pass the same filter."""
    by = f"{entity}, {aggregate.field}"
    by += f", {_condition(aggregate.where, '', '')}" if aggregate.where else ""
    return f"lead(us) over (partition by {by} order by us)"


def _daily(entity: str, kind: EventKind, aggregates: Sequence[Aggregate]) -> str:
    """Counts by entity and the decision's day: many decisions of a day share one row."""
    widest = max(_reach(aggregate) for aggregate in aggregates) // DAY_US
    parts = ", ".join(
        f"sum(e.events) filter (where e.day >= p.today - {_reach(a) // DAY_US}) as {a.name}" for a in aggregates
    )
    return (
        f"select p.k, p.today, {parts} from (select distinct key_{entity} as k, decided_us // {DAY_US} as today"
        f" from decisions) p join (select {entity} as k, us // {DAY_US} as day, count(*) as events"
        f" from events_{kind.name} group by all) e on e.k = p.k and e.day < p.today and e.day >= p.today - {widest}"
        " group by p.k, p.today"
    )


def _outer(aggregate: Aggregate, kind: EventKind) -> str:
    """Zero where the entity is known and had no such event; missing where there is no entity, or nothing to measure."""
    name, block = aggregate.name, _block(aggregate.entity, kind)
    match aggregate.aggregation:
        case "mean" | "last":
            return f"{block}.{name}::double as {name}"
        case "seconds_since_last":
            return f"(d.decided_us - {block}.{name}) / 1e6 as {name}"
        case "seconds_since_first":
            first = f"first_{block}.us"
            return f"case when {first} {_before(kind)} d.decided_us then (d.decided_us - {first}) / 1e6 end as {name}"
        case _:
            return (
                f"case when d.key_{aggregate.entity} is not null then coalesce({block}.{name}, 0)::double end as {name}"
            )


def _quotient(quotient: Quotient) -> str:
    scale = f" * {quotient.scale!r}::double" if quotient.scale != 1.0 else ""
    return f"{quotient.over} / nullif({quotient.under}, 0){scale} as {quotient.name}"


def _before(kind: EventKind) -> str:
    return "<=" if kind.is_known_at_once else "<"


def _reach(aggregate: Aggregate) -> int:
    """How far back an aggregate looks, in microseconds."""
    return us(aggregate.window) + us(aggregate.delay)


def us(span: timedelta | None) -> int:
    """A span of time in microseconds."""
    return 0 if span is None else span // timedelta(microseconds=1)
