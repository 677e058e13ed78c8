"""Fixtures that all tests share: real engines started once, a fresh database for each module, the shop on it."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from ports import free_port

from foundation.settings import Settings
from getit.databases import prepare_databases
from getit.engines import engine_environment, postgres_command, valkey_command
from getit.privileges import before_exec

ROOT = Path(__file__).parent.parent

pytest_plugins = ["two_processes", "shop_fixtures", "fraud_fixtures"]

os.environ.update(
    DO_NOT_TRACK="1",
    DAGSTER_DISABLE_TELEMETRY="1",
    MLFLOW_DISABLE_TELEMETRY="true",
    NO_PROXY="*",
    GIT_PYTHON_REFRESH="quiet",
)


class Engine:
    """An embedded PostgreSQL that a test may kill and start again."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        # The kernel ties "die with the parent" to the thread that started the child: one thread, kept for good.
        self._starter = ThreadPoolExecutor(1)

    def command(self) -> list[str]:
        return postgres_command(self.settings)

    def start(self) -> None:
        self._starter.submit(self._start).result()

    def _start(self) -> None:
        with (self.settings.folder("logs") / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                env=engine_environment(),
                stdout=log,
                stderr=log,
                preexec_fn=before_exec(death_signal=signal.SIGINT, drops_root=True),
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.settings.server(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None:
                    # After a SIGKILL the shared memory of the old server may live a moment longer.
                    self._start()
                    return
                assert time.monotonic() < deadline, "PostgreSQL did not start"
                time.sleep(0.05)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def abandon(self) -> None:
        """Stop at once: nobody will read these files again."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="getit-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def base_settings(home: Path) -> Settings:
    """Settings of the test installation: everything on free ports below one temporary home."""
    names = (
        "gateway", "commerce", "serving", "dashboards", "dagster", "mlflow", "sandbox", "postgres", "valkey",
        "gateway_admin", "relay_metrics",
    )  # fmt: skip
    ports = {f"{name}_port": free_port() for name in names}
    # Tests ask as fast as they can; what they would be refused for has a test of its own.
    return Settings(home=home, pool_size=16, rate_limits=False, **ports)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def engine(base_settings: Settings) -> Iterator[Engine]:
    """PostgreSQL with the migrated, empty databases as templates."""
    engine = Engine(base_settings)
    engine.start()
    prepare_databases(base_settings)
    yield engine
    engine.abandon()


@pytest.fixture(scope="session")
def valkey(base_settings: Settings) -> Iterator[str]:
    """Valkey's URL."""
    process = subprocess.Popen(valkey_command(base_settings), env=engine_environment(), preexec_fn=before_exec())
    wait_for_port(base_settings.valkey_port)
    yield base_settings.valkey
    process.terminate()
    process.wait(10)


def wait_for_port(port: int, timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, f"nothing listens on {port}"
        time.sleep(0.02)


_counter = iter(range(1_000_000))


@pytest.fixture(scope="module")
def settings(base_settings: Settings, engine: Engine) -> Iterator[Settings]:
    """Settings with a fresh copy of the migrated databases, for one module."""
    prefix = f"t{os.getpid()}_{next(_counter)}"
    own = base_settings.model_copy(update={"database_prefix": prefix})
    with psycopg.connect(base_settings.server(), autocommit=True) as connection:
        for database in ("getit", "getit_warehouse"):
            template, name = base_settings.database_name(database), own.database_name(database)
            connection.execute(f"create database {name} template {template} strategy wal_log")
    yield own
    with psycopg.connect(base_settings.server(), autocommit=True) as connection:
        for database in ("getit", "getit_warehouse"):
            connection.execute(f"drop database if exists {own.database_name(database)} with (force)")


def environment_of(settings: Settings) -> dict[str, str]:
    """Environment that gives a child process these very settings."""
    given = {
        f"GETIT_{name.upper()}": str(value) for name, value in settings.model_dump().items() if value not in (None, ())
    }
    return {**os.environ, **given, "PYTHONUNBUFFERED": "1"}


@pytest.fixture(scope="session")
def child_environment() -> Callable[[Settings], dict[str, str]]:
    return environment_of


@pytest.fixture
def launch() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start modules as processes; they end with the test."""
    yield from _launching()


@pytest.fixture(scope="module")
def launch_module() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """As `launch`; they end with the module's tests."""
    yield from _launching()


def _launching() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []

    def start(settings: Settings, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**environment_of(settings), **environment},
            preexec_fn=before_exec(),
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
def run() -> Callable[..., object]:
    """Run a coroutine to its end."""
    return asyncio.run
