"""The live market's intents, one after another, without end: the same people and campaigns as the history. Pure.

Time in a campaign runs faster than in the history, or nobody would live to see one end. Not here: HTTP.
"""

import heapq
import itertools
import random
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.market.behaviour import Intent, Memory, honest_intent
from sandbox.market.fraud import CAMPAIGNS, SHARE_EACH, stolen_wallets
from sandbox.market.goods import Shelf
from sandbox.market.people import Shopper, Town, newcomers

# Nobody orders twice within this time, unless by chance: at a high pace strangers come instead.
REST = timedelta(hours=20)
NEWCOMER_RATIO = 0.1
TRIES = 6
# Stolen wallets are emptied within the hour as it is; rings take days, and are shown ten times faster.
HURRY = 0.1


class Stream:
    """Who orders next."""

    def __init__(self, town: Town, dice: random.Random) -> None:
        self._town = town
        self._dice = dice
        self._memory = Memory()
        self._edges = list(itertools.accumulate(shopper.orders_a_week for shopper in town.shoppers))
        self._ordered: dict[str, datetime] = {}
        self._planned: list[tuple[datetime, int, Intent]] = []
        self._count = itertools.count()

    def honest(self, shelf: Shelf, now: datetime) -> Intent:
        """An honest order, now."""
        person = self._someone(now)
        self._ordered[person.ref] = now
        return honest_intent(self._town, shelf, self._memory, self._dice, person, now)

    def _someone(self, now: datetime) -> Shopper:
        if self._dice.random() >= NEWCOMER_RATIO:
            for _ in range(TRIES):
                person = self._dice.choices(self._town.shoppers, cum_weights=self._edges)[0]
                last = self._ordered.get(person.ref)
                if person.joined_at <= now and (last is None or now - last > REST):
                    return person
        return newcomers(self._town, self._dice, now)[0]

    def plan_campaigns(self, shelf: Shelf, now: datetime, orders: float) -> None:
        """Start the campaigns that belong to so many honest orders, on average."""
        for campaign, size in CAMPAIGNS:
            expected = orders * SHARE_EACH / size
            starts = int(expected) + (self._dice.random() < expected % 1)
            for _ in range(starts):
                hurry = 1.0 if campaign is stolen_wallets else HURRY
                for intent in campaign(self._town, shelf, self._memory, self._dice, now):
                    at = now + (intent.at - now) * hurry
                    heapq.heappush(self._planned, (at, next(self._count), replace(intent, at=at)))

    def due(self, now: datetime) -> list[Intent]:
        """Planned orders whose time has come."""
        found = []
        while self._planned and self._planned[0][0] <= now:
            found.append(heapq.heappop(self._planned)[2])
        return found
