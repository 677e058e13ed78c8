"""Search terms, vouchers, the fallback policy."""

from datetime import UTC, datetime, timedelta

import pytest

from commerce.promotions.rules import VoucherRefused, discount_of
from commerce.risk.rules import fallback
from commerce.search.rules import search_terms

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VOUCHER = {
    "starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=1), "redeemed": 0, "limit_total": 10,
    "limit_per_buyer": 1, "min_subtotal_poisha": 1_000, "discount_bp": 1_000, "max_discount_poisha": 5_000,
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Basmati Rice", "basmati:* & rice:*"), ("মোবাইল ফোন", "মোবাইল:* & ফোন:*"), ("  ", None), ("!!! ' & | :*", None),
        ("o'neil:*", "o:* & neil:*"), ("5kg", "5kg:*"),
    ],
)  # fmt: skip
def test_search_terms_keep_vowel_signs_and_drop_operators(text, terms):
    assert search_terms(text) == terms


def test_voucher_gives_its_discount_up_to_its_cap():
    assert discount_of(VOUCHER, subtotal_poisha=10_000, used=0, now=NOW) == 1_000
    assert discount_of(VOUCHER, subtotal_poisha=1_000_000, used=0, now=NOW) == 5_000


@pytest.mark.parametrize(
    ("changes", "used", "subtotal"),
    [({}, 1, 10_000), ({"redeemed": 10}, 0, 10_000), ({}, 0, 999), ({"ends_at": NOW}, 0, 10_000), (None, 0, 10_000)],
)
def test_voucher_refusals(changes, used, subtotal):
    voucher = None if changes is None else {**VOUCHER, **changes}
    with pytest.raises(VoucherRefused):
        discount_of(voucher, subtotal_poisha=subtotal, used=used, now=NOW)


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
