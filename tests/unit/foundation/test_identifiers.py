"""Numbers of Bangladesh: forms that can be, forms that cannot; areas of addresses; codes of authenticator apps."""

import base64
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.bangladesh.identifiers import digits_of, parse_bin, parse_nid, parse_routing, parse_tin
from foundation.bangladesh.places import areas, districts, find_area
from foundation.security import one_time

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234567890", "1234567890"), ("১২৩৪৫৬৭৮৯০", "1234567890"), ("123 456 7890", "1234567890"),
        ("0234567890", None), ("1111111111", None), ("123456789", None), ("12345678901", None),
        ("2612345678901", "2612345678901"), ("2672345678901", None), ("0012345678901", None),
        ("19902612345678901", "19902612345678901"), ("20202612345678901", None), ("18992612345678901", None),
        ("1990 26 1 23 45 678901", "19902612345678901"), ("1990-2612345678901x", None), ("", None), ("²³⁴⁵⁶⁷⁸⁹⁰¹", None),
    ],
)  # fmt: skip
def test_national_identity_numbers(text, number):
    assert parse_nid(text, today=TODAY) == number


def test_tax_numbers():
    assert parse_bin("123456789-0101") == "1234567890101"
    assert parse_bin("000000000-0101") is None
    assert parse_tin("123456789012") == "123456789012"
    assert parse_tin("1234567890123") is None


def test_a_routing_number_names_its_bank_and_district():
    routing = parse_routing("225-150-135")
    assert (routing.bank_name, routing.district_code, routing.has_check_digit) == ("CITY BANK PLC", "BD-10", True)
    # Numbers from banks' own pages, other banks and districts.
    assert all(parse_routing(number).has_check_digit for number in ("255151962", "255262985", "085260728", "090930827"))
    assert parse_routing("025260001") is None, "the central bank takes no customers' payments"
    assert parse_routing("999150135") is None
    assert parse_routing("225990135") is None


@given(st.integers(0, 8), st.integers(1, 9))
def test_the_check_digit_sees_every_single_wrong_digit_that_weights_can_see(place, step):
    right = "225150135"
    wrong = right[:place] + str((int(right[place]) + step) % 10) + right[place + 1 :]
    routing = parse_routing(wrong)
    # A weight of 5 cannot tell digits that differ by an even number: that is how these numbers are made.
    blind = place in {0, 3, 6} and step % 2 == 0
    assert routing is None or routing.has_check_digit == blind


@given(st.text(max_size=30))
def test_any_text_is_answered(text):
    for parse in (parse_bin, parse_tin, parse_routing, digits_of, lambda value: parse_nid(value, today=TODAY)):
        parse(text)


def test_areas_have_one_code_each_in_districts_that_exist():
    codes = [area.code for area in areas()]
    assert len(codes) == len(set(codes)) >= 494
    assert {area.district_code for area in areas()} == {district.code for district in districts()}
    assert find_area("BD-13-dhanmondi").name_bn
    assert find_area("BD-13-nowhere") is None


def test_codes_of_the_standard():
    """RFC 6238, appendix B, SHA-1 (last six of the eight digits)."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    vectors = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    for seconds, code in vectors.items():
        instant = datetime.fromtimestamp(seconds, UTC)
        assert one_time.code_at(secret, instant) == code
        assert one_time.matching_step(secret, code, instant) == seconds // 30
    late = datetime.fromtimestamp(59 + 90, UTC)
    assert one_time.matching_step(secret, "287082", late) is None
    assert one_time.matching_step(secret, "২৮৭০৮২", late) is None
    assert one_time.address(secret, "someone", "GetIt").startswith("otpauth://totp/GetIt:someone?")
