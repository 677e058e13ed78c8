"""The window of a build: smallest span of dates that holds everything that must be rebuilt."""

from datetime import date

from pipelines.window import Window

MONDAY, TUESDAY, FRIDAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 7)


class TestWindow:
    def test_holds_both_ends(self):
        assert Window(MONDAY, TUESDAY).dates() == [MONDAY, TUESDAY]

    def test_of_one_day_has_one_date(self):
        assert Window(FRIDAY, FRIDAY).dates() == [FRIDAY]

    def test_widened_reaches_from_the_first_to_the_last_date_of_both(self):
        assert Window(MONDAY, FRIDAY) == Window(TUESDAY, FRIDAY).widened(Window(MONDAY, MONDAY))

    def test_widened_stays_full(self):
        assert Window(MONDAY, FRIDAY, is_full=True).widened(Window(TUESDAY, TUESDAY)).is_full
