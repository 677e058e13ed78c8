"""The guard: a small process that outlives the supervisor by seconds and ends whatever it left running.

It waits on a pipe that closes when the supervisor dies, however it dies. Not here: restarting anything.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

GRACE_S = 20.0


class Guard:
    """The supervisor's side: tells the guard which processes there are."""

    def __init__(self, folder: Path) -> None:
        self._table = folder / "processes.json"
        self._table.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "getit.guard", str(self._table)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def record(self, pids: Mapping[str, int], order: Sequence[str]) -> None:
        """Note the processes, in the order they were started."""
        rows = [[name, pids[name], _born(pids[name])] for name in order if name in pids]
        fresh = self._table.with_suffix(".new")
        fresh.write_text(json.dumps(rows))
        fresh.replace(self._table)

    def release(self) -> None:
        """All were stopped properly: nothing to do for the guard."""
        self._table.unlink(missing_ok=True)
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def _born(pid: int) -> float:
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def _survivors(table: Path) -> list[tuple[str, psutil.Process]]:
    rows = json.loads(table.read_text())
    found = []
    for name, pid, born in reversed(rows):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            # A pid may have been given to a stranger: the time of birth tells.
            if abs(process.create_time() - born) < 0.05:
                found.append((name, process))
    return found


def _session_members(sessions: set[int]) -> list[psutil.Process]:
    """Processes of the sessions our children led: also those whose leader is dead already."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) in sessions:
                found.append(process)
    return found


def end_all(table: Path) -> None:
    """End every process in the table, last started first, with what they started."""
    rows = json.loads(table.read_text())
    families = _session_members({pid for _, pid, _ in rows})
    survivors = _survivors(table)
    for _, process in survivors:
        with contextlib.suppress(psutil.Error):
            families += process.children(recursive=True)
    for name, process in survivors:
        with contextlib.suppress(psutil.Error):
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
    databases = {process.pid for name, process in survivors if name == "postgres"}
    for process in families:
        with contextlib.suppress(psutil.Error):
            if not databases & {process.pid, process.ppid()}:
                process.terminate()
    _, alive = psutil.wait_procs(families, timeout=GRACE_S)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    table.unlink(missing_ok=True)


def main() -> None:
    """Wait for the supervisor's end; then clean up if it left a table."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    table = Path(sys.argv[1])
    while os.read(0, 1):
        pass
    if table.exists():
        end_all(table)


if __name__ == "__main__":
    main()
