"""Periods and the ones before them."""

from datetime import date

import pandas as pd

from dashboards.periods import Period

MARCH = Period(date(2025, 3, 1), date(2025, 3, 31))


def test_the_prior_period_is_as_long_and_ends_the_day_before():
    assert Period(date(2025, 1, 29), date(2025, 2, 28)) == MARCH.prior
    assert MARCH.days == MARCH.prior.days == 31


def test_last_days_include_the_last_one():
    assert Period.last_days(7, date(2025, 3, 31)) == Period(date(2025, 3, 25), date(2025, 3, 31))


def test_rows_fall_into_one_of_the_two():
    rows = pd.DataFrame({"sold_on": [date(2025, 2, 28), date(2025, 3, 1), date(2025, 3, 31)], "units": [1, 2, 3]})

    now, prior = MARCH.split(rows, "sold_on")

    assert list(now["units"]) == [2, 3]
    assert list(prior["units"]) == [1]


def test_no_rows_split_into_none():
    now, prior = MARCH.split(pd.DataFrame(), "sold_on")

    assert now.empty
    assert prior.empty


class TestWholeDays:
    ROWS = pd.DataFrame({"sold_on": [date(2025, 3, 30), date(2025, 3, 31)], "units": [2, 1]})
    BEFORE = pd.DataFrame({"sold_on": [date(2025, 2, 27), date(2025, 2, 28)], "units": [2, 3]})

    def test_a_day_that_is_not_over_counts_on_neither_side(self):
        now, before = MARCH.whole_days(self.ROWS, self.BEFORE, "sold_on", today=date(2025, 3, 31))

        assert list(now["units"]) == [2]
        assert list(before["units"]) == [2]

    def test_days_that_are_over_all_count(self):
        now, before = MARCH.whole_days(self.ROWS, self.BEFORE, "sold_on", today=date(2025, 4, 1))

        assert len(now) == len(before) == 2

    def test_a_single_day_is_compared_as_it_stands(self):
        today = date(2025, 3, 31)

        now, _ = Period(today, today).whole_days(self.ROWS, self.BEFORE, "sold_on", today=today)

        assert len(now) == 2
