"""One supervised process: start, watch, stop with everything it started. Not here: when to restart it."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from pathlib import Path

import psutil

from getit.engines import STOP_SIGNALS, engine_environment
from getit.privileges import before_exec
from getit.services import ROOT, Service

MAX_LOG_BYTES = 20_000_000


class PortTaken(Exception):
    """A port that a service needs belongs to somebody else."""

    def __init__(self, service: str, setting: str, port: int) -> None:
        owner = _owner_of(port)
        super().__init__(
            f"{service} cannot start: port {port} is taken{f' by {owner}' if owner else ''}. "
            f"Stop that process or choose another port with {setting}."
        )


def _owner_of(port: int) -> str | None:
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("inet"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                if connection.pid is None:
                    return None
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return None


def is_port_free(host: str, port: int) -> bool:
    """Whether we could listen on it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def check_ports(service: Service, host: str) -> None:
    """Make sure that a service's ports are free.

    Raises:
        PortTaken: one is not.
    """
    for setting, port in service.ports.items():
        if not is_port_free(host, port):
            raise PortTaken(service.name, setting, port)


class Child:
    """A running process of a service."""

    def __init__(self, service: Service, process: asyncio.subprocess.Process) -> None:
        self.service = service
        self.process = process
        self.started_at = time.time()

    @property
    def pid(self) -> int:
        return self.process.pid

    @classmethod
    async def start(cls, service: Service, *, environment: dict[str, str], log: Path, host: str) -> "Child":
        """Start the process of a service, in a session of its own.

        Raises:
            PortTaken: one of its ports is not free.
        """
        check_ports(service, host)
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        base = engine_environment() if service.is_engine else environment
        command = await asyncio.to_thread(service.command)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**base, **service.environment},
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=before_exec(
                    death_signal=_stop_signal(service),
                    drops_root=service.drops_root,
                    is_background=service.is_background,
                ),
            )
        return cls(service, process)

    async def stop(self) -> None:
        """Ask it to stop, wait, then end it and everything it started."""
        family = _family(self.pid)
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(_stop_signal(self.service))
        try:
            await asyncio.wait_for(self.process.wait(), self.service.stop_timeout_s)
        except TimeoutError:
            self.kill()
            await self.process.wait()
        await asyncio.to_thread(_end_family, family)

    def kill(self) -> None:
        """End it and its session at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def clear_descendants(self) -> None:
        """After it died by itself: end what it left behind in its session."""
        self.kill()


def _stop_signal(service: Service) -> signal.Signals:
    return STOP_SIGNALS.get(service.name, signal.SIGTERM)


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _end_family(family: list[psutil.Process]) -> None:
    """End descendants that outlived their parent."""
    for process in family:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(family, timeout=5)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
