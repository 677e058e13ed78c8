"""Payments: what a provider's answer may and may not do to an attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from commerce.payments.bkash import ProviderPayment, ProviderRefused, ProviderSilent, _checked, _payment
from commerce.payments.rules import TRANSITIONS, mismatch, next_step

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def a_payment(**changes):
    base = {
        "payment_id": "TR1", "status": "Completed", "transaction_id": "ABC", "amount_poisha": 1000, "currency": "BDT",
        "invoice": "GI1", "payer": "01712345678", "is_verified": True,
    }  # fmt: skip
    return ProviderPayment(**{**base, **changes})


ATTEMPT = {"amount_poisha": 1000, "merchant_reference": "GI1"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, None),
        ({"amount_poisha": 999}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"invoice": "GI2"}, "invoice"),
    ],
)
def test_a_completed_payment_must_be_the_one_we_asked_for(changes, field):
    assert mismatch(ATTEMPT, a_payment(**changes)) == field


@pytest.mark.parametrize(
    ("status", "is_verified", "age_hours", "step"),
    [
        ("Completed", True, 1, "capture"), ("Completed", True, 48, "capture"), ("Initiated", True, 1, "execute"),
        ("Initiated", False, 1, "wait"), ("Initiated", True, 25, "decline"), ("Cancelled", False, 1, "decline"),
        ("Expired", False, 1, "decline"),
    ],
)  # fmt: skip
def test_next_step_after_a_query(status, is_verified, age_hours, step):
    payment = a_payment(status=status, is_verified=is_verified)
    assert next_step(payment, NOW - timedelta(hours=age_hours), NOW) == step


def test_the_end_states_are_final():
    assert TRANSITIONS["captured"] == TRANSITIONS["declined"] == frozenset()


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b""), (200, b"<html>"), (500, b'{"statusCode":"0000"}'), (200, b"[]"), (200, b'{"message":"Internal"}'),
        (200, b'{"statusCode":"503","statusMessage":"maintenance"}'), (200, b'{"statusCode":"9999"}'), (200, b"\xff\xfe"),
    ],
)  # fmt: skip
def test_unusable_answers_are_silence_never_a_refusal(status, content):
    with pytest.raises(ProviderSilent):
        _checked(status, content)


def test_the_three_shapes_of_refusal():
    for content in (
        b'{"statusCode":"2023","statusMessage":"Insufficient Balance"}', b'{"errorCode":"2062","errorMessage":"x"}',
        b'{"status":"fail","msg":"no"}',
    ):  # fmt: skip
        with pytest.raises(ProviderRefused):
            _checked(200, content)


def test_an_answer_without_status_or_with_odd_money_is_silence():
    for answer in ({"paymentID": "x"}, {"transactionStatus": "Completed", "amount": "ten"}):
        with pytest.raises(ProviderSilent):
            _payment(answer, "x")
