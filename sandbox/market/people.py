"""The people of the made-up market: households, helpers, offices. Seeded and pure: the same seed gives the same town.

Honest people look suspicious now and then: they share devices, phones and wallets, order for neighbours, buy much.
Not here: what they do (behaviour), who deceives (fraud).
"""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from foundation.bangladesh import places

GIVEN = (
    "Abdul", "Rafiq", "Nazmul", "Tanvir", "Imran", "Mehedi", "Arif", "Farhan", "Rakib", "Sajib", "Fatema", "Ayesha",
    "Nusrat", "Sharmin", "Taslima", "Farzana", "Sadia", "Jannat", "Mahmuda", "Tania", "Bithi", "Sumaiya", "Keya", "Lamia",
)  # fmt: skip
FAMILY = (
    "Rahman", "Islam", "Hossain", "Ahmed", "Khan", "Chowdhury", "Sarker", "Miah", "Uddin", "Alam", "Karim", "Haque", "Das",
    "Roy", "Saha", "Barua", "Sultana", "Ferdous", "Mondal", "Biswas", "Talukder", "Sikder", "Bhuiyan", "Majumder",
)  # fmt: skip
# A number block that no operator has handed out in public plans; the last six digits count people.
PHONE_BLOCK = "8801399"
HISTORY_DAYS = 70
# Everybody in the made-up market has this password: the live market logs in to accounts that the history opened.
PASSWORD = "market-shopper-1971"  # noqa: S105 - a made-up person's
DHAKA_PULL = 3.0
HOUSEHOLDS = 2_400
HELPERS = 30
OFFICES = 60


@dataclass(frozen=True, slots=True)
class Shopper:
    """One account and the person behind it."""

    ref: str
    name: str
    phone: str
    device: str
    wallet: str
    district_code: str
    # When the account was opened.
    joined_at: datetime
    orders_a_week: float
    cash_ratio: float
    voucher_ratio: float
    refusal_ratio: float
    big_ratio: float
    lines_mean: float
    # Hour of the day around which this person shops.
    hour: float


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody, and the devices that are used by many."""

    seed: int
    shoppers: tuple[Shopper, ...]
    district_codes: tuple[str, ...]
    district_weights: tuple[float, ...]

    def any_district(self, dice: random.Random) -> str:
        """A district, by where online shoppers live."""
        return dice.choices(self.district_codes, self.district_weights)[0]


def dice_of(*words: object) -> random.Random:
    """Seeded dice for one purpose: what one part of the market draws never shifts what another draws."""
    return random.Random(":".join(map(str, words)))  # noqa: S311 - a made-up town is no secret


def build_town(seed: int, *, start: datetime, history_days: int) -> Town:
    """The town of a seed, whose history starts at an instant and lasts some days; accounts keep being opened meanwhile."""
    dice = dice_of(seed, "people")
    districts = places.districts()
    weights = tuple(
        district.population_thousands * (DHAKA_PULL if district.code == "BD-13" else 1.0) for district in districts
    )
    town = Town(seed, (), tuple(district.code for district in districts), weights)
    found: list[Shopper] = []
    for number in range(HOUSEHOLDS):
        opened = -dice.uniform(2, 400) if dice.random() < 0.62 else dice.uniform(0, history_days)
        found += _household(town, dice, number, len(found), start + timedelta(days=opened))
    for number in range(HELPERS):
        found = _lend_device(dice, found, f"helper-{number}")
    for _ in range(OFFICES):
        index = dice.randrange(len(found))
        found[index] = replace(
            found[index], big_ratio=0.5, lines_mean=3.5, orders_a_week=found[index].orders_a_week + 0.5
        )
    return replace(town, shoppers=tuple(found))


def _household(town: Town, dice: random.Random, number: int, first: int, joined_at: datetime) -> list[Shopper]:
    district = town.any_district(dice)
    family = dice.choice(FAMILY)
    size = dice.choices((1, 2, 3, 4), (30, 38, 22, 10))[0]
    chronic = dice.random() < 0.035
    members = []
    for member in range(size):
        owns_phone = member == 0 or dice.random() < 0.8
        owns_device = member == 0 or dice.random() < 0.68
        owns_wallet = member == 0 or dice.random() < 0.55
        phone = phone_number(first + member) if owns_phone else phone_number(first)
        members.append(
            Shopper(
                ref=f"u{first + member:05d}",
                name=f"{dice.choice(GIVEN)} {family}",
                phone=phone_number(first + member),
                device=f"d-{number}-{member if owns_device else 0}",
                wallet=phone if owns_wallet else phone_number(first),
                district_code=district,
                joined_at=joined_at + timedelta(days=0 if member == 0 else dice.uniform(0, 60)),
                orders_a_week=min(4.0, dice.lognormvariate(-0.65, 0.85)),
                cash_ratio=dice.betavariate(3.2, 1.0),
                voucher_ratio=dice.betavariate(0.8, 5.0),
                refusal_ratio=0.10 if chronic else dice.betavariate(1.0, 110.0),
                big_ratio=dice.betavariate(1.0, 14.0),
                lines_mean=1.0 + dice.expovariate(1.4),
                hour=dice.gauss(19.5, 3.2) % 24,
            )
        )
    return members


def _lend_device(dice: random.Random, found: list[Shopper], device: str) -> list[Shopper]:
    """A shopkeeper orders for neighbours: honest accounts of one district on one device."""
    district = found[dice.randrange(len(found))].district_code
    neighbours = [index for index, shopper in enumerate(found) if shopper.district_code == district]
    for index in dice.sample(neighbours, min(len(neighbours), dice.randint(6, 18))):
        found[index] = replace(found[index], device=device, voucher_ratio=max(found[index].voucher_ratio, 0.25))
    return found


def newcomers(town: Town, dice: random.Random, now: datetime) -> list[Shopper]:
    """A household nobody has heard of, with accounts opened now."""
    number = 10_000 + dice.randrange(900_000)
    return [replace(shopper, joined_at=now) for shopper in _household(town, dice, number, number, now)]


def phone_number(person: int) -> str:
    """Number of the n-th person: made up, valid in form, unique."""
    return f"{PHONE_BLOCK}{(person * 7919 + 104_729) % 1_000_000:06d}"
