"""Three engines for one declaration: DuckDB's point-in-time SQL, polars written from the definition, the online fold.

Decisions and events are plain objects; every engine answers {decision id: {feature: value}}, missing as NaN. The polars
engine shares no code with the others on purpose: it pairs every decision with every event of its entity and filters.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb
import polars as pl
import pyarrow as pa

from models.features.language import DAY, Aggregate, EventKind, FeatureSet, Where
from models.features.offline import point_in_time_sql
from models.features.online import (
    FeatureEvent,
    State,
    decode,
    empty_state,
    encode,
    entity_plans,
    fold,
    to_us,
    touched,
    vector,
)

Values = dict[int, dict[str, float]]


@dataclass(frozen=True)
class Decision:
    id: int
    at_us: int
    keys: Mapping[str, str]
    amount: int = 0


def columns_of(features: FeatureSet) -> list[str]:
    return list(dict.fromkeys(name for kind in features.events for name in (*kind.entities, *kind.fields)))


def events_table(features: FeatureSet, events: Sequence[FeatureEvent]) -> pa.Table:
    return pa.table(
        {
            "kind": pa.array([event.kind for event in events], pa.string()),
            "known_at": pa.array([event.at_us for event in events], pa.timestamp("us", tz="UTC")),
            "amount": pa.array([event.amount for event in events], pa.int64()),
            "is_flagged": pa.array([event.is_flagged for event in events], pa.bool_()),
            **{key: pa.array([event.keys.get(key) for event in events], pa.string()) for key in columns_of(features)},
        }
    )


def decisions_table(features: FeatureSet, decisions: Sequence[Decision]) -> pa.Table:
    return pa.table(
        {
            "decision_id": pa.array([decision.id for decision in decisions], pa.int64()),
            "decided_at": pa.array([decision.at_us for decision in decisions], pa.timestamp("us", tz="UTC")),
            "amount_poisha": pa.array([float(decision.amount) for decision in decisions], pa.float64()),
            **{key: pa.array([one.keys.get(key) for one in decisions], pa.string()) for key in columns_of(features)},
        }
    )


def by_duckdb(features: FeatureSet, decisions: Sequence[Decision], events: Sequence[FeatureEvent]) -> Values:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set threads = 2")
        connection.register("happened", events_table(features, events))
        connection.register("asked", decisions_table(features, decisions))
        sources = {kind.name: f"select * from happened where kind = '{kind.name}'" for kind in features.events}
        sql = point_in_time_sql(features, sources, "select * from asked", request=["amount_poisha"])
        rows = connection.sql(sql).to_arrow_table().to_pylist()
    return {row.pop("decision_id"): {name: _number(value) for name, value in row.items()} for row in rows}


def by_polars(features: FeatureSet, decisions: Sequence[Decision], events: Sequence[FeatureEvent]) -> Values:
    happened = pl.from_arrow(events_table(features, events)).with_columns(us=pl.col("known_at").dt.epoch("us"))
    asked = pl.from_arrow(decisions_table(features, decisions)).with_columns(now=pl.col("decided_at").dt.epoch("us"))
    answer = asked.select("decision_id", "amount_poisha")
    for aggregate in features.aggregates:
        values = _polars_aggregate(aggregate, features.event(aggregate.event), asked, happened)
        answer = answer.join(values, on="decision_id", how="left")
    for quotient in features.quotients:
        under = pl.col(quotient.under)
        ratio = pl.when(under != 0).then(pl.col(quotient.over) / under * quotient.scale)
        answer = answer.with_columns(ratio.alias(quotient.name))
    # Polars divides by a constant as a product with its inverse, one bit off: seconds are made of microseconds here.
    slow = {a.name for a in features.aggregates if a.aggregation.startswith("seconds")}
    return {
        row.pop("decision_id"): {
            name: _number(value) / 1e6 if name in slow else _number(value) for name, value in row.items()
        }
        for row in answer.to_dicts()
    }


def _polars_aggregate(
    aggregate: Aggregate, kind: EventKind, asked: pl.DataFrame, happened: pl.DataFrame
) -> pl.DataFrame:
    entity, now, us = aggregate.entity, pl.col("now"), pl.col("us")
    of_kind = happened.filter((pl.col("kind") == kind.name) & pl.col(entity).is_not_null())
    known = asked.filter(pl.col(entity).is_not_null())
    pairs = known.join(of_kind.rename({name: f"e_{name}" for name in columns_of_frame(of_kind, entity)}), on=entity)
    end = now - _us(aggregate.delay)
    is_before = (us <= end) if kind.is_known_at_once else (us < end)
    if aggregate.whole_days:
        today, day = now // _us(DAY), us // _us(DAY)
        pairs = pairs.filter((day < today) & (day >= today - aggregate.window // DAY))
    else:
        pairs = pairs.filter(is_before)
        if aggregate.window is not None:
            pairs = pairs.filter(us >= end - _us(aggregate.window))
    if aggregate.where is not None:
        pairs = pairs.filter(_polars_where(aggregate.where))
    found = pairs.group_by("decision_id").agg(_polars_expression(aggregate).cast(pl.Float64).alias(aggregate.name))
    full = known.select("decision_id").join(found, on="decision_id", how="left")
    if aggregate.aggregation in {"count", "sum", "flagged", "distinct"}:
        full = full.with_columns(pl.col(aggregate.name).fill_null(0.0))
    return full


def columns_of_frame(frame: pl.DataFrame, entity: str) -> list[str]:
    return [name for name in frame.columns if name not in {entity, "us"}]


def _polars_where(where: Where) -> pl.Expr:
    column = pl.col(f"e_{where.field}")
    match where.compare:
        case "same":
            return column == pl.col(where.field)
        case "is":
            return column == where.value
        case "is_not":
            return column != where.value
        case "at_least":
            return column >= where.value
        case "below":
            return column < where.value


def _polars_expression(aggregate: Aggregate) -> pl.Expr:
    us, amount = pl.col("us"), pl.col("e_amount")
    match aggregate.aggregation:
        case "count":
            return pl.len()
        case "sum":
            return amount.sum()
        case "mean":
            return amount.sum() / pl.len()
        case "flagged":
            return pl.col("e_is_flagged").sum()
        case "distinct":
            return pl.col(f"e_{aggregate.field}").drop_nulls().n_unique()
        case "last":
            return amount.filter(us == us.max()).max()
        case "seconds_since_last":
            return pl.col("now").first() - us.max()
        case "seconds_since_first":
            return pl.col("now").first() - us.min()


def by_fold(features: FeatureSet, decisions: Sequence[Decision], events: Sequence[FeatureEvent]) -> Values:
    """Replay in order of time; events of a decision's own instant have already arrived, which is the hard case."""
    plans = entity_plans(features)
    states: dict[tuple[str, str], bytes] = {}
    waiting, arrived = sorted(events, key=lambda event: event.at_us), 0
    found = {}
    for decision in sorted(decisions, key=lambda decision: decision.at_us):
        while arrived < len(waiting) and waiting[arrived].at_us <= decision.at_us:
            _take(states, plans, waiting[arrived])
            arrived += 1
        found[decision.id] = answer(
            features, plans, decision, lambda key: decode(states[key], plans[key[0]]) if key in states else None
        )
    return found


def answer(features: FeatureSet, plans, decision: Decision, look_up: Callable[[tuple[str, str]], State | None]) -> dict:
    states: dict[str, State | None] = {}
    for entity, plan in plans.items():
        key = decision.keys.get(entity)
        states[entity] = None if key is None else (look_up((entity, key)) or empty_state(plan))
    request = {"amount_poisha": float(decision.amount)}
    return vector(features, plans, states, at_us=decision.at_us, request=request, keys=decision.keys)


def _take(states, plans, event: FeatureEvent) -> None:
    for key in touched(plans, event):
        plan = plans[key[0]]
        state = decode(states[key], plan) if key in states else empty_state(plan)
        fold(state, plan, event)
        states[key] = encode(state, plan)


def mismatches(features: FeatureSet, left: Values, right: Values) -> list[tuple[int, str, float, float]]:
    """Where two engines differ: exact for counts, sums and seconds; 1e-9 for means and quotients."""
    near = {q.name for q in features.quotients} | {a.name for a in features.aggregates if a.aggregation == "mean"}
    assert left.keys() == right.keys()
    return [
        (decision, name, value, right[decision][name])
        for decision, values in left.items()
        for name, value in values.items()
        if not _same(value, right[decision][name], 1e-9 if name in near else 0.0)
    ]


def _same(one: float, other: float, slack: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return abs(one - other) <= slack * max(abs(one), abs(other))


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def at(us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


START_US = to_us(datetime(2026, 3, 1, tzinfo=UTC))
