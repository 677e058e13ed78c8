"""The champions in memory: watched on disk, verified, swapped whole; the previous one stays until the new one works.

Not here: what a champion is used for.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from foundation.logging import get_logger
from models.bundle import BundleRefused, champion_folder

POLL_S = 1.0
Loaded = TypeVar("Loaded")
_log = get_logger(component="champions")


class Champion(Generic[Loaded]):
    """The loaded bundle of one family; `current` is None until there is one."""

    def __init__(self, family: str, home: Path, load: Callable[[Path], Loaded]) -> None:
        self.family = family
        self.current: Loaded | None = None
        self.problem: str | None = "missing"
        self._home = home
        self._load = load
        self._folder: Path | None = None
        self._refused: Path | None = None

    def refresh(self) -> bool:
        """Look at the pointer and load what it names if that is new; whether it was swapped. Runs in a thread."""
        folder = self._pointed()
        if folder is None or folder in {self._folder, self._refused}:
            return False
        try:
            fresh = self._load(folder)
        except BundleRefused as error:
            self._refused = folder
            self.problem = "refused"
            _log.error("bundle refused, keeping the previous one", family=self.family, error=str(error))
            return False
        # One assignment: a request sees the old one or the new one, never half.
        self.current, self._folder, self.problem = fresh, folder, None
        _log.info("champion loaded", family=self.family, version=folder.name)
        return True

    def _pointed(self) -> Path | None:
        try:
            return champion_folder(self._home, self.family)
        except (BundleRefused, OSError, ValueError):
            return None


class Watcher:
    """Refreshes champions every second."""

    def __init__(self, *champions: Champion[object]) -> None:
        self._champions = champions
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load what is there, then watch."""
        await self._refresh()
        self._task = asyncio.create_task(self._watch())

    async def _refresh(self) -> None:
        for champion in self._champions:
            await asyncio.to_thread(champion.refresh)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            await self._refresh()

    async def stop(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
