"""Scoring under load, beside the same model served by `mlflow models serve`: open loop, latency from the due instant.

Asks our API through the gateway for decisions on real checkouts, each with its features looked up, reasons spelled and
the decision stored; then MLflow's server for bare predictions from ready features at the same rate. The last line is
JSON. Run: `python tests/bench/scoring.py --url http://127.0.0.1:7700 --rate 200 --json` with the installation's settings
in the environment. Not here: correctness (tests/integration/serving).
"""

import argparse
import asyncio
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2]))

import httpx
import numpy as np
import psycopg

from foundation.settings import Settings, load_settings
from models.registry import REGISTERED, logged_model_folder

WARM_UP_S = 3.0
START_DEADLINE_S = 120.0
CHECKOUTS = """
select g.buyer_id, u.created_at as buyer_created_at, g.payment_method, g.total_poisha as amount_poisha, g.subtotal_poisha,
    g.discount_poisha, g.district_code, g.device_index, g.phone_index, g.voucher_code,
    (select count(*) from orders.order_lines l join orders.orders o on o.id = l.order_id where o.group_id = g.id) as item_count,
    (select count(*) from orders.orders o where o.group_id = g.id) as seller_count,
    (select max(l.subtotal_poisha) from orders.order_lines l join orders.orders o on o.id = l.order_id
     where o.group_id = g.id) as max_line_poisha
from orders.order_groups g join identity.users u on u.id = g.buyer_id
where g.channel = 'market' order by g.placed_at desc limit 2000
"""
Question = tuple[str, dict[str, str]]


def checkouts(settings: Settings) -> list[dict[str, Any]]:
    """Bodies of real orders of the market, asked about as if they were placed now."""
    with psycopg.connect(settings.postgres("getit"), row_factory=psycopg.rows.dict_row) as connection:
        rows = connection.execute(CHECKOUTS).fetchall()
    if not rows:
        raise SystemExit("There are no market orders to ask about: run `getit up` first.")
    return [
        {"event_type": "checkout", "channel": "web"}
        | {name: value if isinstance(value, int | str | None) else str(value) for name, value in row.items()}
        | {"buyer_created_at": row["buyer_created_at"].isoformat(), "seller_count": max(1, row["seller_count"])}
        | {"item_count": max(1, row["item_count"]), "max_line_poisha": row["max_line_poisha"] or 0}
        for row in rows
    ]


def analyst_token(settings: Settings, url: str) -> str:
    """Token of the fraud team."""
    account = json.loads((settings.folder("secrets") / "staff.json").read_text())["analyst"]
    answer = httpx.post(f"{url}/v1/auth/login", json=account, trust_env=False).raise_for_status()
    return str(answer.json()["access_token"])


def ours(bodies: list[dict[str, Any]]) -> Iterator[bytes]:
    """Endless questions, each a new event."""
    for body in cycle(bodies):
        yield json.dumps(body | {"event_id": str(uuid4()), "occurred_at": datetime.now(UTC).isoformat()}).encode()


def collect_features(url: str, token: str, bodies: list[dict[str, Any]]) -> list[dict[str, float | None]]:
    """What our API looked up for some of them: the rows that MLflow's server is given ready-made."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        return [
            client.post("/v1/fraud/score", content=content).raise_for_status().json()["features"]
            for content, _ in zip(ours(bodies), range(200), strict=False)
        ]


def theirs(rows: list[dict[str, float | None]], names: list[str]) -> Iterator[bytes]:
    """Endless predictions to ask of MLflow's server, features in the order of its signature."""
    for row in cycle(rows):
        data = [[row.get(name) for name in names]]
        yield json.dumps({"dataframe_split": {"columns": names, "data": data}}).encode()


async def fire(url: str, questions: Iterator[bytes], *, rate: float, seconds: float, token: str = "") -> dict[str, Any]:
    """Open loop: question i is due at i ÷ rate whether or not the ones before were answered."""
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    latencies: list[float] = []
    statuses: Counter[str] = Counter()
    async with httpx.AsyncClient(headers=headers, limits=limits, timeout=10, trust_env=False) as client:

        async def ask(due: float) -> None:
            try:
                answer = await client.post(url, content=next(questions))
                statuses[str(answer.status_code)] += 1
            except httpx.HTTPError as error:
                statuses[type(error).__name__] += 1
            latencies.append((time.perf_counter() - due) * 1000)

        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(int(rate * seconds)):
                due = started + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(ask(due))
        took = time.perf_counter() - started
    p50, p99 = np.percentile(latencies, [50, 99])
    return {
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "rps": round(len(latencies) / took, 1),
        "statuses": statuses,
    }


def measure(
    url: str, questions: Callable[[], Iterator[bytes]], *, rate: float, seconds: float, token: str = ""
) -> dict:
    """Warm up, then measure."""
    asyncio.run(fire(url, questions(), rate=rate, seconds=WARM_UP_S, token=token))
    return asyncio.run(fire(url, questions(), rate=rate, seconds=seconds, token=token))


@contextmanager
def mlflow_server(settings: Settings, folder: Path) -> Iterator[str]:
    """`mlflow models serve` of the champion; its address."""
    model = logged_model_folder(REGISTERED["fraud"], "champion", tracking_uri=settings.mlflow, target=folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(model), "-p", str(port), "-h", "127.0.0.1",
               "--env-manager", "local", "--workers", "1"]  # fmt: skip
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server, folder / "server.log")
            yield address
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=20)


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_DEADLINE_S
    while True:
        try:
            if httpx.get(f"{address}/ping", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"mlflow models serve did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.2)


def _names(model: Path) -> list[str]:
    import yaml

    signature = yaml.safe_load((model / "MLmodel").read_text())["signature"]
    return [column["name"] for column in json.loads(signature["inputs"])]


def run(url: str, rate: float, seconds: float) -> dict[str, Any]:
    """Keys of this part of the bench."""
    settings = load_settings()
    token, bodies = analyst_token(settings, url), checkouts(settings)
    rows = collect_features(url, token, bodies)
    mine = measure(f"{url}/v1/fraud/score", lambda: ours(bodies), rate=rate, seconds=seconds, token=token)
    print(f"getit   {mine}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="getit-serve-"))
    try:
        with mlflow_server(settings, folder) as address:
            names = _names(next(folder.rglob("MLmodel")).parent)
            peer = measure(f"{address}/invocations", lambda: theirs(rows, names), rate=rate, seconds=seconds)
            print(f"mlflow  {peer}", flush=True)
            # A peer that drowns at this rate is also shown at one it can keep.
            calm_rate = min(rate, peer["rps"] / 2)
            calm = measure(f"{address}/invocations", lambda: theirs(rows, names), rate=calm_rate, seconds=seconds)
            print(f"mlflow  {calm}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, found in (("getit", mine), ("mlflow", peer)):
        if set(found["statuses"]) != {"200"} or math.isnan(found["p50_ms"]):
            print(f"{name}: not every answer was 200: {dict(found['statuses'])}", flush=True)
    return {
        "score_p50_ms": mine["p50_ms"], "score_p99_ms": mine["p99_ms"], "mlflow_serve_p50_ms": peer["p50_ms"],
        "mlflow_serve_p99_ms": peer["p99_ms"], "score_rate_rps": mine["rps"], "mlflow_serve_rate_rps": peer["rps"],
        "mlflow_serve_calm_p50_ms": calm["p50_ms"], "mlflow_serve_calm_p99_ms": calm["p99_ms"],
        "mlflow_serve_calm_rate_rps": calm["rps"],
        "score_errors": sum(n for status, n in mine["statuses"].items() if status != "200"),
        "mlflow_serve_errors": sum(n for status, n in peer["statuses"].items() if status != "200"),
    }  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--url", default=load_settings().gateway)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true", help="only the last line matters to a program")
    given = parser.parse_args()
    print(json.dumps(run(given.url, given.rate, given.seconds)))
