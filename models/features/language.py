"""The declaration language: entity, event, filter, window, delay, aggregation, and quotients. Pure data; compiles nothing.

An event counts for a decision if it was known before it: `at` is the instant from which the event is known (a label:
`known_at`, not when the fraud happened). A window reaches back from the decision, or from `delay` before it; events
older than it do not count. A declaration that could not run online in bounded memory is refused when it is made.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, Literal

Aggregation = Literal[
    "count", "sum", "mean", "last", "distinct", "seconds_since_last", "seconds_since_first", "flagged"
]
Comparison = Literal["is", "is_not", "at_least", "below", "same"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: Of an entity's events of one kind the newest so many count: bounds the online state, in every engine alike.
MOST_EVENTS = 2_000
#: What every event carries beside its keys.
AMOUNT, FLAG = "amount", "is_flagged"


class BadDeclaration(ValueError):
    """A feature is declared in a way that has no meaning or no bounded state; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class EventKind:
    """A kind of event. `fields` can be counted distinct and compared in filters; `is_known_at_once`: an event at the
    decision's own instant counts (a label that is known at that instant) or does not (an order placed at that instant).
    """

    name: str
    entities: tuple[str, ...]
    fields: tuple[str, ...] = ()
    is_known_at_once: bool = False


@dataclass(frozen=True, kw_only=True)
class Where:
    """Which events count. `is`, `is_not` compare a field (or `is_flagged`) with `value`; `at_least`, `below` the amount
    in poisha; `same`: the field has the decision's own value. An event without the field never counts.
    """

    name: str
    field: str
    compare: Comparison
    value: str | int | bool | None = None

    def __post_init__(self) -> None:
        """Refuse comparisons without meaning."""
        is_order = self.compare in {"at_least", "below"}
        if is_order and (self.field != AMOUNT or not isinstance(self.value, int)):
            raise BadDeclaration(f"{self.name}: at_least and below compare the amount with an integer of poisha.")
        if self.field == AMOUNT and not is_order:
            raise BadDeclaration(f"{self.name}: compare the amount with at_least or below.")
        if self.field == FLAG and (self.compare not in {"is", "is_not"} or not isinstance(self.value, bool)):
            raise BadDeclaration(f"{self.name}: is_flagged is compared with True or False.")
        if self.compare == "same" and self.value is not None:
            raise BadDeclaration(f"{self.name}: `same` takes its value from the decision; leave `value` out.")


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One aggregate of one kind of event by one entity.

    `flagged` counts the events whose flag is set; `last` is the amount of the newest event (of several at one instant
    the largest). With `delay`, the window ends that long before the decision. With `whole_days`, only complete UTC days
    before the decision's day count: state stays small for an entity as large as a district. Raise `version` with every
    change of meaning that leaves the name alone.
    """

    entity: str
    event: str
    aggregation: Aggregation
    window: timedelta | None = None
    field: str | None = None
    whole_days: bool = False
    where: Where | None = None
    delay: timedelta = timedelta(0)
    version: int = 1

    def __post_init__(self) -> None:
        """Refuse what has no meaning or no bounded state."""
        if self.aggregation == "seconds_since_first":
            if self.window or self.where or self.delay:
                raise BadDeclaration(
                    f"{self.name}: the age of an entity has no window, filter or delay; leave them out."
                )
        elif self.window is None or self.window <= timedelta(0):
            raise BadDeclaration(f"{self.name}: this aggregation needs a window: declare one.")
        if (self.aggregation == "distinct") != (self.field is not None):
            raise BadDeclaration(f"{self.name}: `distinct`, and nothing else, counts a field.")
        if self.aggregation == "distinct" and self.where is not None and self.where.compare == "same":
            raise BadDeclaration(f"{self.name}: `distinct` cannot be filtered by the decision's own value.")
        if self.delay < timedelta(0):
            raise BadDeclaration(f"{self.name}: a delay is not negative.")
        if self.whole_days and not self._is_daily_count():
            raise BadDeclaration(f"{self.name}: whole days are counted, over days, with neither filter nor delay.")

    def _is_daily_count(self) -> bool:
        is_plain = self.aggregation == "count" and self.where is None and not self.delay
        return is_plain and self.window is not None and self.window % DAY == timedelta(0)

    @property
    def name(self) -> str:
        """Name of the feature, made from what it is."""
        parts = [self.entity, self.event]
        if self.where:
            parts.append(self.where.name)
        parts.append(self.aggregation)
        if self.field:
            parts.append(self.field)
        if self.window:
            parts.append(spell(self.window))
        if self.delay:
            parts.append(f"after_{spell(self.delay)}")
        return "_".join(parts)


@dataclass(frozen=True, kw_only=True)
class Quotient:
    """Quotient of two values, times `scale`: aggregates, or a number of the request; missing where the divisor is zero
    or missing.
    """

    name: str
    over: str
    under: str
    scale: float = 1.0
    version: int = 1


@dataclass(frozen=True)
class FeatureSet:
    """Everything that is computed for one kind of decision."""

    events: tuple[EventKind, ...]
    aggregates: tuple[Aggregate, ...]
    quotients: tuple[Quotient, ...]

    def __post_init__(self) -> None:
        """Refuse names that are taken, events and fields that do not exist, and entities of mixed state."""
        names = [*self.names]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise BadDeclaration(f"declared twice: {', '.join(doubled)}.")
        for aggregate in self.aggregates:
            self._check(aggregate)
        for entity, event in {(a.entity, a.event) for a in self.aggregates}:
            if len({a.whole_days for a in self.of(entity, event)}) > 1:
                raise BadDeclaration(f"{entity} of {event}: keep either whole days or single events, not both.")

    def _check(self, aggregate: Aggregate) -> None:
        kind = next((kind for kind in self.events if kind.name == aggregate.event), None)
        if kind is None or aggregate.entity not in kind.entities:
            raise BadDeclaration(f"{aggregate.name}: no event {aggregate.event!r} names a {aggregate.entity!r}.")
        wanted = {aggregate.field, aggregate.where.field if aggregate.where else None} - {None, AMOUNT, FLAG}
        if wanted - set(kind.fields):
            raise BadDeclaration(f"{aggregate.name}: {kind.name!r} has no field {', '.join(map(str, wanted))}.")

    @property
    def entities(self) -> tuple[str, ...]:
        """Entities, in order of first use."""
        return tuple(dict.fromkeys(aggregate.entity for aggregate in self.aggregates))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all values, aggregates first."""
        return (*(a.name for a in self.aggregates), *(q.name for q in self.quotients))

    @property
    def compared(self) -> tuple[str, ...]:
        """Fields of the decision itself that filters compare with."""
        found = (a.where.field for a in self.aggregates if a.where and a.where.compare == "same")
        return tuple(dict.fromkeys(found))

    def event(self, name: str) -> EventKind:
        """Kind of event by name."""
        return next(kind for kind in self.events if kind.name == name)

    def of(self, entity: str, event: str) -> tuple[Aggregate, ...]:
        """Aggregates of one entity over one kind of event."""
        return tuple(a for a in self.aggregates if a.entity == entity and a.event == event)

    def only(self, names: Iterable[str]) -> "FeatureSet":
        """These features alone, with the aggregates that their quotients divide."""
        wanted = set(names)
        quotients = tuple(q for q in self.quotients if q.name in wanted)
        wanted |= {operand for q in quotients for operand in (q.over, q.under)}
        return FeatureSet(self.events, tuple(a for a in self.aggregates if a.name in wanted), quotients)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a declaration changes: stored state of another fingerprint is never read."""
        declared = [[spelled(part) for part in parts] for parts in (self.events, self.aggregates, self.quotients)]
        return hashlib.sha256(json.dumps(declared, sort_keys=True).encode()).hexdigest()[:12]


def counts(entity: str, event: str, *windows: timedelta) -> Iterable[Aggregate]:
    """Counts over several windows."""
    return (Aggregate(entity=entity, event=event, aggregation="count", window=window) for window in windows)


def lagged_risk(
    entity: str, event: str, *, window: timedelta, delay: timedelta = timedelta(0)
) -> tuple[Aggregate, Aggregate, Quotient]:
    """Share of flagged among the labels of a window that ended `delay` ago: how many, how many flagged, their quotient."""
    known = Aggregate(entity=entity, event=event, aggregation="count", window=window, delay=delay)
    bad = Aggregate(entity=entity, event=event, aggregation="flagged", window=window, delay=delay)
    return known, bad, Quotient(name=f"{bad.name}_ratio", over=bad.name, under=known.name)


def own_ratio(name: str, short: Aggregate, long: Aggregate) -> Quotient:
    """A short window beside the entity's own history: 1 is its habit, 3 three times its habit (counts and sums by time)."""
    if short.window is None or long.window is None or short.aggregation != long.aggregation:
        raise BadDeclaration(f"{name}: compare one aggregation over two windows.")
    is_rate = short.aggregation in {"count", "sum", "flagged"}
    return Quotient(name=name, over=short.name, under=long.name, scale=long.window / short.window if is_rate else 1.0)


def spelled(part: object) -> dict[str, Any]:
    """A declaration as plain JSON without what stands at its default: a new default changes no fingerprint."""
    return {
        found.name: _plain(value)
        for found in fields(part)  # type: ignore[arg-type]
        if (value := getattr(part, found.name)) != found.default
    }


def _plain(value: object) -> Any:
    if isinstance(value, timedelta):
        return f"{int(value / timedelta(microseconds=1))}us"
    if isinstance(value, Where):
        return spelled(value)
    return list(value) if isinstance(value, tuple) else value


def spell(window: timedelta) -> str:
    """A window in short: 36h, 7d, 90min."""
    if window % HOUR:
        return f"{window // timedelta(minutes=1)}min"
    hours = window // HOUR
    return f"{hours // 24}d" if hours % 24 == 0 and hours > 24 else f"{hours}h"
