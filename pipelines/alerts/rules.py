"""What a look at the pipelines changes in the alerts, as pure decisions. Not here: where anything is read or stored.

One open alert a cause: seen again it is counted, not repeated. It is over when its cause stayed away for `settle`: a
cause that comes and goes is one alert, not many. A kind that could not be looked at ("blind") changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["dead", "failed", "check", "stale"]
News = Literal["opened", "recovered"]
# Seconds before a sink is tried again; the last one for as long as the notice lives.
PAUSES_S = (5, 30, 120, 600, 3600)
TRIES = 30


@dataclass(frozen=True)
class Sighting:
    """Something that is wrong now. `count`: how often in a row it went wrong; unsure: believed on the second look."""

    cause: str
    kind: Kind
    title: str
    detail: str
    count: int = 1
    is_sure: bool = True


@dataclass(frozen=True)
class Look:
    """One look at everything; `blind` are the kinds of which nothing is known."""

    sightings: Sequence[Sighting]
    blind: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Alert:
    """What is remembered of a cause. `earlier` counts what went wrong before the cause was last away."""

    cause: str
    kind: Kind
    title: str
    detail: str
    opened_at: datetime
    last_seen_at: datetime
    count: int = 1
    earlier: int = 0
    clear_since: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True)
class Change:
    """An alert as it is to be stored, and what the sinks are to hear of it."""

    alert: Alert
    news: News | None = None


@dataclass
class Doubts:
    """Unsure causes of the look before."""

    causes: frozenset[str] = field(default_factory=frozenset)

    def confirmed(self, look: Look) -> Look:
        """The look without what is unsure and seen for the first time; remembers it for the next."""
        unsure = frozenset(one.cause for one in look.sightings if not one.is_sure)
        believed = [one for one in look.sightings if one.is_sure or one.cause in self.causes]
        self.causes = unsure
        return Look(believed, look.blind)


def decide(known: Mapping[str, Alert], look: Look, now: datetime, *, settle: timedelta) -> list[Change]:
    """What changes: `known` are the alerts that are open, by cause."""
    seen = {one.cause: one for one in look.sightings}
    changes = [_seen(known.get(cause), sighting, now) for cause, sighting in seen.items()]
    gone = [alert for cause, alert in known.items() if cause not in seen and alert.kind not in look.blind]
    return changes + [_away(alert, now, settle) for alert in gone]


def _seen(alert: Alert | None, sighting: Sighting, now: datetime) -> Change:
    if alert is None:
        fresh = Alert(sighting.cause, sighting.kind, sighting.title, sighting.detail, now, now, sighting.count)
        return Change(fresh, "opened")
    earlier = alert.earlier if alert.clear_since is None else alert.count
    count = max(alert.count, earlier + sighting.count)
    more = {"title": sighting.title, "detail": sighting.detail, "last_seen_at": now}
    return Change(replace(alert, **more, count=count, earlier=earlier, clear_since=None))  # type: ignore[arg-type]


def _away(alert: Alert, now: datetime, settle: timedelta) -> Change:
    since = alert.clear_since or now
    if now - since < settle:
        return Change(replace(alert, clear_since=since))
    return Change(replace(alert, clear_since=since, resolved_at=now), "recovered")


def pause_s(tries: int) -> float | None:
    """Seconds before a sink hears of a notice again after `tries` failures; None when it has been given up."""
    return None if tries >= TRIES else float(PAUSES_S[min(tries, len(PAUSES_S)) - 1])
