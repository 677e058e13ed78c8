"""The market's weeks: who orders when, honest people and campaigns together, in order of time. Pure and seeded.

Not here: what an order looks like (behaviour, fraud), where it goes (history, live).
"""

import math
import random
from datetime import datetime, timedelta

from foundation.clock import DHAKA
from sandbox.market.behaviour import Intent, Memory, honest_intent, time_of_day
from sandbox.market.fraud import CAMPAIGNS, SHARE_EACH, awake
from sandbox.market.goods import Shelf
from sandbox.market.people import Shopper, Town, dice_of

# Orders by day of the week, Monday first: the weekend is Friday and Saturday.
WEEKDAYS = (0.95, 0.93, 0.95, 1.08, 1.2, 1.06, 0.83)
FIRST_ORDER_RATIO = 0.6
# Campaigns start when most people shop, a little later.
CAMPAIGN_HOUR = 20.5


def plan_history(town: Town, shelf: Shelf, *, start: datetime, end: datetime) -> list[Intent]:
    """All intents of a span, in order of time."""
    dice, memory = dice_of(town.seed, "history"), Memory()
    intents = [
        honest_intent(town, shelf, memory, dice, person, at)
        for person in town.shoppers
        for at in _moments(dice, person, start, end)
    ]
    honest = len(intents)
    for campaign, size in CAMPAIGNS:
        for _ in range(round(honest * SHARE_EACH / size)):
            midnight = (start + (end - start) * dice.random()).astimezone(DHAKA).replace(hour=0, minute=0, second=0)
            begins = awake(midnight + time_of_day(dice, CAMPAIGN_HOUR, spread=4.0))
            intents += campaign(town, shelf, memory, dice, begins)
    return sorted((intent for intent in intents if start <= intent.at < end), key=lambda intent: intent.at)


def _moments(dice: random.Random, person: Shopper, start: datetime, end: datetime) -> list[datetime]:
    first = max(start, person.joined_at)
    days = (end - first) / timedelta(days=1)
    if days <= 0:
        return []
    moments = []
    if person.joined_at >= start and dice.random() < FIRST_ORDER_RATIO:
        moments.append(person.joined_at + timedelta(minutes=dice.uniform(4, 240)))
    for _ in range(_poisson(dice, person.orders_a_week * days / 7)):
        at = _a_moment(dice, person, first, days)
        if first < at < end:
            moments.append(at)
    return sorted(moments)


def _a_moment(dice: random.Random, person: Shopper, first: datetime, days: float) -> datetime:
    while True:
        day = (first + timedelta(days=dice.uniform(0, days))).astimezone(DHAKA).replace(hour=0, minute=0, second=0)
        if dice.random() < WEEKDAYS[day.weekday()] / max(WEEKDAYS):
            return day + time_of_day(dice, person.hour)


def _poisson(dice: random.Random, mean: float) -> int:
    """Knuth's method: the means here are small."""
    limit, count, product = math.exp(-mean), 0, dice.random()
    while product > limit:
        count += 1
        product *= dice.random()
    return count
