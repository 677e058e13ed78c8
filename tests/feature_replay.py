"""Replay of a shop's events through the outbox, the feeder, PostgreSQL and Valkey, beside the point-in-time SQL.

Every order is a decision, read online at its moment: after everything that came before it, before itself. Not here: what
is asserted (tests/integration/serving/test_replay.py), the figures of the bench (tests/bench/features.py).
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
from feature_engines import START_US, Decision, at, decisions_table, events_table

from foundation.database import Database
from foundation.outbox import NewEvent, record_events
from foundation.settings import Settings
from models.features.catalogue import CHECKOUT
from models.features.events import _KEYS as COLUMNS
from models.features.offline import point_in_time_sql
from models.features.online import DAY_US, FeatureEvent, vector
from serving.feeder import Feeder
from serving.lookup import FeatureLookup
from serving.states import PLANS, StateTable
from serving.store import OnlineStore

NAMES = CHECKOUT.names
#: Means and quotients are equal to 1e-9; everything else is equal.
NEAR = {q.name for q in CHECKOUT.quotients} | {a.name for a in CHECKOUT.aggregates if a.aggregation == "mean"}
TYPES = {
    "placed": "order.placed",
    "refused": "order.refused",
    "unpaid": "payment.declined",
    "labelled": "risk.labelled",
}
ORDERS_A_TRANSACTION = 40


@dataclass(frozen=True)
class Replayed:
    """What a replay found."""

    events: int
    decisions: int
    values: int
    mismatches: list[tuple[int, str, float, float]]
    from_valkey: int
    feed_seconds: float


def history(count: int, seed: int = 1) -> list[FeatureEvent]:
    """Half orders, half what became of them; labels late by days, many events on one instant, keys that are missing."""
    rng = random.Random(seed)
    orders = count // 2
    sizes = {"buyer": orders // 8, "device": orders // 6, "phone": orders // 7, "payer": orders // 9, "voucher": 150, "district": 64}  # fmt: skip
    absent = {"device": 0.05, "payer": 0.5, "voucher": 0.6, "district": 0.02}
    events = []
    for _ in range(orders):
        keys = {
            name: f"{name}-{rng.randrange(max(2, size))}"
            for name, size in sizes.items()
            if rng.random() >= absent.get(name, 0.0)
        }
        when = START_US + rng.randrange(70 * 24 * 720) * 5_000_000 + rng.choice([0, 0, 1, 999_999])
        amount = rng.randrange(10_000, 90_000_000)
        events.append(FeatureEvent(kind="placed", at_us=when, amount=amount, keys=keys))
        kind, late = rng.choice(["refused", "unpaid", "labelled", "labelled"]), rng.randrange(1, 20 * 24 * 720)
        is_label = kind == "labelled"
        events.append(
            FeatureEvent(
                kind=kind, at_us=when + late * 5_000_000, amount=0 if is_label else amount,
                is_flagged=is_label and rng.random() < 0.2, keys=keys,
            )
        )  # fmt: skip
    # What is known at an order's very instant arrives before the order asks.
    return sorted(events, key=lambda event: (event.at_us, event.kind == "placed"))


def payload_of(event: FeatureEvent) -> dict[str, object]:
    """The outbox's own form of an event."""
    instant = at(event.at_us).isoformat()
    keys = {COLUMNS[name]: key for name, key in event.keys.items()}
    match event.kind:
        case "placed":
            return {**keys, "placed_at": instant, "total_poisha": event.amount}
        case "refused":
            return {**keys, "occurred_at": instant, "total_poisha": event.amount}
        case "unpaid":
            return {**keys, "occurred_at": instant, "amount_poisha": event.amount}
        case _:
            return {**keys, "known_at": instant, "is_fraud": event.is_flagged}


async def publish(database: Database, events: Sequence[FeatureEvent]) -> None:
    """Write the events to the outbox, in order, some dozens a transaction."""
    for start in range(0, len(events), ORDERS_A_TRANSACTION):
        new = [
            NewEvent(topic="replay", aggregate_id=str(start), event_type=TYPES[one.kind], payload=payload_of(one))
            for one in events[start : start + ORDERS_A_TRANSACTION]
        ]
        async with database.transaction() as connection:
            await record_events(connection, new)


def batches(events: Sequence[FeatureEvent]) -> Iterator[list[tuple[int, FeatureEvent]]]:
    """As many events at once as leave every order in the batch untouched by what stands before it in the batch."""
    batch: list[tuple[int, FeatureEvent]] = []
    touched: set[tuple[str, str]] = set()
    for number, event in enumerate(events):
        keys = {(name, key) for name, key in event.keys.items() if name != "district"}
        is_new_day = bool(batch) and batch[0][1].at_us // DAY_US != event.at_us // DAY_US
        if is_new_day or len(batch) == 500 or (event.kind == "placed" and keys & touched):
            yield batch
            batch, touched = [], set()
        batch.append((number, event))
        touched |= keys
    if batch:
        yield batch


async def replay(settings: Settings, events: Sequence[FeatureEvent]) -> Replayed:
    """Feed the events and read every order's features at its moment; compare with the SQL over all events."""
    feeder, database = Feeder(settings), Database(settings.postgres("getit"), size=8, name="replay")
    await database.open()
    await feeder.database.open()
    # Values are compared here, not speed: a busy machine must not push a decision to the fallback.
    store = OnlineStore(settings.valkey, deadline_s=10.0)
    lookup = FeatureLookup(store, StateTable(database), deadline_s=10.0)
    try:
        await feeder.build()
        await publish(database, events)
        started = time.perf_counter()
        online = await _read_along(feeder, lookup, events)
        seconds = time.perf_counter() - started
        assert await feeder.step(), "the feeder has seen everything"
    finally:
        for store in (feeder.store, lookup.store):
            await store.close()
        await feeder.database.close()
        await database.close()
    offline = by_sql(events, list(online))
    wrong = compare(online, offline)
    return Replayed(len(events), len(online), len(online) * len(NAMES), wrong, lookup.reads["valkey"], seconds)


async def _read_along(feeder: Feeder, lookup: FeatureLookup, events: Sequence[FeatureEvent]) -> dict[int, list[float]]:
    online: dict[int, list[float]] = {}

    async def decide(number: int, order: FeatureEvent) -> None:
        states, _ = await lookup.read(order.keys)
        request = {"amount_poisha": float(order.amount)}
        values = vector(CHECKOUT, PLANS, states, at_us=order.at_us, request=request, keys=order.keys)
        online[number] = [values[name] for name in NAMES]

    for batch in batches(events):
        asked = [one for one in batch if one[1].kind == "placed"]
        for start in range(0, len(asked), 8):
            await asyncio.gather(*(decide(*one) for one in asked[start : start + 8]))
        await feeder.step(limit=len(batch))
    return online


def by_sql(events: Sequence[FeatureEvent], numbers: Sequence[int]) -> dict[str, np.ndarray]:
    """The same values from the point-in-time SQL, one column a feature, in the order of `numbers`."""
    orders = [Decision(number, events[number].at_us, events[number].keys, events[number].amount) for number in numbers]
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute("set threads = 2")
        connection.register("happened", events_table(CHECKOUT, events))
        connection.register("asked", decisions_table(CHECKOUT, orders))
        sources = {kind.name: f"select * from happened where kind = '{kind.name}'" for kind in CHECKOUT.events}
        sql = point_in_time_sql(CHECKOUT, sources, "select * from asked", request=["amount_poisha"])
        table = connection.sql(sql).to_arrow_table().sort_by("decision_id")
    assert table["decision_id"].to_pylist() == sorted(numbers)
    return {name: np.array(table[name].to_pylist(), dtype=float) for name in NAMES}


def compare(online: dict[int, list[float]], offline: dict[str, np.ndarray]) -> list[tuple[int, str, float, float]]:
    """Every value that differs."""
    numbers = sorted(online)
    rows = np.array([online[number] for number in numbers])
    wrong = []
    for place, name in enumerate(NAMES):
        left, right = rows[:, place], offline[name]
        slack = 1e-9 * np.maximum(np.abs(left), np.abs(right)) if name in NEAR else 0.0
        is_same = (np.isnan(left) & np.isnan(right)) | (np.abs(left - right) <= slack)
        wrong += [(numbers[i], name, float(left[i]), float(right[i])) for i in np.flatnonzero(~is_same)]
    return wrong
