"""Rules of other currencies: one rounding, by the currency's decimals; what a file of rates must be."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.currencies.rules import (
    CURRENCIES,
    EXPONENTS,
    MICRO,
    Rate,
    about,
    convert,
    parse_line,
    parse_rate,
    written,
)
from commerce.currencies.schemas import Priced, shown_in
from commerce.currencies.use_cases import NotRates, read_rates

AMOUNT, RATE, EXPONENT = st.integers(-(10**14), 10**14), st.integers(1, 10**12), st.integers(0, 3)
DOLLAR = Rate("USD", date(2026, 5, 1), 121_500_000, "Bangladesh Bank")


@given(AMOUNT, RATE, EXPONENT)
def test_the_error_is_at_most_half_of_the_smallest_unit(amount, rate, exponent):
    exact = Fraction(amount, 100) * MICRO / rate * 10**exponent
    units = convert(amount, rate, exponent)
    assert abs(units - exact) <= Fraction(1, 2)
    assert convert(-amount, rate, exponent) == -units


@given(AMOUNT, st.integers(0, 10**6), RATE, EXPONENT)
def test_more_taka_are_never_less_elsewhere(amount, more, rate, exponent):
    assert convert(amount, rate, exponent) <= convert(amount + more, rate, exponent)


@pytest.mark.parametrize(
    ("units", "exponent", "text"),
    [(1250, 2, "12.50"), (-5, 2, "-0.05"), (7, 0, "7"), (1234, 3, "1.234"), (0, 2, "0.00")],
)
def test_units_are_written_with_their_decimals(units, exponent, text):
    assert written(units, exponent) == text


def test_half_is_rounded_away_from_zero():
    assert convert(50, MICRO, 0) == 1
    assert convert(-50, MICRO, 0) == -1
    assert convert(49, MICRO, 0) == 0
    assert about(121_500, DOLLAR) == "10.00"


def test_every_currency_has_its_decimals():
    assert set(EXPONENTS) == set(CURRENCIES)


@pytest.mark.parametrize(
    "text", ["", "x", "0", "-1", "nan", "inf", "1.0000001", "1e20", "1e999999999", "1e-999999999", "১২১"]
)
def test_what_is_no_rate(text):
    assert parse_rate(text) in ({None} if text != "১২১" else {121_000_000})


def test_a_line_is_read_or_refused_as_a_whole():
    line = {"currency": "usd ", "effective_on": "2026-05-01", "taka_per_unit": "121.50", "source": "Bangladesh Bank"}
    assert parse_line(line) == DOLLAR
    for change in ({"currency": "BDT"}, {"effective_on": "1/5/2026"}, {"source": ""}, {"source": None}):
        assert parse_line({**line, **change}) is None


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 2),
        (b"\xff\xfe", 1),
        (b"currency,effective_on,taka_per_unit,source\n" + b"x" * 200_000, 1),
        (b"currency,effective_on,taka_per_unit,source\n", 2),
        (b"currency,effective_on,taka_per_unit,source\nUSD,2026-05-01,121.5,BB\nUSD,2026-05-01,121.6,BB\n", 3),
    ],
)
def test_a_bad_file_names_its_line(content, line):
    with pytest.raises(NotRates) as raised:
        read_rates(content)
    assert raised.value.params == {"line": line}


class Inner(Priced):
    price_poisha: int
    list_price_poisha: int | None
    name: str = "rice"


class Outer(Priced):
    total_poisha: int
    lines: list[Inner]


def test_all_that_is_priced_is_shown_and_taka_stay_as_they_are():
    answer = Outer(total_poisha=121_500, lines=[Inner(price_poisha=12_150, list_price_poisha=None)])
    plain = answer.model_copy(deep=True)
    assert shown_in(plain, None).approximate is None
    shown = shown_in(answer, DOLLAR)
    assert (shown.total_poisha, shown.lines[0].price_poisha) == (121_500, 12_150)
    assert shown.approximate is not None
    assert (shown.approximate.amounts, shown.approximate.is_approximate) == ({"total": "10.00"}, True)
    assert shown.lines[0].approximate is not None
    assert shown.lines[0].approximate.amounts == {"price": "1.00"}
