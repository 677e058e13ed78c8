"""Webhooks: the published signature, what sellers may know, when a delivery is tried again."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.webhooks.reactions import REACTIONS
from commerce.webhooks.rules import EVENT_TYPES, PAUSES_S, is_success, pause_s, payloads_of, sign, signed_headers
from commerce.webhooks.schemas import EndpointRequest

# The example that the reference libraries of Standard Webhooks test themselves with.
SECRET, MESSAGE, AT = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
BODY, SIGNATURE = b'{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
PLACED = {
    "group_id": "g", "number": "G1", "buyer_id": "b", "payment_method": "cod", "district_code": "BD-13",
    "device_index": "d", "phone_index": "p", "payer_index": "w", "placed_at": "2026-01-01T00:00:00+00:00", "total_poisha": 30,
    "orders": [{"order_id": "1", "seller_id": "s1", "total_poisha": 10}, {"order_id": "2", "seller_id": "s2", "total_poisha": 20}],
}  # fmt: skip
MOVED = {
    "order_id": "1", "group_id": "g", "buyer_id": "b", "seller_id": "s1", "payment_method": "cod", "district_code": "BD-13",
    "device_index": "d", "phone_index": "p", "total_poisha": 10, "occurred_at": "t", "reason": "call 01712345678",
}  # fmt: skip
PERSONAL = {"buyer_id", "district_code", "device_index", "phone_index", "payer_index", "reason"}


def test_the_published_example_is_signed_as_published():
    assert sign(SECRET, MESSAGE, AT, BODY) == SIGNATURE
    assert sign(SECRET.removeprefix("whsec_"), MESSAGE, AT, BODY) == SIGNATURE


def test_a_twin_that_signs_with_the_text_of_the_secret_would_be_found():
    twin = "whsec_" + base64.b64encode(SECRET.encode()).decode()
    assert sign(twin, MESSAGE, AT, BODY) != SIGNATURE


@pytest.mark.parametrize(
    ("message", "at", "body"), [("msg_x", AT, BODY), (MESSAGE, AT + 1, BODY), (MESSAGE, AT, b"{}")]
)
def test_id_time_and_body_are_signed(message, at, body):
    assert sign(SECRET, message, at, body) != SIGNATURE


def test_two_secrets_sign_while_one_replaces_the_other():
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    headers = signed_headers([other, SECRET], MESSAGE, AT, BODY)
    assert headers["webhook-signature"].split(" ")[1] == SIGNATURE
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == (MESSAGE, str(AT))


def test_each_seller_hears_of_its_own_order_alone():
    found = payloads_of("order.placed", PLACED)
    assert {seller: data["order_id"] for seller, data in found.items()} == {"s1": "1", "s2": "2"}
    assert found["s1"]["total_poisha"] == 10, "not the total of the whole group"


@pytest.mark.parametrize(("event_type", "payload"), [("order.placed", PLACED), ("order.cancelled", MOVED)])
def test_no_seller_learns_who_the_buyer_is(event_type, payload):
    for data in payloads_of(event_type, payload).values():
        assert not PERSONAL & data.keys()
        assert "01712345678" not in str(data)


def test_a_redirect_is_no_success():
    assert is_success(204)
    assert not any(is_success(status) for status in (None, 302, 400, 410, 500))


@given(st.integers(1, len(PAUSES_S)), st.floats(0, 0.999))
def test_pauses_keep_to_their_plan(tries, draw):
    pause = pause_s(tries, draw)
    assert pause is not None
    assert 0.9 * PAUSES_S[tries - 1] <= pause <= 1.1 * PAUSES_S[tries - 1]


def test_the_last_failure_is_the_last():
    assert pause_s(len(PAUSES_S) + 1, 0.5) is None


def test_what_can_be_asked_for_is_what_is_delivered():
    assert set(EVENT_TYPES) == set(REACTIONS)
    EndpointRequest(url="https://shop.example/hook", event_types=list(EVENT_TYPES))
