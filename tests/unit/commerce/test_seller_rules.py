"""Rules of sellers and people: states, findings and decisions, numbers, brakes; every reason in every language."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.identity.rules import ACCOUNT_FAILURES, FIRST_PAUSE, LONGEST_PAUSE, pause_after, platform_of
from commerce.sellers.checks import Shown, check
from commerce.sellers.documents import media_type_of
from commerce.sellers.rules import (
    MET,
    REASONS,
    REQUIREMENTS,
    SUBMITTED,
    TRANSITIONS,
    IllegalStep,
    check_step,
    decide,
    missing,
    risk_score,
)
from commerce.sellers.scorecard import ratio_bp
from commerce.sellers.tables import STATUSES, TIERS
from foundation.i18n import catalogue

TODAY = date(2026, 6, 1)


def test_states_are_those_of_the_table_and_closed_is_the_end():
    assert set(TRANSITIONS) == set(STATUSES)
    assert {state for targets in TRANSITIONS.values() for state in targets} <= set(STATUSES)
    assert TRANSITIONS["closed"] == frozenset()
    assert TIERS == ("new", "standard", "trusted")


@given(st.lists(st.sampled_from(STATUSES), max_size=30))
def test_whatever_is_tried_a_shop_sells_only_after_review_or_suspension(wishes):
    state = "onboarding"
    for wish in wishes:
        try:
            check_step(state, wish)
        except IllegalStep:
            continue
        assert wish != "approved" or state in {"in_review", "suspended"}
        assert state != "closed"
        state = wish


@given(st.lists(st.sampled_from(sorted(REASONS)), max_size=6))
def test_more_findings_never_make_a_milder_decision(reasons):
    order = ["approve", "review", "reject"]
    for size in range(len(reasons)):
        assert order.index(decide(reasons[:size])) <= order.index(decide(reasons[: size + 1]))
    assert 0 <= risk_score(reasons) <= 100
    assert decide([]) == "approve"


def test_doubts_alone_never_refuse():
    assert decide(["name_unclear", "number_elsewhere", "document_elsewhere", "document_missing"]) == "review"
    assert decide(["wallet_of_other_phone"]) == "approve"


def test_completion_is_computed():
    required = [name for name, requirement in REQUIREMENTS.items() if requirement.is_required]
    assert missing({}, allowed=MET) == required
    pending = dict.fromkeys(required, "pending")
    assert missing(pending, allowed=SUBMITTED) == []
    assert missing(pending, allowed=MET) == required
    assert missing(dict.fromkeys(required, "rejected"), allowed=SUBMITTED) == required


@pytest.mark.parametrize("locale", ["bn", "hi"])
def test_every_reason_is_translated(locale):
    assert [code for code, (_, text) in REASONS.items() if text not in catalogue(locale)] == []


def shown(method, number, **more):
    return check(
        Shown(method, number, more.pop("name", "Abdul Karim"), **more),
        legal_name="Md. Abdul Karim",
        today=TODAY,
        needs_document=False,
    )


def test_one_person_is_one_identity_in_both_long_forms():
    assert shown("nid", "19902612345678901").identity == shown("nid", "2612345678901").identity


def test_one_account_is_one_identity_at_whatever_branch():
    one, two = (shown("bank", "1234-5678-90123", routing_number=routing) for routing in ("225150135", "225260131"))
    assert one.identity == two.identity
    assert one.number != two.number


def test_firms_may_bear_another_name_but_a_person_looks():
    assert shown("bin", "123456789-0101", name="Karim Traders").reasons == ("name_unclear",)
    assert shown("nid", "2612345678901", name="Rahima Begum").reasons == ("name_mismatch",)


def test_a_document_is_what_its_first_bytes_say():
    assert media_type_of(b"\xff\xd8\xff\xe0") == "image/jpeg"
    assert media_type_of(b"\x89PNG\r\n\x1a\n...") == "image/png"
    assert media_type_of(b"%PDF-1.7") == "application/pdf"
    assert media_type_of(b"<svg onload=...>") is None


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_ratios_are_whole_and_within_bounds(part, whole):
    ratio = ratio_bp(min(part, whole), whole)
    assert ratio is None if whole == 0 else 0 <= ratio <= 10_000


@given(st.integers(0, 2_000))
def test_pauses_grow_up_to_the_longest(failures):
    pause = pause_after(failures, ACCOUNT_FAILURES)
    assert timedelta() <= pause <= LONGEST_PAUSE
    assert pause <= pause_after(failures + 1, ACCOUNT_FAILURES)
    assert (pause >= FIRST_PAUSE) == (failures >= ACCOUNT_FAILURES)


def test_of_a_program_only_its_system_is_kept():
    assert platform_of("Mozilla/5.0 (Linux; Android 14; SM-A155F)") == "android"
    assert platform_of("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)") == "ios"
    assert platform_of(None) == "other"
