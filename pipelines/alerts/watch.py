"""The watch: looks every few seconds, keeps the alerts, tells the sinks. `python -m pipelines.alerts.watch`.

A process of its own beside the scheduler, because it has to notice that the scheduler died. Not here: what is wrong
(`signs`), what that changes (`rules`).
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg

from foundation.clock import system_clock
from foundation.logging import configure_logging, get_logger
from foundation.settings import Settings, load_settings
from pipelines import quality
from pipelines.alerts import store
from pipelines.alerts.rules import Doubts
from pipelines.alerts.signs import Limits, look
from pipelines.alerts.sinks import Sink, sinks_of

KEEP_NOTICES = timedelta(days=30)
UNREACHABLE_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class Pace:
    """How often to look, how long a cause must stay away before it is over."""

    every_s: float = 5.0
    settle: timedelta = timedelta(seconds=30)
    limits: Limits = field(default_factory=Limits)


class Watch:
    """Two loops, so that a slow receiver never delays a look."""

    def __init__(self, settings: Settings, sinks: dict[str, Sink], pace: Pace) -> None:
        self._settings = settings
        self._sinks = sinks
        self._pace = pace
        self._doubts = Doubts()
        self._started_at = system_clock()
        self._answered_at = self._started_at
        self._is_unreachable_told = False

    async def run(self) -> None:
        """Look and tell until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._looking())
            group.create_task(self._telling())

    async def _looking(self) -> None:
        while True:
            try:
                self._look_once()
            except psycopg.Error as error:
                get_logger().warning("watch_is_blind", reason=str(error).strip())
                await self._tell_unreachable(system_clock())
            await asyncio.sleep(self._pace.every_s)

    def _look_once(self) -> None:
        now = system_clock()
        seen = look(self._settings, self._pace.limits, now=now, started_at=self._started_at)
        believed = self._doubts.confirmed(seen)
        with self._warehouse() as warehouse:
            quality.ensure_tables(warehouse)
            store.take_in(warehouse, believed, now, settle=self._pace.settle, sinks=list(self._sinks))
            store.forget_old(warehouse, now - KEEP_NOTICES)
        self._answered_at, self._is_unreachable_told = now, False

    async def _telling(self) -> None:
        while True:
            try:
                await self._tell_due()
            except psycopg.Error as error:
                get_logger().warning("watch_cannot_tell", reason=str(error).strip())
            await asyncio.sleep(min(1.0, self._pace.every_s))

    async def _tell_due(self) -> None:
        with self._warehouse() as warehouse:
            due = store.take_due(warehouse, system_clock(), sinks=list(self._sinks))
        heard = await asyncio.gather(*(self._tell(notice) for notice in due))
        with self._warehouse() as warehouse:
            for notice, is_told in zip(due, heard, strict=True):
                if is_told:
                    store.mark_sent(warehouse, notice, system_clock())

    async def _tell(self, notice: store.Notice) -> bool:
        try:
            return await self._sinks[notice.sink].tell(notice)
        except Exception:
            # Whatever one sink does, the others hear.
            get_logger().exception("sink_failed", sink=notice.sink)
            return False

    async def _tell_unreachable(self, now: datetime) -> None:
        """The one alert that cannot be stored: the database itself. Told once, directly."""
        if self._is_unreachable_told or now - self._answered_at < UNREACHABLE_AFTER:
            return
        self._is_unreachable_told = True
        title, detail = (
            "Start PostgreSQL: it does not answer the watch",
            "See `getit status` and `getit logs postgres`.",
        )
        for name in self._sinks:
            await self._tell(store.Notice(uuid4(), name, "dead:postgres", "opened", title, detail, now, 1))

    def _warehouse(self) -> store.Connection:
        url = self._settings.postgres("getit_warehouse", role="getit_pipelines")
        return psycopg.connect(url, connect_timeout=5, autocommit=True, application_name="getit-watch")


def pace_of(arguments: Sequence[str] | None = None) -> Pace:
    """Command line; every duration in seconds."""
    usual, limits = Pace(), Limits()
    parser = argparse.ArgumentParser(prog="python -m pipelines.alerts.watch", description=__doc__)
    parser.add_argument("--every", type=float, default=usual.every_s, help="seconds between two looks")
    parser.add_argument("--settle", type=float, default=usual.settle.total_seconds(), help="a cause is over after")
    for name in vars(limits):
        default = getattr(limits, name).total_seconds()
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=default, help="limit, see signs.Limits")
    options = parser.parse_args(arguments)
    chosen = Limits(**{name: timedelta(seconds=getattr(options, name)) for name in vars(limits)})
    return Pace(options.every, timedelta(seconds=options.settle), chosen)


async def _main(settings: Settings, pace: Pace) -> None:
    sinks = sinks_of(settings)
    running = asyncio.create_task(Watch(settings, sinks, pace).run())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        get_logger().info("watch_stopped")
    finally:
        for sink in sinks.values():
            await sink.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    settings = load_settings()
    configure_logging("watch", settings.log_level)
    asyncio.run(_main(settings, pace_of(arguments)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
