"""Means are rounded half up; states follow their arrows."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.reviews.rules import STATES, IllegalReviewState, check_state, counted, mean_centi


@given(st.lists(st.integers(1, 5), min_size=1, max_size=50))
def test_the_mean_is_rounded_half_up(stars):
    exact = Fraction(sum(stars) * 100, len(stars))
    found = mean_centi(sum(stars), len(stars))
    assert found is not None
    assert Fraction(-1, 2) < found - exact <= Fraction(1, 2)


def test_no_ratings_have_no_mean():
    assert mean_centi(0, 0) is None


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_only_arrows_are_allowed(before, after):
    if after in STATES[before]:
        check_state(before, after)
    else:
        with pytest.raises(IllegalReviewState):
            check_state(before, after)


def test_only_published_reviews_count():
    assert [counted(state, 4) for state in STATES] == [(1, 4), (0, 0), (0, 0)]
