"""DuckDB = polars = online fold on random histories; nothing known after a decision is used, and a leak is seen."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from feature_engines import START_US, Decision, by_duckdb, by_fold, by_polars, mismatches
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.features.catalogue import CHECKOUT
from models.features.language import (
    DAY,
    HOUR,
    MOST_EVENTS,
    Aggregate,
    BadDeclaration,
    EventKind,
    FeatureSet,
    Quotient,
    Where,
    lagged_risk,
    own_ratio,
)
from models.features.online import FeatureEvent

CASH = Where(name="cash", field="method", compare="is", value="cod")
NOT_CASH = Where(name="prepaid", field="method", compare="is_not", value="cod")
LARGE = Where(name="large", field="amount", compare="at_least", value=3)
SMALL = Where(name="small", field="amount", compare="below", value=3)
GOOD = Where(name="good", field="is_flagged", compare="is", value=False)
BAD = Where(name="bad", field="is_flagged", compare="is_not", value=False)
THIS_ITEM = Where(name="this_item", field="item", compare="same")


def one(entity: str, event: str, aggregation: str, window=DAY, **more) -> Aggregate:
    return Aggregate(entity=entity, event=event, aggregation=aggregation, window=window, **more)


SHORT, LONG = one("who", "bought", "count", HOUR), one("who", "bought", "count", 3 * DAY)
RISK = lagged_risk("who", "judged", window=2 * DAY, delay=timedelta(hours=7))
#: Every word of the language at least once, over an event that counts at its own instant and one that does not.
EVERYTHING = FeatureSet(
    (
        EventKind(name="bought", entities=("who", "item", "place"), fields=("item", "method")),
        EventKind(name="judged", entities=("who", "item"), fields=("item",), is_known_at_once=True),
    ),
    (
        SHORT, LONG, *RISK[:2],
        *(one("who", "bought", word) for word in ("sum", "mean", "last", "flagged", "seconds_since_last")),
        *(one("item", "judged", word, 2 * HOUR) for word in ("sum", "mean", "last", "seconds_since_last")),
        one("who", "bought", "seconds_since_first", None), one("item", "judged", "seconds_since_first", None),
        *(one("who", "bought", "count", where=where) for where in (CASH, NOT_CASH, LARGE, SMALL, GOOD, BAD, THIS_ITEM)),
        *(one("who", "bought", "sum", where=where, delay=HOUR) for where in (CASH, THIS_ITEM)),
        one("who", "bought", "last", where=LARGE), one("who", "bought", "seconds_since_last", where=THIS_ITEM),
        one("who", "bought", "distinct", field="item"), one("who", "bought", "distinct", field="item", where=CASH),
        one("who", "bought", "distinct", field="item", where=SMALL, delay=HOUR),
        one("who", "judged", "distinct", 2 * DAY, field="item"),
        one("who", "judged", "distinct", HOUR, field="item", where=BAD, delay=2 * HOUR),
        one("place", "bought", "count", 2 * DAY, whole_days=True),
    ),
    (RISK[2], own_ratio("who_pace", SHORT, LONG), Quotient(name="to_mean", over="amount_poisha", under="who_bought_mean_24h")),
)  # fmt: skip

# Few keys and a coarse grid of time: ties on the instant, on the window's edge, and on a day's edge are the rule.
KEYS = {"who": ["a", "b"], "item": ["x", "y", "z"], "place": ["p"], "method": ["cod", "card"]}
keys_of_someone = st.fixed_dictionaries({}, optional={name: st.sampled_from(found) for name, found in KEYS.items()})
instants = st.builds(
    lambda steps, nudge: START_US + steps * 1_800_000_000 + nudge, st.integers(0, 200), st.sampled_from([0, 0, 1, -1])
)
events_of_a_life = st.lists(
    st.builds(
        FeatureEvent,
        kind=st.sampled_from(["bought", "judged"]),
        at_us=instants,
        amount=st.one_of(st.integers(0, 6), st.integers(10**12, 10**13)),
        is_flagged=st.booleans(),
        keys=keys_of_someone,
    ),
    max_size=60,
)
decisions_of_a_life = st.lists(
    st.tuples(instants, keys_of_someone, st.integers(0, 10**10)), min_size=1, max_size=12
).map(lambda found: [Decision(number, *rest) for number, rest in enumerate(found)])


@given(decisions=decisions_of_a_life, events=events_of_a_life)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_three_engines_agree_on_every_value(decisions, events):
    truth = by_polars(EVERYTHING, decisions, events)

    assert mismatches(EVERYTHING, truth, by_duckdb(EVERYTHING, decisions, events)) == []
    assert mismatches(EVERYTHING, truth, by_fold(EVERYTHING, decisions, events)) == []


def life(seed: int, *, orders: int) -> tuple[list[Decision], list[FeatureEvent]]:
    """Orders as decisions and events, each with a label that is late."""
    rng = random.Random(seed)
    decisions, events = [], []
    for number in range(orders):
        chosen = {"buyer": 20, "device": 15, "phone": 18, "payer": 12, "voucher": 3, "district": 2}
        keys = {name: f"{name}-{rng.randrange(size)}" for name, size in chosen.items() if rng.random() > 0.15}
        now = START_US + rng.randrange(40 * 48) * 1_800_000_000
        amount = rng.randrange(10**9)
        decisions.append(Decision(number, now, keys, amount))
        events.append(FeatureEvent(kind="placed", at_us=now, amount=amount, keys=keys))
        kind, delay = rng.choice(["refused", "unpaid", "labelled"]), rng.randrange(1, 48 * 15) * 1_800_000_000
        events.append(
            FeatureEvent(kind=kind, at_us=now + delay, amount=amount, is_flagged=rng.random() < 0.3, keys=keys)
        )
    return decisions, events


def test_of_a_crowd_the_newest_count_in_both_engines():
    """A voucher in a flash sale: more events in its window than the online state holds."""
    rng = random.Random(9)
    events = [
        FeatureEvent(
            kind="bought", at_us=START_US + number * 7_000_000, amount=rng.randrange(10**9), is_flagged=rng.random() < 0.5,
            keys={"who": "a", "item": f"item-{rng.randrange(900)}", "method": rng.choice(["cod", "card"])},
        )
        for number in range(MOST_EVENTS + 1500)
    ]  # fmt: skip
    decisions = [
        Decision(number, START_US + steps * 7_000_000 + 1, {"who": "a", "item": "item-5"})
        for number, steps in enumerate((10, MOST_EVENTS - 1, MOST_EVENTS, MOST_EVENTS + 1, MOST_EVENTS + 1499))
    ]

    left, right = by_duckdb(EVERYTHING, decisions, events), by_fold(EVERYTHING, decisions, events)

    assert mismatches(EVERYTHING, left, right) == []
    assert left[4][LONG.name] == MOST_EVENTS
    assert (
        mismatches(EVERYTHING, by_polars(EVERYTHING, decisions[:2], events), {one: left[one] for one in (0, 1)}) == []
    )


@pytest.mark.parametrize("engine", [by_duckdb, by_polars, by_fold])
class TestLeaks:
    """Whatever happens from a decision on, its features stay: nothing that was known later is in them."""

    def perturbed(self, events: list[FeatureEvent], cut_us: int, seed: int) -> list[FeatureEvent]:
        """The past as it was; the future invented anew, on the same keys."""
        rng = random.Random(seed)
        past = [event for event in events if event.at_us < cut_us]
        keys = [event.keys for event in events]
        future = [
            FeatureEvent(
                kind=rng.choice(["placed", "refused", "unpaid", "labelled"]), at_us=cut_us + rng.randrange(1, 10**12),
                amount=rng.randrange(10**9), is_flagged=rng.random() < 0.5, keys=rng.choice(keys),
            )
            for _ in range(2 * len(events))
        ]  # fmt: skip
        return past + future

    def test_the_future_changes_no_feature(self, engine):
        decisions, events = life(5, orders=300)
        for seed, decision in enumerate(random.Random(6).sample(decisions, 8)):
            until = [event for event in events if event.at_us <= decision.at_us]
            # At the decision's very instant only what is known at once counts: keep those, change all that is later.
            same = [event for event in until if event.at_us == decision.at_us]
            other = self.perturbed(events, decision.at_us, seed) + same
            left, right = engine(CHECKOUT, [decision], events), engine(CHECKOUT, [decision], other)
            assert mismatches(CHECKOUT, left, right) == []

    def test_a_twin_cut_on_when_it_happened_is_caught(self, engine):
        """The control: labels counted from the order they speak of, not from when they were known."""
        decisions, events = life(5, orders=300)
        orders = [event for event in events if event.kind == "placed"]
        late = [event for event in events if event.kind != "placed"]
        leaking = [replace(event, at_us=order.at_us) for event, order in zip(late, orders, strict=True)]

        wrong = mismatches(CHECKOUT, engine(CHECKOUT, decisions, events), engine(CHECKOUT, decisions, orders + leaking))

        assert {"buyer_labelled_flagged_60d", "phone_refused_count_60d"} <= {name for _, name, *_ in wrong}


class TestDeclarations:
    """What has no meaning, or no bounded state, is refused where it is written."""

    @pytest.mark.parametrize(
        "declare",
        [
            lambda: one("who", "bought", "count", None),
            lambda: one("who", "bought", "count", timedelta(0)),
            lambda: one("who", "bought", "distinct"),
            lambda: one("who", "bought", "sum", field="item"),
            lambda: one("who", "bought", "seconds_since_first", DAY),
            lambda: one("who", "bought", "count", HOUR, whole_days=True),
            lambda: one("who", "bought", "sum", whole_days=True),
            lambda: one("who", "bought", "count", delay=-DAY),
            lambda: one("who", "bought", "distinct", field="item", where=THIS_ITEM),
            lambda: Where(name="x", field="method", compare="at_least", value=3),
            lambda: Where(name="x", field="amount", compare="is", value=3),
            lambda: Where(name="x", field="is_flagged", compare="is", value="yes"),
            lambda: FeatureSet(EVERYTHING.events, (SHORT, SHORT), ()),
            lambda: FeatureSet(EVERYTHING.events, (one("place", "judged", "count"),), ()),
            lambda: FeatureSet(EVERYTHING.events, (one("who", "judged", "distinct", field="method"),), ()),
            lambda: FeatureSet(EVERYTHING.events, (SHORT, one("who", "bought", "count", 2 * DAY, whole_days=True)), ()),
            lambda: own_ratio("x", SHORT, one("who", "bought", "sum")),
        ],
    )
    def test_nonsense_is_refused(self, declare):
        with pytest.raises(BadDeclaration):
            declare()

    def test_names_say_what_a_feature_is(self):
        assert one("who", "bought", "sum", where=CASH, delay=HOUR).name == "who_bought_cash_sum_24h_after_1h"
        assert RISK[2].name == "who_judged_flagged_2d_after_7h_ratio"
