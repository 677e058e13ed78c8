"""Declarations → point-in-time SQL for DuckDB: for every decision exactly what was known when it was made.

Not here: the declarations; reading of marts; the online twin.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from models.features.language import Aggregate, EventKind, FeatureSet, Quotient

DAY_US = 86_400_000_000


def point_in_time_sql(
    features: FeatureSet, sources: Mapping[str, str], decisions: str, *, request: Sequence[str]
) -> str:
    """One SELECT: decision_id, the request's columns, every aggregate, every quotient.

    Args:
        features: what to compute.
        sources: SQL by kind of event, with columns known_at, amount, is_flagged and one column an entity.
        decisions: SQL with columns decision_id, decided_at, one column an entity, and the request's columns.
        request: names of the request's columns that are passed through.
    """
    blocks = [
        (entity, kind) for entity in features.entities for kind in features.events if features.of(entity, kind.name)
    ]
    ctes = [
        f"decisions as materialized ({decisions})",
        *(_source(kind, sources[kind.name]) for kind in features.events),
    ]
    ctes += [f"{_block(entity, kind)} as ({_aggregate(features, entity, kind)})" for entity, kind in blocks]
    columns = [_outer(aggregate) for aggregate in features.aggregates]
    joins = "\n".join(f"left join {_block(entity, kind)} using (decision_id)" for entity, kind in blocks)
    chosen = ",\n".join(["d.decision_id", *(f"d.{name}" for name in request), *columns])
    quotients = ",\n".join(["*", *(_quotient(quotient) for quotient in features.quotients)])
    body = f"select {chosen} from decisions d\n{joins}"
    return "with " + ",\n".join(ctes) + f"\nselect {quotients} from ({body})"


def _block(entity: str, kind: EventKind) -> str:
    return f"by_{entity}_{kind.name}"


def _source(kind: EventKind, sql: str) -> str:
    keys = dict.fromkeys((*kind.entities, *kind.fields))
    columns = ", ".join(f"{key}::varchar as {key}" for key in keys)
    return (
        f"events_{kind.name} as materialized (select epoch_us(known_at) as us, amount::bigint as amount,"
        f" is_flagged::boolean as is_flagged, {columns} from ({sql}))"
    )


def _aggregate(features: FeatureSet, entity: str, kind: EventKind) -> str:
    found = features.of(entity, kind.name)
    daily = [aggregate for aggregate in found if aggregate.whole_days]
    if daily:
        return _daily(entity, kind, daily)
    firsts = [aggregate for aggregate in found if aggregate.window is None]
    windowed = [aggregate for aggregate in found if aggregate.window is not None]
    parts = [f"{_expression(aggregate)} as {aggregate.name}" for aggregate in windowed]
    widest = max((_us(aggregate.window) for aggregate in windowed), default=0)
    inner = (
        f"select d.decision_id, {', '.join(parts)} from decisions d join events_{kind.name} e"
        f" on e.{entity} = d.{entity} and e.us {_before(kind)} epoch_us(d.decided_at) and e.us >= epoch_us(d.decided_at) - {widest}"
        " group by d.decision_id"
    )
    if not firsts:
        return inner
    # The first event of an entity ever is one number an entity: no join over all of its history.
    first = (
        f"select d.decision_id, min(f.us) as first_us from decisions d join (select {entity}, min(us) as us"
        f" from events_{kind.name} group by {entity}) f on f.{entity} = d.{entity} and f.us {_before(kind)} epoch_us(d.decided_at)"
        " group by d.decision_id"
    )
    names = ", ".join(f"(epoch_us(d.decided_at) - x.first_us) / 1e6 as {aggregate.name}" for aggregate in firsts)
    rest = ", ".join(f"w.{aggregate.name}" for aggregate in windowed)
    return (
        f"select decision_id, {names}, {rest} from ({first}) x join decisions d using (decision_id)"
        f" left join ({inner}) w using (decision_id)"
    )


def _daily(entity: str, kind: EventKind, aggregates: Sequence[Aggregate]) -> str:
    parts = []
    for aggregate in aggregates:
        days = _us(aggregate.window) // DAY_US
        parts.append(f"sum(e.events) filter (e.day >= epoch_us(d.decided_at) // {DAY_US} - {days}) as {aggregate.name}")
    return (
        f"select d.decision_id, {', '.join(parts)} from decisions d join (select {entity}, us // {DAY_US} as day,"
        f" count(*) as events from events_{kind.name} group by all) e"
        f" on e.{entity} = d.{entity} and e.day < epoch_us(d.decided_at) // {DAY_US} group by d.decision_id"
    )


def _expression(aggregate: Aggregate) -> str:
    inside = f"filter (e.us >= epoch_us(d.decided_at) - {_us(aggregate.window)})"
    match aggregate.aggregation:
        case "count":
            return f"count(*) {inside}"
        case "flagged":
            return f"count(*) filter (e.is_flagged and e.us >= epoch_us(d.decided_at) - {_us(aggregate.window)})"
        case "sum":
            return f"sum(e.amount) {inside}"
        case "mean":
            return f"sum(e.amount) {inside} / nullif(count(*) {inside}, 0)::double"
        case "distinct":
            return f"count(distinct e.{aggregate.field}) {inside}"
        case "seconds_since_last":
            return f"(any_value(epoch_us(d.decided_at)) - max(e.us) {inside}) / 1e6"
        case "seconds_since_first":
            raise ValueError(f"{aggregate.name}: the age of an entity has no window; leave it out.")


def _outer(aggregate: Aggregate) -> str:
    """Zero where the entity is known and had no such event; missing where there is no entity, or no time to measure."""
    if aggregate.aggregation in {"mean", "seconds_since_last", "seconds_since_first"}:
        return f"{aggregate.name}::double as {aggregate.name}"
    return (
        f"case when d.{aggregate.entity} is not null then coalesce({aggregate.name}, 0)::double end as {aggregate.name}"
    )


def _quotient(quotient: Quotient) -> str:
    return f"{quotient.over} / nullif({quotient.under}, 0) as {quotient.name}"


def _before(kind: EventKind) -> str:
    return "<=" if kind.is_known_at_once else "<"


def _us(window: timedelta | None) -> int:
    if window is None:
        raise ValueError("this aggregation needs a window: declare one.")
    return int(window.total_seconds()) * 1_000_000
