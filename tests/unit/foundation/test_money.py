"""Money: shares round half up, parts sum to the whole, provider amounts go there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.money import apportion, from_taka, share, to_taka

amounts = st.integers(min_value=-(10**15), max_value=10**15)


@given(amounts, st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=30))
def test_parts_sum_to_the_whole_and_keep_proportion(amount, weights):
    parts = apportion(amount, weights)

    assert sum(parts) == amount
    total = sum(weights)
    if total:
        assert all(abs(part * total - amount * weight) <= total for part, weight in zip(parts, weights, strict=True))


def test_truncating_twin_loses_poisha():
    """Negative control: the obvious rounding does not sum to the whole."""
    naive = [100 * weight // 3 for weight in (1, 1, 1)]
    assert sum(naive) != 100
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]


@given(st.integers(min_value=0, max_value=10**14), st.integers(min_value=0, max_value=10_000))
def test_share_is_within_half_a_poisha(amount, rate_bp):
    assert abs(share(amount, rate_bp) * 10_000 - amount * rate_bp) <= 5_000


def test_share_rounds_half_up():
    assert share(50, 100) == 1
    assert share(49, 100) == 0
    assert share(-50, 100) == -1


@given(amounts)
def test_taka_text_goes_there_and_back(amount):
    assert from_taka(to_taka(amount)) == amount


@pytest.mark.parametrize("text", ["abc", "", "1.005", "NaN", "1,000"])
def test_bad_amounts_are_refused(text):
    with pytest.raises(ValueError):
        from_taka(text)


@pytest.mark.parametrize("weights", [[], [-1, 2]])
def test_bad_weights_are_refused(weights):
    with pytest.raises(ValueError):
        apportion(10, weights)
