"""`make bench-loop`: from an empty home to a running shop, scoring beside MLflow's own server, the demand back-test.

Prints a table and writes .getit/bench/loop.json (keys and goals: docs/reference/performance.md). Every number is measured in
this run; one that could not be measured is null with its reason under "notes".
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parent))
from report import publish

ROOT = Path(__file__).parent.parent.parent
KEYS = (
    "import_seconds", "import_lines", "loop_seconds_after_install", "loop_peak_gib", "restart_seconds", "score_p50_ms",
    "score_p99_ms", "mlflow_serve_p50_ms", "mlflow_serve_p99_ms", "panel_wmape_product_week", "panel_wmape_category_week",
)  # fmt: skip
PORTS = (
    "GATEWAY", "COMMERCE", "SERVING", "DASHBOARDS", "DAGSTER", "MLFLOW", "SANDBOX", "POSTGRES", "VALKEY", "GATEWAY_ADMIN",
    "RELAY_METRICS",
)  # fmt: skip
RATE = 200
RUN_DEADLINE_S = 300
GETIT = [sys.executable, "-m", "getit"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Loop:
    """One installation in a temporary home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        ports = {f"GETIT_{name}_PORT": str(free_port()) for name in PORTS}
        self.environment = {**os.environ, **ports, "GETIT_HOME": str(home)}
        self.gateway = f"http://127.0.0.1:{ports['GETIT_GATEWAY_PORT']}"

    def up(self) -> float:
        started = time.monotonic()
        done = subprocess.run(
            [*GETIT, "up", "--detach"], cwd=ROOT, env=self.environment, check=False, text=True, capture_output=True
        )
        if done.returncode != 0:
            raise RuntimeError(done.stdout[-3000:])
        print(done.stdout, flush=True)
        return time.monotonic() - started

    def down(self) -> None:
        subprocess.run([*GETIT, "down"], cwd=ROOT, env=self.environment, check=False)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No market and no new pipeline runs meanwhile; runs that are under way are waited for."""
        command = [*GETIT, "status", "--json"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, check=False, text=True, capture_output=True)
        pids = [row["pid"] for row in json.loads(done.stdout)["services"] if row["name"] in {"market", "scheduler"}]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            self._wait_for_runs()
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _wait_for_runs(self) -> None:
        query = "{ runsOrError(filter: {statuses: [QUEUED, STARTING, STARTED]}) { ... on Runs { results { id } } } }"
        deadline = time.monotonic() + RUN_DEADLINE_S
        while True:
            answer = httpx.post(f"{self.gateway}/dagster/graphql", json={"query": query}, timeout=30, trust_env=False)
            if not answer.raise_for_status().json()["data"]["runsOrError"]["results"]:
                return
            if time.monotonic() > deadline:
                raise RuntimeError("a pipeline run did not end")
            time.sleep(1)

    def ready(self) -> dict[str, Any]:
        return dict(json.loads((self.home / "run" / "ready.json").read_text()))


def measure_loop(loop: Loop, found: dict[str, Any]) -> None:
    found["loop_seconds_after_install"] = round(loop.up(), 1)
    found["loop_peak_gib"] = round(loop.ready()["peak_memory_bytes"] / 2**30, 2)
    report = json.loads((loop.home / "run" / "import-panel.json").read_text())
    found["import_lines"] = report["runs"][0]["file"]["rows"]
    found["import_seconds"] = loop.ready()["seconds"]["real order history"]
    loop.down()
    found["restart_seconds"] = round(loop.up(), 1)


def measure_scoring(loop: Loop, found: dict[str, Any]) -> None:
    command = [sys.executable, "tests/bench/scoring.py", "--url", loop.gateway, "--rate", str(RATE), "--json"]
    with loop.alone():
        done = subprocess.run(command, cwd=ROOT, env=loop.environment, check=False, text=True, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    found.update(json.loads(done.stdout.strip().splitlines()[-1]))


def measure_demand(_: Loop, found: dict[str, Any]) -> None:
    done = subprocess.run(
        [sys.executable, "tests/bench/demand_panel.py", "--json"], cwd=ROOT, check=False, text=True, capture_output=True
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-2000:])
    print(done.stdout, flush=True)
    found.update(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> int:
    console, found, notes = Console(), {}, {}
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    home = Path(tempfile.mkdtemp(prefix="getit-bench-"))
    home.chmod(0o755)
    loop = Loop(home / "home")
    try:
        for part, keys in ((measure_loop, KEYS[:5]), (measure_scoring, KEYS[5:9]), (measure_demand, KEYS[9:])):
            try:
                part(loop, found)
            except Exception as error:
                console.print(f"[red]{part.__name__}: {error}[/red]")
                notes.update({key: f"{type(error).__name__}: {str(error)[:300]}" for key in keys if key not in found})
    finally:
        loop.down()
        shutil.rmtree(home, ignore_errors=True)
    publish("loop", KEYS, found, started_at=started_at, notes=notes)
    return 1 if notes else 0


if __name__ == "__main__":
    sys.exit(main())
