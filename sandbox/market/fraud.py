"""Campaigns of those who deceive: stolen wallets, parcels ordered to be refused, coupon rings. Pure and seeded.

No single sign gives them away: each sign is shared with many honest people (see `people`); the combination and the
history do. Tools wear out and are replaced. Not here: when campaigns start.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from foundation.clock import DHAKA
from sandbox.market.behaviour import Intent, Memory, basket, with_times
from sandbox.market.goods import Good, Shelf
from sandbox.market.people import FAMILY, GIVEN, Shopper, Town


def awake(at: datetime) -> datetime:
    """The moment itself, or the next morning: also deceivers sleep, and orders at four would stand out."""
    local = at.astimezone(DHAKA)
    return at + timedelta(hours=8.0 - local.hour) if 2 <= local.hour < 8 else at


Campaign = Callable[[Town, Shelf, Memory, random.Random, datetime], list[Intent]]


def fresh_account(town: Town, dice: random.Random, *, joined_at: datetime, device: str) -> Shopper:
    """A new account that looks like any other."""
    number = dice.getrandbits(40)
    phone = f"88014{dice.randrange(10_000_000, 99_999_999)}"
    return Shopper(
        ref=f"f{number:010x}", name=f"{dice.choice(GIVEN)} {dice.choice(FAMILY)}", phone=phone, device=device, wallet=phone,
        district_code=town.any_district(dice), joined_at=joined_at, orders_a_week=0.0, cash_ratio=0.5, voucher_ratio=0.2,
        refusal_ratio=0.0, big_ratio=0.1, lines_mean=1.6, hour=20.0,
    )  # fmt: skip


def stolen_wallets(town: Town, shelf: Shelf, memory: Memory, dice: random.Random, start: datetime) -> list[Intent]:
    """One afternoon with wallets whose owners do not know yet: dear goods, prepaid, to a drop address."""
    del memory
    actor = f"w{dice.getrandbits(32):08x}"
    devices = [f"d-{actor}-{number}" for number in range(dice.randint(1, 2))]
    drop = town.any_district(dice)
    contact = f"88015{dice.randrange(10_000_000, 99_999_999)}"
    at, intents = start, []
    for _ in range(dice.randint(1, 3)):
        victim = dice.choice(town.shoppers)
        device = dice.choice(devices)
        is_takeover = dice.random() < 0.5
        joined_at = at - timedelta(days=dice.uniform(0.01, 4.0))
        account = victim if is_takeover else fresh_account(town, dice, joined_at=joined_at, device=device)
        wallet = victim.wallet if dice.random() < 0.6 else dice.choice(town.shoppers).wallet
        for _ in range(dice.choices((1, 2, 3, 4), (25, 35, 25, 15))[0]):
            intent = Intent(
                at=at, account=account, contact_phone=contact if dice.random() < 0.7 else account.phone, device=device,
                wallet=wallet, district_code=drop if dice.random() < 0.8 else account.district_code, payment_method="bkash",
                lines=_dear_basket(shelf, dice), outcome="cancelled" if dice.random() < 0.22 else "delivered",
                typology="stolen_wallet", actor=actor,
                found_out_days=dice.uniform(5.0, 20.0) if dice.random() < 0.9 else None,
            )  # fmt: skip
            intents.append(with_times(intent, dice))
            at += timedelta(minutes=dice.expovariate(1 / 25))
        at += timedelta(minutes=dice.expovariate(1 / 90))
    return [replace(intent, found_out_days=None) if intent.outcome == "cancelled" else intent for intent in intents]


def _dear_basket(shelf: Shelf, dice: random.Random) -> tuple[tuple[Good, int], ...]:
    if dice.random() < 0.25:
        return ((shelf.pick(dice), dice.choice((1, 2))),)
    return ((shelf.pick_dear(dice, dice.randint(3, 14)), dice.choices((1, 2, 3), (55, 30, 15))[0]),)


def parcel_refusers(town: Town, shelf: Shelf, memory: Memory, dice: random.Random, start: datetime) -> list[Intent]:
    """A few weeks of cash orders to be refused at the door: a rival's doing, or a prank. Some are taken, as cover."""
    del memory
    actor = f"r{dice.getrandbits(32):08x}"
    district = town.any_district(dice)
    devices = [f"d-{actor}-{number}" for number in range(dice.randint(1, 4))]
    phones = [f"88016{dice.randrange(10_000_000, 99_999_999)}" for _ in range(dice.randint(2, 4))]
    accounts = [
        fresh_account(
            town, dice, joined_at=start - timedelta(days=dice.uniform(0.01, 45.0)), device=dice.choice(devices)
        )
        for _ in range(dice.randint(2, 6))
    ]
    at, intents = start, []
    for _ in range(dice.randint(4, 12)):
        account = dice.choice(accounts)
        person = replace(account, big_ratio=0.35, lines_mean=2.4)
        intent = Intent(
            at=at, account=account, contact_phone=dice.choice(phones),
            device=account.device if dice.random() < 0.8 else dice.choice(devices), wallet=account.wallet,
            district_code=district if dice.random() < 0.75 else town.any_district(dice), payment_method="cod",
            lines=basket(shelf, dice, person), outcome="refused" if dice.random() < 0.8 else "delivered",
            typology="parcel_refuser", actor=actor,
        )  # fmt: skip
        intents.append(with_times(intent, dice))
        at = awake(at + timedelta(hours=dice.expovariate(1 / 26)))
    return intents


def coupon_ring(town: Town, shelf: Shelf, memory: Memory, dice: random.Random, start: datetime) -> list[Intent]:
    """A farm of accounts that lives on first-order vouchers: small baskets, just dear enough for the whole discount."""
    actor = f"c{dice.getrandbits(32):08x}"
    devices = [f"d-{actor}-{number}" for number in range(dice.randint(4, 9))]
    wallets = [f"88017{dice.randrange(10_000_000, 99_999_999)}" for _ in range(dice.randint(2, 4))]
    district = town.any_district(dice)
    at, intents = start, []
    for _ in range(dice.randint(8, 20)):
        joined_at = at - timedelta(days=dice.choice((0.01, 0.1, 1.0, 6.0)))
        account = fresh_account(town, dice, joined_at=joined_at, device=dice.choice(devices))
        code = memory.voucher_for(dice, account.ref, ("FIRST20", "FIRST20", "WELCOME10", "EID15"))
        intent = Intent(
            at=at, account=account, contact_phone=account.phone, device=account.device, wallet=dice.choice(wallets),
            district_code=district if dice.random() < 0.85 else town.any_district(dice),
            payment_method="cod" if dice.random() < 0.55 else "bkash", lines=_fitting_basket(shelf, dice), voucher_code=code,
            typology="coupon_ring", actor=actor, found_out_days=dice.uniform(2.0, 12.0) if dice.random() < 0.85 else None,
        )  # fmt: skip
        intents.append(with_times(intent, dice))
        at = awake(at + timedelta(hours=dice.expovariate(1 / 3.5)))
    return intents


def _fitting_basket(shelf: Shelf, dice: random.Random) -> tuple[tuple[Good, int], ...]:
    wanted = dice.uniform(60_000, 140_000)
    chosen: dict[object, tuple[Good, int]] = {}
    total = 0
    while total < wanted and len(chosen) < 5:
        good = shelf.pick(dice)
        if good.price_poisha <= 1.3 * wanted:
            chosen[good.offer_id] = (good, 1)
            total = sum(item.price_poisha for item, _ in chosen.values())
    return tuple(chosen.values())


# Campaign, and how many orders it comes to on average: what makes their shares of all orders.
CAMPAIGNS: tuple[tuple[Campaign, float], ...] = ((stolen_wallets, 4.6), (parcel_refusers, 8.0), (coupon_ring, 14.0))
# Each typology's share of all order groups.
SHARE_EACH = 0.0125
