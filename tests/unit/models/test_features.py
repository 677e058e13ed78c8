"""Online = offline: random events with ties and late labels, replayed; a leaking twin must be caught."""

import math
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa
import pytest

from models.features.catalogue import CHECKOUT
from models.features.language import DAY, MOST_EVENTS, Aggregate, EventKind, FeatureSet
from models.features.offline import point_in_time_sql
from models.features.online import (
    DAY_US,
    FeatureEvent,
    State,
    decode,
    empty_state,
    encode,
    entity_plans,
    fingerprint,
    fold,
    read,
    to_us,
    touched,
    vector,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
PLANS = entity_plans(CHECKOUT)
SIZES = {"buyer": 60, "device": 40, "phone": 50, "payer": 30, "voucher": 6, "district": 4}


def make_orders(count: int, seed: int) -> list[dict[str, object]]:
    """Orders on a coarse grid of time, so that many fall on the same instant and exactly on window edges."""
    rng = random.Random(seed)
    orders = []
    for number in range(count):
        keys = {name: f"{name}-{rng.randrange(size)}" for name, size in SIZES.items()}
        for name, chance in {"device": 0.1, "payer": 0.5, "voucher": 0.6, "district": 0.05}.items():
            if rng.random() < chance:
                del keys[name]
        at = START + timedelta(minutes=30 * rng.randrange(48 * 75), microseconds=rng.choice([0, 0, 0, 1, 999_999]))
        orders.append({"id": number, "at": at, "amount": rng.randrange(0, 9_000_000_000), "keys": keys})
    return sorted(orders, key=lambda order: order["at"])


def make_events(orders: list[dict[str, object]], seed: int, *, is_leaking: bool = False) -> list[FeatureEvent]:
    rng = random.Random(seed)
    events = []
    for order in orders:
        at, keys, amount = order["at"], order["keys"], order["amount"]
        events.append(FeatureEvent(kind="placed", at_us=to_us(at), amount=amount, keys=keys))
        delay = timedelta(minutes=30 * rng.randrange(1, 48 * 20))
        kind, is_fraud = rng.choice(["refused", "unpaid", "labelled"]), rng.random() < 0.3
        known_at = at if is_leaking else at + delay
        events.append(FeatureEvent(kind=kind, at_us=to_us(known_at), amount=amount, is_flagged=is_fraud, keys=keys))
    return events


def offline(orders: list[dict[str, object]], events: list[FeatureEvent]) -> dict[int, dict[str, float]]:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute("set threads = 2")
    sources = {}
    for kind in CHECKOUT.events:
        chosen = [event for event in events if event.kind == kind.name]
        columns = {
            "known_at": pa.array([event.at_us for event in chosen], pa.timestamp("us", tz="UTC")),
            "amount": pa.array([event.amount for event in chosen], pa.int64()),
            "is_flagged": pa.array([event.is_flagged for event in chosen]),
            **{name: pa.array([event.keys.get(name) for event in chosen], pa.string()) for name in SIZES},
        }
        connection.register(f"source_{kind.name}", pa.table(columns))
        sources[kind.name] = f"select * from source_{kind.name}"
    decisions = pa.table(
        {
            "decision_id": [order["id"] for order in orders],
            "decided_at": pa.array([order["at"] for order in orders], pa.timestamp("us", tz="UTC")),
            "amount_poisha": pa.array([float(order["amount"]) for order in orders]),
            **{name: pa.array([order["keys"].get(name) for order in orders], pa.string()) for name in SIZES},
        }
    )
    connection.register("asked", decisions)
    sql = point_in_time_sql(CHECKOUT, sources, "select * from asked", request=["amount_poisha"])
    result = connection.execute(sql).to_arrow_table().to_pylist()
    return {row.pop("decision_id"): row for row in result}


def online(orders: list[dict[str, object]], events: list[FeatureEvent]) -> dict[int, dict[str, float]]:
    """Replay by time; events of the decision's own instant have already arrived, which is the hard case."""
    states: dict[tuple[str, str], bytes] = {}
    waiting = sorted(events, key=lambda event: event.at_us)
    found, arrived = {}, 0
    for order in orders:
        while arrived < len(waiting) and waiting[arrived].at_us <= to_us(order["at"]):
            take_in(states, waiting[arrived])
            arrived += 1
        found[order["id"]] = answer(states, order)
    return found


def take_in(states: dict[tuple[str, str], bytes], event: FeatureEvent) -> None:
    for entity, key in touched(PLANS, event):
        plan = PLANS[entity]
        blob = states.get((entity, key))
        state = decode(blob, plan) if blob is not None else empty_state(plan)
        fold(state, plan, event)
        states[entity, key] = encode(state, plan)


def answer(states: Mapping[tuple[str, str], bytes], order: Mapping[str, object]) -> dict[str, float]:
    per_entity: dict[str, State | None] = {}
    for entity, plan in PLANS.items():
        key = order["keys"].get(entity)
        blob = states.get((entity, key)) if key else None
        per_entity[entity] = None if key is None else decode(blob, plan) if blob else empty_state(plan)
    return vector(
        CHECKOUT, PLANS, per_entity, at_us=to_us(order["at"]), request={"amount_poisha": float(order["amount"])}
    )


def mismatches(left: dict[int, dict[str, float]], right: dict[int, dict[str, float]]) -> list[tuple[int, str]]:
    wrong = []
    for decision, values in left.items():
        for name, value in values.items():
            other = right[decision][name]
            missing = value is None or (isinstance(value, float) and math.isnan(value))
            slack = 1e-9 * abs(value) if not missing and ("ratio" in name or "mean" in name) else 0.0
            if missing != math.isnan(other) or (not missing and abs(value - other) > slack):
                wrong.append((decision, name))
    return wrong


@pytest.fixture(scope="module")
def orders():
    return make_orders(3000, seed=11)


class TestReplay:
    def test_every_value_is_the_same_online_and_offline(self, orders):
        events = make_events(orders, seed=12)

        left, right = offline(orders, events), online(orders, events)

        assert set(next(iter(left.values()))) == {"amount_poisha", *CHECKOUT.names}
        assert mismatches(left, right) == []

    def test_no_feature_is_empty_or_constant(self, orders):
        values = offline(orders, make_events(orders, seed=12))
        for name in CHECKOUT.names:
            assert len({row[name] for row in values.values()}) > 2, name

    def test_a_leaking_twin_is_caught(self, orders):
        """The control: events known at the order's own instant, before their time."""
        honest, leaking = make_events(orders, seed=12), make_events(orders, seed=12, is_leaking=True)

        wrong = mismatches(offline(orders, leaking), online(orders, honest))

        assert {"buyer_labelled_flagged_60d", "phone_refused_count_60d"} <= {name for _, name in wrong}

    def test_order_of_arrival_does_not_matter(self, orders):
        events = make_events(orders[:400], seed=12)
        at = to_us(orders[399]["at"])
        forward, backward = {}, {}
        for event in events:
            take_in(forward, event)
        for event in reversed(events):
            take_in(backward, event)
        for entity, key in forward:
            plan = PLANS[entity]
            left, right = (read(decode(states[entity, key], plan), plan, at) for states in (forward, backward))
            assert all(
                a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(left.values(), right.values(), strict=True)
            )


SMALL = FeatureSet(
    (EventKind(name="seen", entities=("x",), fields=("x",)),),
    (Aggregate(entity="x", event="seen", aggregation="count", window=DAY),),
    (),
)


class TestState:
    def test_memory_is_bounded(self):
        plan = entity_plans(SMALL)["x"]
        state = empty_state(plan)
        for number in range(MOST_EVENTS + 500):
            fold(state, plan, FeatureEvent(kind="seen", at_us=number, amount=0, keys={"x": "a"}))
        assert len(state[0].at) == MOST_EVENTS
        assert state[0].first_us == 0

    def test_events_beyond_the_window_are_forgotten(self):
        plan = entity_plans(SMALL)["x"]
        state = empty_state(plan)
        for day in range(10):
            fold(state, plan, FeatureEvent(kind="seen", at_us=day * DAY_US, amount=0, keys={"x": "a"}))
        assert len(state[0].at) == 3

    def test_cut_bytes_are_refused(self):
        plan = PLANS["buyer"]
        blob = encode(empty_state(plan), plan)
        with pytest.raises(ValueError, match="rebuild"):
            decode(blob[:-8], plan)
        with pytest.raises(ValueError, match="rebuild"):
            decode(blob + blob, plan)

    def test_fingerprint_is_stable_and_zero_only_for_nothing(self):
        assert fingerprint(None) == 0
        assert fingerprint("abc") == fingerprint("abc") != fingerprint("abd")

    def test_changed_declarations_change_the_fingerprint(self):
        assert SMALL.fingerprint != CHECKOUT.fingerprint
