"""From an empty machine to a running shop: engines, one-time steps with progress bars, services, summary.

Not here: what a step does (see `steps`), how processes are kept (see `supervisor`).
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from foundation.settings import Settings
from getit import services as registry
from getit.child import check_ports
from getit.supervisor import StartFailed, Supervisor


@dataclass(frozen=True)
class Timing:
    """Wall time of one part of the start."""

    name: str
    seconds: float
    peak_bytes: int


class Bootstrap:
    """One start of an installation."""

    def __init__(self, settings: Settings, supervisor: Supervisor, console: Console) -> None:
        self.settings = settings
        self.supervisor = supervisor
        self.console = console
        self.timings: list[Timing] = []
        self._started = time.monotonic()
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("[bold]{task.description:<24}"),
            BarColumn(bar_width=30),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[what]}"),
            console=console,
        )

    async def run(self) -> None:
        """Bring everything up; returns when the shop is ready.

        Raises:
            StartFailed, PortTaken: something cannot start; the message says what to do.
        """
        settings = self.settings
        # A port that is taken is told before minutes of work, not after.
        for service in registry.all_services(settings):
            check_ports(service, settings.host)
        with self._progress:
            await self._timed("engines", self.supervisor.start(registry.engine_services(settings)))
            await self._step("migrate", "databases and tables")
            is_fresh = not await asyncio.to_thread(_has_history, settings)
            learning = registry.learning_services(settings)
            if is_fresh:
                await self._first_run(learning)
                learning = []
            await self._timed("services", self._start_services(learning))

    async def _first_run(self, learning: list[registry.Service]) -> None:
        mlflow = asyncio.create_task(self.supervisor.start(learning))
        await self._step("import-panel", "real order history")
        await self._step("import-market", "sandbox market history")
        await mlflow
        await self._step("pipelines", "warehouse and models")

    async def _start_services(self, learning: list[registry.Service]) -> None:
        services = [*learning, *registry.application_services(self.settings), registry.gateway_service(self.settings)]
        await self.supervisor.start(services)

    async def _timed(self, name: str, work: Awaitable[None]) -> None:
        bar = self._progress.add_task(name, total=None, what="starting")
        started = time.monotonic()
        await work
        self._finish(bar, name, started)

    def _finish(self, bar: TaskID, name: str, started: float) -> None:
        self._progress.update(bar, total=1, completed=1, what="done")
        self.timings.append(Timing(name, time.monotonic() - started, self.supervisor.memory.peak_bytes))
        if not self.console.is_terminal:
            self.console.print(f"{name}: {time.monotonic() - started:.1f} s")

    async def _step(self, name: str, description: str) -> None:
        bar = self._progress.add_task(description, total=1.0, what="")
        started = time.monotonic()
        log = self.settings.folder("logs") / f"setup-{name}.log"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "getit.steps", name,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env=registry.child_environment(self.settings) | {"DAGSTER_HOME": str(self.settings.folder("dagster"))},
            limit=2**20, cwd=registry.ROOT,
        )  # fmt: skip
        try:
            await self._follow(process, bar, log)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            raise
        if await process.wait() != 0:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
            raise StartFailed(f"The step {name!r} failed. Its log ({log}) ends with:\n{tail}")
        self._finish(bar, description, started)

    async def _follow(self, process: asyncio.subprocess.Process, bar: TaskID, log: Path) -> None:
        stream = process.stdout
        if stream is None:
            return
        done = 0
        with log.open("wb") as file:
            async for raw in stream:
                line = raw.decode(errors="replace").rstrip()
                if line.startswith("progress "):
                    _, fraction, what = (line + "  ").split(" ", 2)
                    self._progress.update(bar, completed=float(fraction), what=what.strip())
                elif line.startswith("step "):
                    done += line.split()[2] == "done"
                    self._progress.update(bar, completed=done / (done + 4), what=line.removeprefix("step "))
                file.write(raw)
                file.flush()

    def summary(self) -> None:
        """Print times, memory and addresses."""
        table = Table("step", "seconds", "peak memory (GiB)", title="GetIt is ready")
        for timing in self.timings:
            table.add_row(timing.name, f"{timing.seconds:.1f}", f"{timing.peak_bytes / 2**30:.2f}")
        total = time.monotonic() - self._started
        table.add_row("in all", f"{total:.1f}", f"{self.supervisor.memory.peak_bytes / 2**30:.2f}", style="bold")
        self.console.print(table)
        addresses = Table(show_header=False, box=None)
        for name, url in urls(self.settings).items():
            addresses.add_row(f"[bold]{name}", url)
        self.console.print(addresses)


def urls(settings: Settings) -> dict[str, str]:
    """Where a person goes."""
    base = settings.gateway
    return {
        "dashboards": f"{base}/dashboards/",
        "shop API": f"{base}/commerce/docs",
        "scoring API": f"{base}/serving/docs",
        "Dagster": f"{base}/dagster",
        "MLflow": f"{base}/mlflow/",
    }


def _has_history(settings: Settings) -> bool:
    """Whether the first run got to its end: bundles are published last."""
    bundles = settings.home.absolute() / "bundles"
    if not all((bundles / family / "champion.json").exists() for family in ("fraud", "demand", "supply")):
        return False
    with psycopg.connect(settings.postgres("getit")) as connection:
        row = connection.execute("select exists (select 1 from imports.runs where finished_at is not null)").fetchone()
    return bool(row and row[0])
