"""Declarations → the online twin: fold events into small states, read a decision's values out of them. Pure functions.

A state belongs to one entity (a buyer, a device, ...) and holds, by kind of event, the events of the longest window as
columns of integers, or counts by day. Not here: where states are stored; the declarations.
"""

import math
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from models.features.language import AMOUNT, FLAG, MOST_EVENTS, Aggregate, EventKind, FeatureSet, Where

DAY_US = 86_400_000_000
#: Decisions may carry an instant that lies this far behind the newest event.
SLACK_US = DAY_US
NOTHING = 0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class FeatureEvent:
    """An event as the fold sees it; `keys` are its entities' keys, absent where there is none."""

    kind: str
    at_us: int
    amount: int
    is_flagged: bool = False
    keys: Mapping[str, str]


@dataclass(slots=True)
class KindState:
    """Events of one kind: parallel columns in order of time, or counts by UTC day."""

    first_us: int | None = None
    at: list[int] = field(default_factory=list)
    amount: list[int] = field(default_factory=list)
    flags: list[int] = field(default_factory=list)
    fields: list[list[int]] = field(default_factory=list)
    days: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class KindPlan:
    """What one entity keeps of one kind of event."""

    kind: EventKind
    aggregates: tuple[Aggregate, ...]
    fields: tuple[str, ...]
    horizon_us: int
    is_daily: bool


EntityPlan = tuple[KindPlan, ...]
State = list[KindState]


def entity_plans(features: FeatureSet) -> dict[str, EntityPlan]:
    """Plan of every entity."""
    return {
        entity: tuple(
            _plan(features.of(entity, kind.name), kind) for kind in features.events if features.of(entity, kind.name)
        )
        for entity in features.entities
    }


def _plan(aggregates: tuple[Aggregate, ...], kind: EventKind) -> KindPlan:
    compared = (a.where.field for a in aggregates if a.where and a.where.field not in {AMOUNT, FLAG})
    fields = tuple(dict.fromkeys([*(a.field for a in aggregates if a.field), *compared]))
    widest = max((window_us(a.window) + window_us(a.delay) for a in aggregates if a.window), default=0)
    return KindPlan(kind, aggregates, fields, widest, any(a.whole_days for a in aggregates))


def empty_state(plan: EntityPlan) -> State:
    """State of an entity of which nothing is known."""
    return [KindState(fields=[[] for _ in part.fields]) for part in plan]


def to_us(instant: datetime) -> int:
    """Microseconds since 1970, exactly."""
    delta = instant - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def window_us(window: timedelta | None) -> int:
    """Width of a window in microseconds."""
    return 0 if window is None else int(window.total_seconds()) * 1_000_000


def fingerprint(key: str | None) -> int:
    """64-bit stand-in of a key for counting distinct ones; `NOTHING` for none."""
    if key is None:
        return NOTHING
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True) or 1


def fold(state: State, plan: EntityPlan, event: FeatureEvent) -> None:
    """Take an event into an entity's state, in place. Events may come late: order of arrival does not matter."""
    for part, kept in zip(plan, state, strict=True):
        if part.kind.name != event.kind:
            continue
        kept.first_us = event.at_us if kept.first_us is None else min(kept.first_us, event.at_us)
        if part.is_daily:
            day = event.at_us // DAY_US
            kept.days[day] = kept.days.get(day, 0) + 1
            _forget_days(kept, part)
        else:
            _insert(kept, part, event)
            _forget(kept, part)


def _insert(kept: KindState, part: KindPlan, event: FeatureEvent) -> None:
    place = bisect_right(kept.at, event.at_us)
    insort(kept.at, event.at_us)
    kept.amount.insert(place, event.amount)
    kept.flags.insert(place, int(event.is_flagged))
    for name, column in zip(part.fields, kept.fields, strict=True):
        column.insert(place, fingerprint(event.keys.get(name)))


def _forget(kept: KindState, part: KindPlan) -> None:
    oldest = bisect_left(kept.at, kept.at[-1] - part.horizon_us - SLACK_US)
    oldest = max(oldest, len(kept.at) - MOST_EVENTS)
    if oldest > 0:
        for column in (kept.at, kept.amount, kept.flags, *kept.fields):
            del column[:oldest]


def _forget_days(kept: KindState, part: KindPlan) -> None:
    oldest = max(kept.days) - (part.horizon_us + SLACK_US) // DAY_US
    for day in [day for day in kept.days if day < oldest]:
        del kept.days[day]


def encode(state: State, plan: EntityPlan) -> bytes:
    """State as bytes: eight-byte integers, no pickle."""
    flat = array("q")
    for part, kept in zip(plan, state, strict=True):
        flat.append(kept.first_us if kept.first_us is not None else -1)
        if part.is_daily:
            flat.append(len(kept.days))
            for day, events in kept.days.items():
                flat.extend((day, events))
        else:
            flat.append(len(kept.at))
            for column in (kept.at, kept.amount, kept.flags, *kept.fields):
                flat.extend(column)
    return flat.tobytes()


def decode(blob: bytes, plan: EntityPlan) -> State:
    """State from its bytes.

    Raises:
        ValueError: not written by `encode` for this plan.
    """
    flat = array("q")
    flat.frombytes(blob)
    values, position, state = flat.tolist(), 0, []
    for part in plan:
        if position + 2 > len(values):
            raise ValueError("stored features are cut short: rebuild the online store.")
        first, size = values[position : position + 2]
        position += 2
        kept = KindState(first_us=None if first == -1 else first)
        if part.is_daily:
            pairs = values[position : position + 2 * size]
            kept.days = dict(zip(pairs[::2], pairs[1::2], strict=True))
            position += 2 * size
        else:
            columns = [values[position + i * size : position + (i + 1) * size] for i in range(3 + len(part.fields))]
            kept.at, kept.amount, kept.flags, kept.fields = columns[0], columns[1], columns[2], columns[3:]
            position += size * len(columns)
        state.append(kept)
    if position != len(values):
        raise ValueError("stored features have another shape: rebuild the online store.")
    return state


def read(state: State | None, plan: EntityPlan, at_us: int, keys: Mapping[str, str] | None = None) -> dict[str, float]:
    """Values of one entity's aggregates for a decision; `state` None: the decision has no such entity. `keys`: the
    decision's own, for filters that compare with them.
    """
    values: dict[str, float] = {}
    for index, part in enumerate(plan):
        for aggregate in part.aggregates:
            values[aggregate.name] = (
                math.nan if state is None else _value(state[index], part, aggregate, at_us, keys or {})
            )
    return values


def _value(kept: KindState, part: KindPlan, aggregate: Aggregate, at_us: int, keys: Mapping[str, str]) -> float:
    if aggregate.whole_days:
        today, days = at_us // DAY_US, window_us(aggregate.window) // DAY_US
        return float(sum(events for day, events in kept.days.items() if today - days <= day < today))
    is_closed = part.kind.is_known_at_once
    if aggregate.aggregation == "seconds_since_first":
        first = kept.first_us
        is_known = first is not None and (first < at_us or (is_closed and first == at_us))
        return (at_us - first) / 1e6 if first is not None and is_known else math.nan
    end_us = at_us - window_us(aggregate.delay)
    high = bisect_right(kept.at, end_us) if is_closed else bisect_left(kept.at, end_us)
    low = bisect_left(kept.at, end_us - window_us(aggregate.window), 0, high)
    chosen: Sequence[int] = range(low, high)
    if aggregate.where is not None:
        chosen = _passing(kept, part, aggregate.where, chosen, keys)
    return _within(kept, part, aggregate, chosen, at_us=at_us)


def _passing(
    kept: KindState, part: KindPlan, where: Where, chosen: Sequence[int], keys: Mapping[str, str]
) -> Sequence[int]:
    if where.field == AMOUNT:
        limit = int(where.value or 0)
        return [i for i in chosen if (kept.amount[i] >= limit) == (where.compare == "at_least")]
    if where.field == FLAG:
        return [i for i in chosen if bool(kept.flags[i]) == (where.value is (where.compare == "is"))]
    column = kept.fields[part.fields.index(where.field)]
    wanted = fingerprint(keys.get(where.field) if where.compare == "same" else str(where.value))
    if where.compare == "is_not":
        return [i for i in chosen if column[i] not in {wanted, NOTHING}]
    return [i for i in chosen if column[i] == wanted != NOTHING]


def _within(kept: KindState, part: KindPlan, aggregate: Aggregate, chosen: Sequence[int], *, at_us: int) -> float:
    """Value over the chosen events, which stand in order of time."""
    match aggregate.aggregation:
        case "count":
            return float(len(chosen))
        case "sum":
            return float(sum(kept.amount[i] for i in chosen))
        case "mean":
            return sum(kept.amount[i] for i in chosen) / len(chosen) if chosen else math.nan
        case "flagged":
            return float(sum(kept.flags[i] for i in chosen))
        case "distinct":
            column = kept.fields[part.fields.index(aggregate.field or "")]
            return float(len({column[i] for i in chosen} - {NOTHING}))
        case "last":
            newest = kept.at[chosen[-1]] if chosen else 0
            return float(max((kept.amount[i] for i in chosen if kept.at[i] == newest), default=math.nan))
        case _:
            return (at_us - kept.at[chosen[-1]]) / 1e6 if chosen else math.nan


def quotients(features: FeatureSet, values: dict[str, float]) -> dict[str, float]:
    """Values of the declared quotients."""
    return {q.name: _divide(values[q.over], values[q.under]) * q.scale for q in features.quotients}


def _divide(over: float, under: float) -> float:
    return math.nan if under == 0 or math.isnan(under) else over / under


def vector(
    features: FeatureSet,
    plans: Mapping[str, EntityPlan],
    states: Mapping[str, State | None],
    *,
    at_us: int,
    request: Mapping[str, float],
    keys: Mapping[str, str] | None = None,
) -> dict[str, float]:
    """All values of one decision: the request's own, aggregates, quotients."""
    values = dict(request)
    for entity, plan in plans.items():
        values.update(read(states.get(entity), plan, at_us, keys))
    values.update(quotients(features, values))
    return values


def touched(plans: Mapping[str, EntityPlan], event: FeatureEvent) -> Iterable[tuple[str, str]]:
    """Entities (name, key) whose state an event changes."""
    for entity, key in event.keys.items():
        if any(part.kind.name == event.kind for part in plans.get(entity, ())):
            yield entity, key


def to_row(values: Mapping[str, float], names: Sequence[str]) -> list[float]:
    """Values in the order of a model's inputs."""
    return [values[name] for name in names]
