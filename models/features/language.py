"""The declaration language: entity, event, window, aggregation, and quotients of them. Pure data; compiles nothing.

An event counts for a decision if it was known before it: `at` is the instant from which the event is known (a label:
`known_at`, not when the fraud happened). A window reaches back from the decision; events older than it do not count.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Aggregation = Literal["count", "sum", "mean", "distinct", "seconds_since_last", "seconds_since_first", "flagged"]

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class EventKind:
    """A kind of event. `fields` can be counted distinct; `is_known_at_once`: an event at the decision's own instant
    counts (a label that is known at that instant) or does not (an order placed at that instant).
    """

    name: str
    entities: tuple[str, ...]
    fields: tuple[str, ...] = ()
    is_known_at_once: bool = False


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """One aggregate of one kind of event by one entity.

    `flagged` counts the events whose flag is set. With `whole_days`, only complete UTC days before the decision's day
    count: state stays small for an entity as large as a district.
    """

    entity: str
    event: str
    aggregation: Aggregation
    window: timedelta | None = None
    field: str | None = None
    whole_days: bool = False

    @property
    def name(self) -> str:
        """Name of the feature, made from what it is."""
        parts = [self.entity, self.event, self.aggregation]
        if self.field:
            parts.append(self.field)
        if self.window:
            parts.append(_spell(self.window))
        return "_".join(parts)


@dataclass(frozen=True, kw_only=True)
class Quotient:
    """Quotient of two values: aggregates, or a number of the request; missing where the divisor is zero or missing."""

    name: str
    over: str
    under: str


@dataclass(frozen=True)
class FeatureSet:
    """Everything that is computed for one kind of decision."""

    events: tuple[EventKind, ...]
    aggregates: tuple[Aggregate, ...]
    quotients: tuple[Quotient, ...]

    @property
    def entities(self) -> tuple[str, ...]:
        """Entities, in order of first use."""
        return tuple(dict.fromkeys(aggregate.entity for aggregate in self.aggregates))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all values, aggregates first."""
        return (*(a.name for a in self.aggregates), *(q.name for q in self.quotients))

    def event(self, name: str) -> EventKind:
        """Kind of event by name."""
        return next(kind for kind in self.events if kind.name == name)

    def of(self, entity: str, event: str) -> tuple[Aggregate, ...]:
        """Aggregates of one entity over one kind of event."""
        return tuple(a for a in self.aggregates if a.entity == entity and a.event == event)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a declaration changes: stored state of another fingerprint is never read."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]


def counts(entity: str, event: str, *windows: timedelta) -> Iterable[Aggregate]:
    """Counts over several windows."""
    return (Aggregate(entity=entity, event=event, aggregation="count", window=window) for window in windows)


def _spell(window: timedelta) -> str:
    hours = int(window.total_seconds()) // 3600
    return f"{hours // 24}d" if hours % 24 == 0 and hours > 24 else f"{hours}h"
