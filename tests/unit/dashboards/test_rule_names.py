"""Single rules in words."""

import pytest

from dashboards.rule_names import rule_name
from dashboards.words import Words


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("phone_labelled_count_60d <= 0", "phone: orders with known outcome in 60 days ≤ 0"),
        ("device_placed_distinct_buyer_24h > 2", "device: different buyers in 24 hours > 2"),
        ("device_placed_seconds_since_first <= 72060", "device: hours since the first order ≤ 20.0"),
        ("amount_poisha >= 500000", "amount poisha >= 500000"),
    ],
)
def test_a_rule_is_told_in_words(rule, expected):
    assert rule_name(Words("en"), rule) == expected


def test_a_rule_is_told_in_bangla():
    assert rule_name(Words("bn"), "buyer_placed_count_30d <= 0") == "ক্রেতা: অর্ডার ৩০ দিনে ≤ ০"
