"""Search terms, the fallback policy."""

from datetime import UTC, datetime, timedelta

import pytest

from commerce.risk.rules import fallback
from commerce.search.rules import search_terms

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Basmati Rice", "basmati:* & rice:*"), ("মোবাইল ফোন", "মোবাইল:* & ফোন:*"), ("  ", None), ("!!! ' & | :*", None),
        ("o'neil:*", "o:* & neil:*"), ("5kg", "5kg:*"),
    ],
)  # fmt: skip
def test_search_terms_keep_vowel_signs_and_drop_operators(text, terms):
    assert search_terms(text) == terms


@pytest.mark.parametrize(
    ("method", "total", "age_days", "action"),
    [
        ("cod", 300_001, 1, "review"), ("cod", 300_001, 30, "allow"), ("cod", 300_000, 1, "allow"),
        ("bkash", 500_000, 300, "review"), ("bkash", 499_999, 0, "allow"),
    ],
)  # fmt: skip
def test_policy_by_exposure(method, total, age_days, action):
    created = NOW - timedelta(days=age_days)
    assert fallback(payment_method=method, total_poisha=total, account_created_at=created, now=NOW)[0] == action
