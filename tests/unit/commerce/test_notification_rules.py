"""Notifications: quiet hours, digests, states and back-off are pure decisions; every text exists in three languages."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.notifications.reactions import REACTIONS, send_what_waits
from commerce.notifications.rules import (
    DIGEST_AT,
    LARGEST_PAUSE_S,
    STATES,
    Wishes,
    is_quiet,
    may_move,
    next_digest,
    pause_s,
    send_at,
)
from commerce.notifications.templates import TEMPLATES, render
from foundation.clock import DHAKA
from foundation.i18n import catalogue

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
minutes = st.integers(0, 1439)
PARAMS = {
    "number": "G1",
    "total_poisha": 123_450,
    "amount_poisha": 99,
    "worth_poisha": 100,
    "count": 3,
    "lines": "a\nb",
    "shop": "Dokan",
    "code": "123456",
    "token": "abc",
}


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, 4, hour, minute, tzinfo=DHAKA).astimezone(UTC)


def test_the_night_waits_for_eight_o_clock():
    assert send_at(at(23, 30), Wishes(), is_urgent=False) == at(8) + timedelta(days=1)
    assert send_at(at(3), Wishes(), is_urgent=False) == at(8)
    assert send_at(at(12), Wishes(), is_urgent=False) == at(12)


def test_a_failed_payment_waits_for_nothing():
    assert send_at(at(3), Wishes(), is_urgent=True) == at(3)
    assert TEMPLATES["payment.declined"].is_urgent


def test_equal_times_mean_no_quiet_hours():
    assert not any(is_quiet(at(hour), Wishes({}, 480, 480)) for hour in range(24))


@given(moments, minutes, minutes)
def test_nothing_goes_out_in_quiet_hours_and_nothing_waits_longer_than_a_day(now, start, end):
    wishes = Wishes({}, start, end)
    due = send_at(now, wishes, is_urgent=False)
    assert not is_quiet(due, wishes)
    assert timedelta(0) <= due - now <= timedelta(days=1)


def naive_is_quiet(now: datetime, wishes: Wishes) -> bool:
    """The broken twin: the hours compared without thinking of midnight."""
    minute = now.astimezone(DHAKA).hour * 60
    return wishes.quiet_from_minute <= minute < wishes.quiet_until_minute


def test_a_twin_that_forgets_midnight_would_be_found():
    assert is_quiet(at(23), Wishes())
    assert not naive_is_quiet(at(23), Wishes())


@given(moments)
def test_a_digest_comes_at_the_next_nine_in_dhaka(now):
    due = next_digest(now)
    assert due.astimezone(DHAKA).time() == DIGEST_AT
    assert timedelta(0) < due - now <= timedelta(days=1)


@given(st.integers(1, 40), st.floats(0, 0.999))
def test_pauses_grow_and_are_bounded(tries, draw):
    assert 0 < pause_s(tries, draw) <= LARGEST_PAUSE_S
    assert pause_s(tries + 1, draw) >= pause_s(tries, draw)


def test_silence_is_never_a_failure_and_the_end_is_the_end():
    assert may_move("submitted", "unknown")
    assert not may_move("queued", "sent"), "a message is committed as submitted before a provider is asked"
    assert not any(may_move(state, to) for state in ("sent", "failed") for to in STATES)


def test_people_choose_channels_beside_the_defaults():
    wishes = Wishes({("order", "sms"): False, ("promotion", "push"): True})
    assert not wishes.wants("order", "sms")
    assert wishes.wants("order", "email")
    assert wishes.wants("promotion", "push")
    assert not Wishes().wants("promotion", "sms")


@pytest.mark.parametrize("locale", ["bn", "hi"])
def test_every_text_is_translated(locale):
    texts = catalogue(locale)
    wanted = {text for template in TEMPLATES.values() for text in (template.title, template.body)}
    assert sorted(wanted - texts.keys()) == []


@pytest.mark.parametrize("locale", ["en", "bn", "hi"])
@pytest.mark.parametrize("code", sorted(TEMPLATES))
def test_every_text_can_be_filled(code, locale):
    text = render(code, PARAMS, locale)
    assert not re.search(r"[{}]", text.title + text.body)


def test_money_is_shown_in_the_digits_of_the_language():
    assert "৳১,২৩৫" in render("order.placed", PARAMS, "bn").body
    assert "৳1,235" in render("order.placed", PARAMS, "en").body


def test_every_reaction_has_its_template():
    handed_over = {event for event, reaction in REACTIONS.items() if reaction is send_what_waits}
    assert REACTIONS.keys() - handed_over <= TEMPLATES.keys()
    assert {"identity.one_time_code", "sellers.invite"} <= TEMPLATES.keys()
