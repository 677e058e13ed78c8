"""The registry: every feature with its meaning, owner, freshness, cost and version, made from the declarations.

A version stands for one meaning for ever: `versions.json` keeps the fingerprint of each version that ever was, and a
declaration that changes under an old version is refused. Not here: the declarations; the page made from this (getit).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from models.features.catalogue import CHECKOUT, KEYS, OWNERS, REQUEST, SOURCES, request_columns
from models.features.language import (
    AMOUNT,
    FLAG,
    MOST_EVENTS,
    Aggregate,
    BadDeclaration,
    Quotient,
    Where,
    spell,
    spelled,
)
from models.features.online import DAY_US, SLACK_US, KindPlan, entity_plans

LEDGER = Path(__file__).parent / "versions.json"
Ledger = dict[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One feature as people see it."""

    name: str
    version: int
    fingerprint: str
    entity: str
    meaning: str
    owner: str
    freshness: str
    cost: str


def registered() -> tuple[Registered, ...]:
    """All features, in the order of the model's inputs."""
    prints = fingerprints()
    own = [
        Registered(
            name=name, version=1, fingerprint=prints[name], entity="request", owner="risk", freshness="the request",
            meaning=f"{name.replace('_', ' ')} of the checkout itself", cost="none",
        )
        for name in REQUEST
    ]  # fmt: skip
    aggregates = [_aggregate(aggregate, prints[aggregate.name]) for aggregate in CHECKOUT.aggregates]
    found = {one.name: one for one in (*own, *aggregates)}
    return (*own, *aggregates, *(_quotient(quotient, prints[quotient.name], found) for quotient in CHECKOUT.quotients))


def fingerprints() -> dict[str, str]:
    """What each feature means, as a hash: its declaration, its event, where that lies in the marts."""
    prints = {name: _digest([name, request_columns()]) for name in REQUEST}
    prints |= {aggregate.name: _digest(_spelled_aggregate(aggregate)) for aggregate in CHECKOUT.aggregates}
    for quotient in CHECKOUT.quotients:
        declared = {**spelled(quotient), "version": None}
        prints[quotient.name] = _digest([declared, prints[quotient.over], prints[quotient.under]])
    return prints


def _spelled_aggregate(aggregate: Aggregate) -> list[object]:
    source = {**asdict(SOURCES[aggregate.event]), "meaning": None, "freshness": None}
    fields = [aggregate.field, aggregate.where.field if aggregate.where else None]
    keys = [KEYS.get(name) for name in (aggregate.entity, *fields) if name not in {None, AMOUNT, FLAG} and name]
    kind = CHECKOUT.event(aggregate.event)
    return [{**spelled(aggregate), "version": None}, kind.is_known_at_once, source, keys]


def _digest(declared: object) -> str:
    text = " ".join(json.dumps(declared, sort_keys=True).replace("\\n", " ").split())
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_ledger() -> Ledger:
    """Fingerprint of every version of every feature that ever was."""
    found: Ledger = json.loads(LEDGER.read_text()) if LEDGER.exists() else {}
    return found


def extended(ledger: Ledger, features: Sequence[Registered]) -> Ledger:
    """The ledger with new versions added.

    Raises:
        BadDeclaration: a feature changed its meaning under a version that is taken.
    """
    grown = {name: dict(versions) for name, versions in ledger.items()}
    for feature in features:
        versions = grown.setdefault(feature.name, {})
        known = versions.setdefault(str(feature.version), feature.fingerprint)
        if known != feature.fingerprint:
            raise BadDeclaration(
                f"{feature.name} means something else than its version {feature.version} did: give it version"
                f" {max(map(int, versions)) + 1} in models/features/catalogue.py, or take the change back."
            )
    return dict(sorted(grown.items()))


def write_ledger() -> None:
    """Add the versions of today.

    Raises:
        BadDeclaration: see `extended`.
    """
    LEDGER.write_text(json.dumps(extended(read_ledger(), registered()), indent=1) + "\n")


def _aggregate(aggregate: Aggregate, fingerprint: str) -> Registered:
    source = SOURCES[aggregate.event]
    plan = next(part for part in entity_plans(CHECKOUT)[aggregate.entity] if part.kind.name == aggregate.event)
    return Registered(
        name=aggregate.name, version=aggregate.version, fingerprint=fingerprint, entity=aggregate.entity,
        meaning=_meaning(aggregate), owner=OWNERS[aggregate.entity],
        freshness="the day before" if aggregate.whole_days else source.freshness, cost=_cost(aggregate, plan),
    )  # fmt: skip


def _quotient(quotient: Quotient, fingerprint: str, found: Mapping[str, Registered]) -> Registered:
    over, under = found[quotient.over], found[quotient.under]
    source = under if over.entity == "request" else over
    scale = f" × {quotient.scale:g}" if quotient.scale != 1.0 else ""
    return Registered(
        name=quotient.name, version=quotient.version, fingerprint=fingerprint, entity=source.entity,
        meaning=f"`{quotient.over}` ÷ `{quotient.under}`{scale}; missing where the divisor is 0", owner=source.owner,
        freshness=source.freshness, cost="one division",
    )  # fmt: skip


def _meaning(aggregate: Aggregate) -> str:
    what, who = SOURCES[aggregate.event].meaning, f"of the {aggregate.entity}"
    if aggregate.where:
        what += f" ({_filter(aggregate.where)})"
    when = f" in {spell(aggregate.window)}" if aggregate.window else ""
    when = f" in the last {aggregate.window.days} whole UTC days" if aggregate.whole_days and aggregate.window else when
    when += f" that ended {spell(aggregate.delay)} before" if aggregate.delay else ""
    texts = {
        "count": f"number of {what} {who}{when}",
        "sum": f"poisha of {what} {who}{when}",
        "mean": f"mean poisha of {what} {who}{when}",
        "last": f"poisha of the newest of {what} {who}{when}",
        "distinct": f"distinct {aggregate.field}s among {what} {who}{when}",
        "flagged": f"frauds among {what} {who}{when}",
        "seconds_since_last": f"seconds since the newest of {what} {who}{when}",
        "seconds_since_first": f"seconds since the first of {what} {who} ever",
    }
    return texts[aggregate.aggregation]


def _filter(where: Where) -> str:
    if where.compare == "same":
        return f"with the decision's own {where.field}"
    return f"{where.field} {where.compare.replace('_', ' ')} {where.value}"


def _cost(aggregate: Aggregate, plan: KindPlan) -> str:
    """Bytes that the entity's state of this event takes, shared by its features, and what a read does."""
    if aggregate.window is None:
        return "8 B an entity; O(1)"
    if plan.is_daily:
        return f"16 B a day, at most {16 * ((plan.horizon_us + SLACK_US) // DAY_US + 1)} B an entity; O(days)"
    each = 8 * (3 + len(plan.fields))
    work = "O(log n)" if aggregate.aggregation in {"count", "seconds_since_last"} and not aggregate.where else "O(n)"
    return f"{each} B an event, at most {each * MOST_EVENTS // 1000} kB an entity; {work}"
