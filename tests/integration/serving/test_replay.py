"""Online = offline: events through the outbox, the feeder and Valkey give every decision the values of the SQL.

`GETIT_REPLAY_EVENTS` says how many (20,000 by itself; the bench takes 200,000).
"""

import os
from dataclasses import replace

import pytest
from feature_replay import NAMES, by_sql, compare, history, replay

from models.features.online import DAY_US

EVENTS = int(os.environ.get("GETIT_REPLAY_EVENTS", "20000"))


@pytest.fixture
def place(settings, valkey):
    """A store of its own: another database of the same Valkey."""
    return settings.model_copy(update={"valkey_url": f"{valkey.rsplit('/', 1)[0]}/11"})


def test_every_feature_of_every_decision_is_the_same_online_and_offline(place, run):
    found = run(replay(place, history(EVENTS)))

    assert found.events == EVENTS
    assert found.decisions == EVENTS // 2
    assert found.values == found.decisions * len(NAMES)
    assert found.mismatches == []
    # Not by the fallback: Valkey was asked for every one of them.
    assert found.from_valkey == found.decisions


def test_the_comparison_sees_a_leak():
    """The control: SQL that knows each label as soon as its order is placed differs from what was known."""
    events = history(4_000)
    numbers = [number for number, event in enumerate(events) if event.kind == "placed"]
    honest = by_sql(events, numbers)
    rows = {number: [honest[name][i] for name in NAMES] for i, number in enumerate(numbers)}
    early = [replace(one, at_us=one.at_us - 15 * DAY_US) if one.kind == "labelled" else one for one in events]

    assert compare(rows, honest) == []
    assert {"buyer_labelled_count_60d", "device_fraud_ratio"} <= {
        name for _, name, *_ in compare(rows, by_sql(early, numbers))
    }
