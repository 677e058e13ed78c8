"""Keeps the processes running: start in order of need, restart with back-off, stop in reverse, leave no orphan.

The guard (see `guard`) ends everything if the supervisor itself is killed. Not here: which processes there are.
"""

import asyncio
import contextlib
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from foundation.settings import Settings
from getit.child import Child, PortTaken
from getit.guard import Guard
from getit.memory import MemoryWatch
from getit.services import Service, child_environment

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 15.0
STABLE_AFTER_S = 20.0
READY_TIMEOUT_S = 120.0
PROBE_EVERY_S = 0.1


class StartFailed(Exception):
    """A service did not become ready; the message says where to look."""


@dataclass
class Status:
    """What is known of one service."""

    name: str
    state: str = "waiting"
    pid: int | None = None
    restarts: int = 0
    since: float = 0.0
    detail: str = ""


class Supervisor:
    """Runs services until told to stop."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.statuses: dict[str, Status] = {}
        self.memory = MemoryWatch()
        self._environment = child_environment(settings)
        self._children: dict[str, Child] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._ready: dict[str, asyncio.Event] = {}
        self._order: list[str] = []
        self._stopping = False
        self._guard = Guard(settings.folder("run"))

    async def start(self, services: list[Service]) -> None:
        """Start services in order of need; returns when all are ready.

        Raises:
            PortTaken, StartFailed: one of them cannot start. Those that run are left for `stop`.
        """
        known = set(self._ready) | {service.name for service in services}
        for service in services:
            self._ready[service.name] = asyncio.Event()
            self.statuses[service.name] = Status(service.name)
        firsts = [asyncio.create_task(self._first_start(service, known)) for service in services]
        try:
            await asyncio.gather(*firsts)
        except BaseException:
            for task in firsts:
                task.cancel()
            await asyncio.gather(*firsts, return_exceptions=True)
            raise

    async def _first_start(self, service: Service, known: set[str]) -> None:
        for need in service.needs:
            if need in known:
                await self._ready[need].wait()
        if self._stopping:
            return
        await self._launch(service)
        await self._until_ready(service)
        self._keepers[service.name] = asyncio.create_task(self._keep(service))

    async def _launch(self, service: Service) -> None:
        log = self.settings.folder("logs") / f"{service.name}.log"
        child = await Child.start(service, environment=self._environment, log=log, host=self.settings.host)
        self._children[service.name] = child
        if service.name not in self._order:
            self._order.append(service.name)
        self._guard.record({name: child.pid for name, child in self._children.items()}, self._order)
        self._set(service.name, "starting", pid=child.pid)

    async def _until_ready(self, service: Service) -> None:
        child = self._children[service.name]
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not await service.ready():
            if child.process.returncode is not None:
                raise StartFailed(self._why(service, f"ended with code {child.process.returncode}"))
            if time.monotonic() > deadline:
                raise StartFailed(self._why(service, f"was not ready within {READY_TIMEOUT_S:.0f} s"))
            await asyncio.sleep(PROBE_EVERY_S)
        self._ready[service.name].set()
        self._set(service.name, "running", pid=child.pid)

    def _why(self, service: Service, what: str) -> str:
        log = self.settings.folder("logs") / f"{service.name}.log"
        tail = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
        return "\n".join([f"{service.name} {what}. Its log ends with (getit logs {service.name}):", *tail])

    async def _keep(self, service: Service) -> None:
        pause = FIRST_PAUSE_S
        while not self._stopping:
            child = self._children[service.name]
            code = await child.process.wait()
            if self._stopping:
                return
            await child.clear_descendants()
            self._ready[service.name].clear()
            pause = (
                FIRST_PAUSE_S if time.time() - child.started_at > STABLE_AFTER_S else min(pause * 2, LONGEST_PAUSE_S)
            )
            self.statuses[service.name].restarts += 1
            self._set(service.name, "restarting", detail=f"ended with code {code}, next try in {pause:.1f} s")
            await asyncio.sleep(pause)
            try:
                await self._launch(service)
                await self._until_ready(service)
            except (PortTaken, StartFailed, OSError) as error:
                self._set(service.name, "failing", detail=str(error).splitlines()[0])
                with contextlib.suppress(KeyError):
                    self._children[service.name].kill()

    def _set(self, name: str, state: str, *, pid: int | None = None, detail: str = "") -> None:
        status = self.statuses[name]
        status.state, status.pid, status.detail, status.since = state, pid, detail, time.time()
        self.write_state()

    def write_state(self) -> None:
        """Publish the process table for `getit status`."""
        document = {
            "supervisor_pid": os.getpid(),
            "written_at": time.time(),
            "peak_memory_bytes": self.memory.peak_bytes,
            "services": [asdict(status) for status in self.statuses.values()],
        }
        path = self.settings.folder("run") / "state.json"
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(document))
        fresh.replace(path)

    async def watch(self) -> None:
        """Measure memory and refresh the process table until cancelled."""
        while True:
            await asyncio.to_thread(self.memory.sample)
            self.write_state()
            await asyncio.sleep(2.0)

    async def stop(self) -> None:
        """Stop every service, last started first."""
        self._stopping = True
        for task in self._keepers.values():
            task.cancel()
        for name in reversed(self._order):
            child = self._children[name]
            if child.process.returncode is None:
                self._set(name, "stopping", pid=child.pid)
                await child.stop()
            self._set(name, "stopped")
        self._guard.release()


def read_state(home: Path) -> dict[str, object] | None:
    """The process table of a running installation; None if none runs there."""
    try:
        document: dict[str, object] = json.loads((home / "run" / "state.json").read_text())
        pid = int((home / "run" / "supervisor.pid").read_text())
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return document
