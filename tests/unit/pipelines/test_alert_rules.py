"""Alerts as decisions: one open alert a cause, counted, over only when its cause stayed away."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipelines.alerts.rules import TRIES, Doubts, Look, Sighting, decide, pause_s

START = datetime(2026, 5, 1, tzinfo=UTC)
SETTLE = timedelta(seconds=30)
BROKEN = Sighting("failed:ingest", "failed", "Mend the step ingest", "no such column")


def replay(looks, *, every_s=5, settle=SETTLE):
    """News of each look, and the alerts that are open at the end."""
    known, told = {}, []
    for number, seen in enumerate(looks):
        for change in decide(known, seen, START + timedelta(seconds=every_s * number), settle=settle):
            known[change.alert.cause] = change.alert
            if change.alert.resolved_at is not None:
                del known[change.alert.cause]
            if change.news is not None:
                told.append((change.news, change.alert))
    return told, known


def test_a_cause_is_told_once_and_counted():
    looks = [Look([Sighting("failed:ingest", "failed", "t", "d", count)]) for count in range(1, 200)]

    told, known = replay(looks)

    assert [news for news, _ in told] == ["opened"]
    assert known["failed:ingest"].count == 199


def test_recovery_is_told_once_and_later():
    told, known = replay([Look([BROKEN]), *[Look([])] * 100])

    assert [news for news, _ in told] == ["opened", "recovered"]
    assert told[1][1].resolved_at - START == timedelta(seconds=5) + SETTLE
    assert known == {}


def test_a_cause_that_comes_and_goes_is_one_alert():
    told, known = replay([Look([BROKEN]) if number % 3 else Look([]) for number in range(300)])

    assert [news for news, _ in told] == ["opened"]
    assert known["failed:ingest"].count == 100


def test_without_settling_it_would_be_many():
    told, _ = replay([Look([BROKEN]) if number % 3 else Look([]) for number in range(300)], settle=timedelta(0))

    assert len(told) > 150


def test_nothing_is_over_while_its_kind_cannot_be_seen():
    told, known = replay([Look([BROKEN]), *[Look([], frozenset({"failed"}))] * 100])

    assert [news for news, _ in told] == ["opened"]
    assert known["failed:ingest"].resolved_at is None


def test_an_unsure_cause_is_believed_on_the_second_look_in_a_row():
    doubts, unsure = Doubts(), Look([Sighting("dead:daemon", "dead", "t", "d", is_sure=False)])

    seen = [bool(doubts.confirmed(one).sightings) for one in (unsure, Look([]), unsure, unsure, unsure)]

    assert seen == [False, False, False, True, True]


@given(st.lists(st.sets(st.sampled_from(["a", "b", "c"])), max_size=60))
def test_news_of_a_cause_alternate(looks):
    told, known = replay([Look([Sighting(cause, "check", "t", "d") for cause in sorted(look)]) for look in looks])

    for cause in "abc":
        news = [one for one, alert in told if alert.cause == cause]
        assert news == (["opened", "recovered"] * len(news))[: len(news)]
        assert (len(news) % 2 == 1) == (cause in known)


def test_a_sink_is_tried_again_with_growing_pauses_and_given_up():
    pauses = [pause_s(tries) for tries in range(1, TRIES + 1)]

    assert pauses[:3] == [5.0, 30.0, 120.0]
    assert pauses[-1] is None
    assert None not in pauses[:-1]
