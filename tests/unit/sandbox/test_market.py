"""The seeded market: the same seed gives the same people and weeks; campaigns have their shapes; truth comes late."""

import itertools
import random
import statistics
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from foundation.clock import DHAKA
from foundation.ids import uuid7
from sandbox.market.behaviour import VOUCHERS, Memory
from sandbox.market.fraud import CAMPAIGNS, SHARE_EACH, awake, coupon_ring, parcel_refusers, stolen_wallets
from sandbox.market.goods import Good, Shelf
from sandbox.market.people import HISTORY_DAYS, build_town
from sandbox.market.plan import plan_history

START = datetime(2026, 1, 1, 18, 0, tzinfo=UTC)
END = START + timedelta(days=HISTORY_DAYS)
GOODS = [
    Good(uuid7(), f"p{n:03d}", f"s{n % 20}", f"h{n % 3}", 5_000 + 1_300 * (n % 50) + 90_000 * (n % 17 == 0), 1_000)
    for n in range(300)
]


def town_of(seed: int):
    return build_town(seed, start=START, history_days=HISTORY_DAYS)


@pytest.fixture(scope="module")
def town():
    return town_of(7)


@pytest.fixture(scope="module")
def shelf():
    return Shelf(list(GOODS), 7)


@pytest.fixture(scope="module")
def weeks(town, shelf):
    return plan_history(town, shelf, start=START, end=END)


def test_the_same_seed_gives_the_same_people(town):
    assert town_of(7) == town
    assert town_of(8).shoppers != town.shoppers


def test_people_are_told_apart(town):
    for field in ("ref", "phone"):
        assert len({getattr(shopper, field) for shopper in town.shoppers}) == len(town.shoppers)


def test_honest_people_share_devices_and_wallets(town):
    """Otherwise sharing one would give a deceiver away."""
    devices = Counter(shopper.device for shopper in town.shoppers)
    assert sum(count for count in devices.values() if count > 1) > 0.2 * len(town.shoppers)
    assert max(devices.values()) >= 6


def test_the_same_seed_gives_the_same_weeks(town, shelf, weeks):
    again = plan_history(town_of(7), Shelf(list(reversed(GOODS)), 7), start=START, end=END)
    assert again == weeks, "neither a second run nor the order in which the shop lists its goods changes anything"
    assert plan_history(town_of(8), shelf, start=START, end=END) != weeks


def test_weeks_are_in_order_and_within_their_span(weeks):
    assert all(START <= one.at <= two.at < END for one, two in itertools.pairwise(weeks))
    assert all(intent.lines for intent in weeks)
    assert all(intent.account.joined_at <= intent.at for intent in weeks if not intent.is_fraud)


def test_each_typology_has_about_its_share(weeks):
    shares = Counter(intent.typology for intent in weeks)
    assert set(shares) == {"honest", "stolen_wallet", "parcel_refuser", "coupon_ring"}
    for typology in set(shares) - {"honest"}:
        assert 0.5 * SHARE_EACH < shares[typology] / len(weeks) < 1.7 * SHARE_EACH, typology


def campaigns(campaign, town, shelf, number=200):
    return [campaign(town, shelf, Memory(), random.Random(seed), START + timedelta(hours=2)) for seed in range(number)]


def all_of(found):
    return [intent for one in found for intent in one]


@pytest.mark.parametrize("campaign", [campaign for campaign, _ in CAMPAIGNS])
def test_a_campaign_is_one_actor_in_order_of_time_and_repeatable(campaign, town, shelf):
    found = campaigns(campaign, town, shelf, 30)
    assert found == campaigns(campaign, town, shelf, 30)
    for one in found:
        assert len({intent.actor for intent in one}) == 1
        assert [intent.at for intent in one] == sorted(intent.at for intent in one)
        assert all(intent.is_fraud for intent in one)


@pytest.mark.parametrize(("campaign", "size"), CAMPAIGNS)
def test_a_campaign_is_as_large_as_planned(campaign, size, town, shelf):
    found = campaigns(campaign, town, shelf)
    assert len(all_of(found)) / len(found) == pytest.approx(size, rel=0.15)


def median_price(intents):
    return statistics.median(good.price_poisha for intent in intents for good, _ in intent.lines)


def test_stolen_wallets_are_emptied_in_a_burst(town, shelf, weeks):
    found = campaigns(stolen_wallets, town, shelf)
    for one in found:
        assert {intent.payment_method for intent in one} == {"bkash"}
        assert len({intent.device for intent in one}) <= 2
        assert one[-1].at - one[0].at < timedelta(days=1)
    gaps = [two.at - one.at for burst in found for one, two in itertools.pairwise(burst)]
    assert sorted(gaps)[len(gaps) // 2] < timedelta(hours=1)
    honest = [intent for intent in weeks if not intent.is_fraud]
    assert median_price(all_of(found)) > 1.5 * median_price(honest), "dear goods"


def test_refusers_order_for_cash_and_refuse_most(town, shelf):
    found = all_of(campaigns(parcel_refusers, town, shelf))
    outcomes = Counter(intent.outcome for intent in found)
    assert {intent.payment_method for intent in found} == {"cod"}
    assert set(outcomes) == {"refused", "delivered"}
    assert 0.75 < outcomes["refused"] / len(found) < 0.85
    assert all(intent.found_out_days is None for intent in found), "only the refusals themselves tell"


def test_rings_have_many_accounts_on_few_devices_and_live_on_vouchers(town, shelf):
    for one in campaigns(coupon_ring, town, shelf, 60):
        accounts = {intent.account.ref for intent in one}
        assert len(accounts) == len(one) >= 8
        assert len({intent.device for intent in one}) <= 9
        assert len({intent.wallet for intent in one}) <= 4
        assert all(intent.voucher_code in VOUCHERS for intent in one)
        assert all(intent.at - intent.account.joined_at <= timedelta(days=6, hours=1) for intent in one)


def test_what_is_found_out_is_found_out_days_later(weeks):
    found = [intent.found_out_days for intent in weeks if intent.found_out_days is not None]
    assert min(found) >= 2
    assert max(found) <= 20
    assert not any(intent.found_out_days for intent in weeks if not intent.is_fraud)
    dark = [intent for intent in weeks if intent.typology == "stolen_wallet" and intent.found_out_days is None]
    assert dark, "some frauds are never found out"


@pytest.mark.parametrize("hour", range(24))
def test_deceivers_sleep(hour):
    at = datetime(2026, 2, 1, hour, 20, tzinfo=DHAKA)
    assert not 2 <= awake(at).astimezone(DHAKA).hour < 8
    assert awake(at) >= at
    assert awake(at) - at <= timedelta(hours=6)


def test_an_empty_shop_says_what_to_do():
    with pytest.raises(LookupError, match="getit import orders"):
        Shelf([], 7)
