"""Identifiers are version 7, unique and in order of time; business dates are Dhaka's."""

from datetime import UTC, date, datetime

import pytest

from foundation.clock import business_date
from foundation.ids import instant_ms, uuid7


def test_uuid7_is_ordered_unique_and_of_version_7():
    made = [uuid7() for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {"specified in RFC 4122"}


def test_uuid7_tells_its_instant():
    before = int(datetime.now(UTC).timestamp() * 1000)
    assert before - 1 <= instant_ms(uuid7()) <= before + 5_000


def test_business_date_is_dhakas():
    assert business_date(datetime(2026, 3, 1, 17, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert business_date(datetime(2026, 3, 1, 18, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        business_date(datetime(2026, 3, 1))
