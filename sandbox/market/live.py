"""The live market: `python -m sandbox.market.live`. Shops over the public API at a set pace until it is told to stop.

When the shop is away it waits, longer each time. Not here: behaviour (pure, see `stream`), what others do (`parties`).
"""

import asyncio
import signal
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog

from foundation.clock import system_clock
from foundation.logging import configure_logging
from foundation.settings import Settings, load_settings
from sandbox.market import truth
from sandbox.market.behaviour import Intent
from sandbox.market.client import ShopAway, ShopClient
from sandbox.market.goods import Good, Shelf
from sandbox.market.parties import Parties
from sandbox.market.people import HISTORY_DAYS, PASSWORD, build_town, dice_of
from sandbox.market.stream import Stream

SHELF_GOODS = 600
SHELF_REFRESH_S = 180.0
# Goods with less on the shelf are gone before the shelf is looked at again.
LEAST_AVAILABLE = 8
ROUND_S = 4.0
REPORT_S = 60.0
AT_ONCE = 8
LONGEST_WAIT_S = 30.0
GRACE_S = 8.0
CART_RATIO = 0.4


class Market:
    """One run of the live market."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._dice = dice_of(settings.market_seed, "live", system_clock().isoformat())
        self._client = ShopClient(settings.gateway, password=PASSWORD)
        self._parties = Parties(settings, self._client, self._dice)
        self._stop = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._shopping: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()
        self._waits = 0
        self._away_until = 0.0
        self._log = structlog.get_logger("market")
        self._shelf: Shelf | None = None

    def stop(self) -> None:
        """End after what is under way."""
        self._stop.set()

    async def run(self) -> None:
        """Shop until stopped."""
        loops = [self._shop(), self._keep_shelf(), self._act(), self._report()]
        tasks = [asyncio.create_task(loop) for loop in loops]
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._shopping:
            await asyncio.wait(self._shopping, timeout=GRACE_S)
        await self._client.close()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    async def _wait_out(self, error: Exception) -> None:
        """The shop or the database is away: everybody waits, longer each time it is still away."""
        clock = asyncio.get_running_loop().time
        if clock() >= self._away_until:
            self._waits += 1
            seconds = min(LONGEST_WAIT_S, 0.5 * 2 ** min(self._waits, 8))
            self._away_until = clock() + seconds
            self._log.warning("the shop is away", error=f"{type(error).__name__}: {error}", seconds=seconds)
        await self._pause(max(0.0, self._away_until - clock()))

    async def _shop(self) -> None:
        pace = self._settings.market_orders_per_minute
        if pace <= 0:
            return
        stream = await self._stream()
        while not self._stop.is_set():
            await self._pause(self._dice.expovariate(pace / 60))
            if self._shelf is None or asyncio.get_running_loop().time() < self._away_until:
                continue
            now = system_clock()
            stream.plan_campaigns(self._shelf, now, orders=1.0)
            for intent in [*stream.due(now), stream.honest(self._shelf, now)]:
                self._start(intent)

    async def _stream(self) -> Stream:
        start = await self._history_start()
        town = await asyncio.to_thread(build_town, self._settings.market_seed, start=start, history_days=HISTORY_DAYS)
        return Stream(town, self._dice)

    async def _history_start(self) -> datetime:
        while True:
            try:
                await asyncio.to_thread(truth.prepare, self._settings)
                start = await asyncio.to_thread(truth.history_start, self._settings)
            except psycopg.OperationalError as error:
                await self._wait_out(error)
            else:
                return start or system_clock() - timedelta(days=HISTORY_DAYS)

    def _start(self, intent: Intent) -> None:
        if self._slots.locked():
            self._counts["dropped"] += 1
            return
        task = asyncio.create_task(self._one(intent))
        self._shopping.add(task)
        task.add_done_callback(self._shopping.discard)

    async def _one(self, intent: Intent) -> None:
        async with self._slots:
            try:
                outcome = await self._client.shop(intent, by_cart=self._dice.random() < CART_RATIO)
                self._counts[outcome.status] += 1
                if outcome.group_id is not None:
                    await self._parties.remember(outcome.group_id, intent)
                self._waits = 0
            except (ShopAway, psycopg.OperationalError) as error:
                self._counts["away"] += 1
                await self._wait_out(error)
            except Exception:
                self._counts["failed"] += 1
                self._log.exception("an order failed")

    async def _keep_shelf(self) -> None:
        while not self._stop.is_set():
            try:
                self._shelf = await self._browse()
            except ShopAway as error:
                await self._wait_out(error)
            else:
                await self._pause(SHELF_REFRESH_S)

    async def _browse(self) -> Shelf:
        """What a visitor finds: pages of categories, until there is enough to choose from."""
        categories = (await self._client.call("GET", "/v1/categories")).json()["items"]
        filled = [category for category in categories if category["products"] > 0]
        goods: dict[str, Good] = {}
        for category in self._dice.sample(filled, min(len(filled), 120)):
            page = await self._client.call("GET", "/v1/products", params={"category": category["path"], "limit": 20})
            for product in page.json().get("items", []):
                goods |= {
                    offer["offer_id"]: _good(product, offer) for offer in product["offers"] if offer["available"] > 2
                }
            if len(goods) >= SHELF_GOODS:
                break
        if not goods:
            raise ShopAway("nothing to buy")
        return Shelf(list(goods.values()), self._settings.market_seed)

    async def _act(self) -> None:
        while not self._stop.is_set():
            await self._pause(ROUND_S)
            try:
                await self._parties.act()
            except (ShopAway, psycopg.OperationalError) as error:
                await self._wait_out(error)
            except Exception:
                self._log.exception("the courier or the analyst failed")
                await self._pause(LONGEST_WAIT_S)

    async def _report(self) -> None:
        while not self._stop.is_set():
            await self._pause(REPORT_S)
            self._log.info("market", **self._counts)
            self._counts.clear()


def _good(product: dict[str, Any], offer: dict[str, Any]) -> Good:
    # The live market names a product by its id: that is what the product page wants.
    return Good(
        offer["offer_id"], product["product_id"], offer["seller_id"], "", offer["price_poisha"], offer["available"]
    )


async def main() -> None:
    """Run until SIGTERM or SIGINT."""
    settings = load_settings()
    configure_logging("market", settings.log_level)
    market = Market(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, market.stop)
    await market.run()


if __name__ == "__main__":
    asyncio.run(main())
