"""The relay process: reactions to events, payments to resolve, refunds to make, unpaid orders to close.

Start: `python -m commerce.relay`. Each event's effects, its inbox row and the cursor commit together: once each.
Several relays may run; the cursor's row lock makes them take turns. Not here: what a reaction does.
"""

import asyncio
import contextlib
import functools
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from commerce.audit import chain
from commerce.catalog import bulk, offers
from commerce.context import Commerce
from commerce.engagement import coins
from commerce.engagement import reactions as engagement
from commerce.inventory import stock_keeping
from commerce.ledger import escrow
from commerce.notifications import reactions as notifications
from commerce.notifications import sending
from commerce.orders import reactions as orders
from commerce.orders import release
from commerce.payments import prepaid, refunds
from commerce.payouts import sending as payouts
from commerce.promotions import flash
from commerce.returns import deadlines
from commerce.risk import reactions as risk
from commerce.search import indexing
from commerce.shipping import booking, clocks, remittances, tracking
from commerce.webhooks import delivering
from commerce.webhooks import reactions as webhooks
from foundation import crashpoints, tracing
from foundation.clock import system_clock
from foundation.database import Connection
from foundation.errors import Conflict, GetItError, NotFound, Unavailable
from foundation.logging import configure_logging, get_logger
from foundation.outbox import Cursor, Event, is_first_delivery, load_cursor, read_events, save_cursor
from foundation.settings import Settings, load_settings

CONSUMER = "commerce.reactions"
Reaction = Callable[[Commerce, Connection, Event], Awaitable[None]]
_log = get_logger(component="relay")


# Services that react to events, in the order in which they do.
REACTING: tuple[Mapping[str, Reaction], ...] = (
    orders.REACTIONS,
    risk.REACTIONS,
    clocks.REACTIONS,
    notifications.REACTIONS,
    webhooks.REACTIONS,
    engagement.REACTIONS,
)


@dataclass(frozen=True)
class Duty:
    """Work that waits for time, not for an event: `step` does one piece and tells whether more may be due."""

    name: str
    step: Callable[[Commerce], Awaitable[bool | int]]
    pause_s: float


DUTIES: tuple[Duty, ...] = (
    Duty("resolve", prepaid.resolve_one, 0.5),
    Duty("refund", refunds.refund_one, 0.5),
    Duty("expire", prepaid.expire_unpaid, 5.0),
    Duty("flash slots", flash.turn_slots, 0.5),
    Duty("book", booking.book_one, 0.5),
    Duty("track", tracking.look_after_one, 30.0),
    Duty("remittances", remittances.import_new, 30.0),
    Duty("promises", clocks.breach_overdue, 10.0),
    Duty("release", release.release_due, 10.0),
    Duty("reserves", escrow.release_reserves, 60.0),
    Duty("audit chain", chain.link_new, 2.0),
    Duty("payouts", payouts.send_one, 2.0),
    Duty("bank statement", payouts.follow_statement, 15.0),
    Duty("return deadlines", deadlines.end_due_returns, 10.0),
    Duty("dispute deadlines", deadlines.end_due_disputes, 10.0),
    Duty("low stock", stock_keeping.tell_low_stock, 5.0),
    Duty("search", indexing.follow, 1.0),
    Duty("words", indexing.rebuild_words, 3600.0),
    Duty("files", bulk.work_once, 1.0),
    Duty("standings", offers.count_standings, 600.0),
    Duty("messages", sending.send_due, 0.5),
    Duty("doubtful messages", sending.resolve_doubtful, 5.0),
    Duty("digests", sending.make_digest, 10.0),
    Duty("coins", coins.expire_coins, 60.0),
    Duty("webhooks", delivering.deliver_due, 0.5),
)


def reactions_of(event_type: str) -> list[Reaction]:
    """Who reacts to an event, in order."""
    return [table[event_type] for table in REACTING if event_type in table]


class Relay:
    """Loops of the relay; each survives the database going away."""

    def __init__(self, commerce: Commerce) -> None:
        self.commerce = commerce
        self.registry = CollectorRegistry()
        self.handled = Counter("getit_relay_events_total", "Events handled", registry=self.registry)
        self.lag = Gauge("getit_relay_lag_seconds", "Age of the last event handled", registry=self.registry)
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Run until stopped."""
        poll = self.commerce.settings.live_poll_ms / 1000
        duties = [
            self._loop(duty.name, functools.partial(duty.step, self.commerce), pause=duty.pause_s) for duty in DUTIES
        ]
        await asyncio.gather(self._loop("reactions", self.react_once, pause=poll), *duties)

    async def _loop(self, name: str, step: Callable[[], Awaitable[bool | int]], *, pause: float) -> None:
        while not self.stopping.is_set():
            wait = pause
            try:
                if await step():
                    continue
            except Unavailable:
                wait = 1.0
            except Exception as error:
                _log.error("step failed", step=name, exc_info=error)
                wait = 1.0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), wait)

    async def react_once(self) -> bool:
        """Handle the next events in one transaction; False when there are none."""
        async with self.commerce.database.transaction() as connection:
            cursor = await load_cursor(connection, CONSUMER)
            if cursor is None:
                await save_cursor(connection, CONSUMER, Cursor())
                return True
            events = await read_events(connection, after=cursor, limit=100)
            for event in events:
                await self._handle(connection, event)
            if not events:
                return False
            await save_cursor(connection, CONSUMER, events[-1].cursor)
        crashpoints.reach("relay.handled")
        self.handled.inc(len(events))
        self.lag.set((system_clock() - events[-1].recorded_at).total_seconds())
        return True

    async def _handle(self, connection: Connection, event: Event) -> None:
        tracing.begin(event.traceparent)
        reactions = reactions_of(event.event_type)
        if not reactions or not await is_first_delivery(connection, CONSUMER, event.event_id):
            return
        for reaction in reactions:
            try:
                async with connection.transaction():
                    await reaction(self.commerce, connection, event)
            except (Conflict, NotFound) as error:
                # The world has moved on (cancelled meanwhile): that is an answer, not a failure to repeat for ever.
                _log.warning("reaction refused", event_type=event.event_type, id=str(event.event_id), error=str(error))


async def serve(settings: Settings) -> None:
    """Run a relay until SIGTERM or SIGINT."""
    commerce = Commerce.build(settings, name="relay")
    await commerce.open()
    relay = Relay(commerce)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, relay.stopping.set)
    start_http_server(settings.relay_metrics_port, addr=settings.host, registry=relay.registry)
    try:
        await relay.run()
    finally:
        await commerce.close()


def main() -> None:
    """Entry point of the process."""
    settings = load_settings()
    configure_logging("relay", settings.log_level)
    with contextlib.suppress(GetItError):
        asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
