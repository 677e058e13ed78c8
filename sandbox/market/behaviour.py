"""How people of the market order, pay and receive. Pure: dice in, intents out. Not here: files, HTTP, fraud campaigns.

An intent is one order group somebody means to place, together with what will come of it; the shop learns that later.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sandbox.market.goods import Good, Shelf
from sandbox.market.people import Shopper, Town

# As `getit up` sets them up: (share of subtotal, most, least subtotal).
VOUCHERS = {"WELCOME10": (0.10, 20_000, 20_000), "EID15": (0.15, 30_000, 20_000), "FIRST20": (0.20, 25_000, 20_000)}
COURIERS = {"pathao": 38, "steadfast": 32, "redx": 20, "paperfly": 10}
# Refused at the door by people who meant to buy: no cash at home, late parcel, changed mind.
UNPAID_RATIO = 0.035
CANCELLED_RATIO = 0.015
NEW_DEVICE_RATIO = 0.012
GIFT_RATIO = 0.05


@dataclass(frozen=True, slots=True)
class Intent:
    """One order group that somebody means to place."""

    at: datetime
    account: Shopper
    contact_phone: str
    device: str
    wallet: str
    district_code: str
    payment_method: str
    lines: tuple[tuple[Good, int], ...]
    voucher_code: str | None = None
    # delivered, refused or cancelled: what will come of it.
    outcome: str = "delivered"
    days_to_close: float = 2.0
    # Hidden from the shop.
    typology: str = "honest"
    actor: str = ""
    # Days after placement until a wallet's owner or an analyst finds out; None: never.
    found_out_days: float | None = None

    @property
    def is_fraud(self) -> bool:
        """The hidden truth."""
        return self.typology != "honest"

    @property
    def subtotal_poisha(self) -> int:
        return sum(good.price_poisha * quantity for good, quantity in self.lines)

    @property
    def discount_poisha(self) -> int:
        """What the voucher is worth on this basket."""
        if self.voucher_code is None:
            return 0
        share, most, least = VOUCHERS[self.voucher_code]
        return min(round(self.subtotal_poisha * share), most) if self.subtotal_poisha >= least else 0


@dataclass(slots=True)
class Memory:
    """What must be remembered between orders of the same people."""

    vouchers_used: set[tuple[str, str]] = field(default_factory=set)
    # Who changed the device, and to what.
    devices: dict[str, str] = field(default_factory=dict)

    def voucher_for(self, dice: random.Random, account: str, wanted: tuple[str, ...]) -> str | None:
        """A voucher this account has not used yet."""
        free = [code for code in wanted if (account, code) not in self.vouchers_used]
        if not free:
            return None
        code = dice.choice(free)
        self.vouchers_used.add((account, code))
        return code


def honest_intent(
    town: Town, shelf: Shelf, memory: Memory, dice: random.Random, person: Shopper, at: datetime
) -> Intent:
    """An order of an honest person."""
    if dice.random() < NEW_DEVICE_RATIO:
        memory.devices[person.ref] = f"d-new-{dice.getrandbits(40):010x}"
    lines = basket(shelf, dice, person)
    method = "cod" if dice.random() < person.cash_ratio else "bkash"
    is_gift = dice.random() < GIFT_RATIO
    giver = dice.choice(town.shoppers) if is_gift else person
    voucher = memory.voucher_for(dice, person.ref, tuple(VOUCHERS)) if dice.random() < person.voucher_ratio else None
    intent = Intent(
        at=at,
        account=person,
        contact_phone=giver.phone if is_gift else person.phone,
        device=memory.devices.get(person.ref, person.device),
        wallet=person.wallet,
        district_code=town.any_district(dice) if is_gift else person.district_code,
        payment_method=method,
        lines=lines,
        voucher_code=voucher,
        outcome=_honest_outcome(dice, person, method),
    )
    return with_times(intent, dice)


def _honest_outcome(dice: random.Random, person: Shopper, method: str) -> str:
    chance = dice.random()
    if method == "cod":
        if chance < person.refusal_ratio:
            return "refused"
        return "cancelled" if chance > 1 - CANCELLED_RATIO else "delivered"
    return "cancelled" if chance < UNPAID_RATIO else "delivered"


def basket(shelf: Shelf, dice: random.Random, person: Shopper) -> tuple[tuple[Good, int], ...]:
    """What an honest person buys: mostly little, now and then something dear or much of it."""
    if dice.random() < person.big_ratio:
        good = shelf.pick_dear(dice, 14)
        return ((good, min(good.on_hand, dice.choices((1, 2, 4, 8), (60, 25, 10, 5))[0])),)
    count = min(8, 1 + int(dice.expovariate(1.0) * (person.lines_mean - 0.6)))
    chosen = {good.offer_id: good for good in (shelf.pick(dice) for _ in range(count))}
    return tuple((good, dice.choices((1, 2, 3), (78, 17, 5))[0]) for good in chosen.values())


def with_times(intent: Intent, dice: random.Random) -> Intent:
    """Decide how long the courier (or the refusal, or the failed payment) takes."""
    if intent.outcome == "cancelled":
        days = dice.uniform(0.002, 0.02) if intent.payment_method == "bkash" else dice.uniform(0.05, 0.8)
    elif intent.outcome == "refused":
        days = dice.uniform(3.0, 9.0)
    else:
        days = dice.uniform(1.0, 3.0) if intent.district_code == "BD-13" else dice.uniform(1.8, 6.0)
    return replace(intent, days_to_close=days)


def time_of_day(dice: random.Random, hour: float, spread: float = 2.2) -> timedelta:
    """A moment around an hour of the day, Dhaka time."""
    return timedelta(hours=dice.gauss(hour, spread) % 24)


def courier_of(dice: random.Random) -> str:
    """Who carries a parcel."""
    return dice.choices(list(COURIERS), list(COURIERS.values()))[0]
