"""A killed daemon, a broken asset, a starved source: one alert each, within a minute, and one word when it is over."""

import hmac
import json
import threading
import time
from base64 import b64decode, b64encode
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import httpx
import psycopg
import pytest
from conftest import free_port, wait_for_port

from foundation.clock import system_clock
from pipelines.alerts.signs import Limits, look
from pipelines.ingest.batch import ingest
from pipelines.ingest.sources import source_tables
from pipelines.instance import write_instance

SECRET = "whsec_" + b64encode(b"alerts of the test, thirty-two b").decode()
STARVED = "orders.order_lines"
RAW_LIMIT_S = 12
SCHEDULED = """
import dagster as dg

@dg.op
def nothing(): ...

@dg.job
def idle():
    nothing()

@dg.schedule(job=idle, cron_schedule="* * * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def idle_schedule(context):
    return dg.SkipReason("a test")

defs = dg.Definitions(jobs=[idle], schedules=[idle_schedule])
"""


@dataclass
class Heard:
    """What the receiver took, after refusing the first calls."""

    url: str = ""
    refusals: int = 2
    calls: list[tuple[float, dict, bool]] = field(default_factory=list)

    def told(self, kind: str, prefix: str) -> list[float]:
        return [at for at, body, _ in self.calls if body["type"] == kind and body["data"]["cause"].startswith(prefix)]


def is_signed(headers, body: bytes) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(b64decode(SECRET.removeprefix("whsec_")), signed, sha256)
    return headers["webhook-signature"] == "v1," + b64encode(digest).decode()


@pytest.fixture(scope="module")
def heard():
    taken = Heard()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if taken.refusals > 0:
                taken.refusals -= 1
                self.send_error(503)
                return
            taken.calls.append((time.monotonic(), json.loads(body), is_signed(self.headers, body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    taken.url = f"http://127.0.0.1:{server.server_port}/hook?team=data"
    yield taken
    server.shutdown()
    server.server_close()


@dataclass
class World:
    """The installation under test and the processes around it."""

    settings: object
    heard: Heard
    launch: object
    folder: Path
    daemon: object = None
    naive: Counter = field(default_factory=Counter)
    looks: int = 0
    is_starving: bool = True
    is_over: bool = False

    def fetch(self, statement: str, *params: object) -> list[tuple]:
        with psycopg.connect(self.settings.postgres("getit_warehouse", role="getit_pipelines")) as connection:
            return connection.execute(statement, params).fetchall()

    def wait(self, what, *, within_s: float):
        deadline = time.monotonic() + within_s
        while not (found := what()):
            assert time.monotonic() < deadline, [body for _, body, _ in self.heard.calls]
            time.sleep(0.2)
        return found

    def start_daemon(self):
        (self.folder / "scheduled.py").write_text(SCHEDULED)
        environment = {"DAGSTER_HOME": str(write_instance(self.settings))}
        workspace = str(self.folder / "scheduled.py")
        self.daemon = self.launch(self.settings, "-m", "dagster._daemon", "run", "-f", workspace, **environment)

    def beat_age(self) -> float | None:
        try:
            with psycopg.connect(self.settings.postgres("getit_dagster")) as storage:
                statement = (
                    "select extract(epoch from now() at time zone 'utc' - max(timestamp)) from daemon_heartbeats"
                )
                return storage.execute(statement).fetchone()[0]
        except psycopg.errors.UndefinedTable:
            return None

    def is_beating(self) -> bool:
        age = self.beat_age()
        return age is not None and age < 20

    def keep_ingesting(self):
        """Reads every source again and again, but for the one that starves."""
        while not self.is_over:
            tables = [table for table in source_tables() if not self.is_starving or table.full_name != STARVED]
            ingest(self.settings, tables)
            time.sleep(1)

    def watch_naively(self):
        """The broken twin: tells whatever it sees, each time."""
        limits = Limits(raw=timedelta(seconds=RAW_LIMIT_S), start_grace=timedelta(0), stale_grace=timedelta(0))
        started_at = system_clock()
        while not self.is_over:
            seen = look(self.settings, limits, now=system_clock(), started_at=started_at)
            self.naive.update(one.cause for one in seen.sightings)
            self.looks += 1
            time.sleep(1)

    def look_on(self, looks: int = 3) -> None:
        """Both watches, ours and the twin, look a few more times."""
        until = self.looks + looks
        self.wait(lambda: self.looks >= until, within_s=60)


def run_demand(world: World, *, is_broken: bool) -> bool:
    @dg.asset
    def demand_panel() -> None:
        if is_broken:
            raise ValueError("column pay_day is gone")

    with dg.DagsterInstance.get() as instance:
        return dg.materialize([demand_panel], instance=instance, raise_on_error=False).success


@pytest.fixture(scope="module")
def world(warehouse, heard, launch_module, tmp_path_factory):
    port = free_port()
    own = warehouse.model_copy(
        update={
            "alert_webhook_url": heard.url,
            "alert_webhook_secret": SECRET,
            "alert_email": "data-team@example.com",
            "messages_url": f"http://127.0.0.1:{port}",
        }
    )
    launch_module(
        own,
        "-m",
        "uvicorn",
        "sandbox.messages.app:create_app",
        "--factory",
        "--port",
        str(port),
        "--log-level",
        "warning",
    )
    made = World(own, heard, launch_module, tmp_path_factory.mktemp("dagster"))
    made.start_daemon()
    wait_for_port(port)
    yield made
    made.is_over = True


@pytest.fixture(scope="module")
def course(world, monkeypatch_module):
    """Everything that goes wrong, and is mended; when the daemon was killed."""
    monkeypatch_module.setenv("DAGSTER_HOME", str(write_instance(world.settings)))
    ingest(world.settings)
    world.wait(world.is_beating, within_s=60)
    world.launch(
        world.settings, "-m", "pipelines.alerts.watch", "--every", "1", "--settle", "2", "--raw", str(RAW_LIMIT_S),
        "--start-grace", "0", "--stale-grace", "0",
    )  # fmt: skip
    threads = [threading.Thread(target=one, daemon=True) for one in (world.keep_ingesting, world.watch_naively)]
    for thread in threads:
        thread.start()
    world.look_on()
    assert world.heard.calls == []
    killed_at = time.monotonic()
    world.daemon.kill()
    for _ in range(3):
        assert not run_demand(world, is_broken=True)
    world.wait(lambda: world.heard.told("alert.opened", "failed:"), within_s=60)
    world.wait(lambda: world.heard.told("alert.opened", "stale:"), within_s=60)
    world.wait(lambda: world.heard.told("alert.opened", "dead:"), within_s=killed_at + 60 - time.monotonic())
    counted = world.fetch("select cause, count from quality.alerts order by cause")
    world.is_starving = False
    assert run_demand(world, is_broken=False)
    world.start_daemon()
    for prefix in ("failed:", "stale:", "dead:"):
        world.wait(lambda prefix=prefix: world.heard.told("alert.recovered", prefix), within_s=60)
    world.look_on()
    world.is_over = True
    for thread in threads:
        thread.join(20)
    return killed_at, dict(counted)


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.mark.slow
def test_each_cause_is_told_once_and_its_end_once(world, course):
    told = Counter((body["type"], body["data"]["cause"]) for _, body, _ in world.heard.calls)

    causes = ["dead:daemon", "failed:demand_panel", "stale:raw"]
    assert told == {(kind, cause): 1 for kind in ("alert.opened", "alert.recovered") for cause in causes}


@pytest.mark.slow
def test_a_killed_daemon_is_told_within_a_minute(world, course):
    killed_at, _ = course

    assert world.heard.told("alert.opened", "dead:")[0] - killed_at < 60


@pytest.mark.slow
def test_failures_are_counted_in_one_alert(course):
    _, counted = course

    assert counted == {"dead:daemon": 1, "failed:demand_panel": 3, "stale:raw": 1}


@pytest.mark.slow
def test_alerts_say_what_to_do_and_which_source_starves(world, course):
    bodies = {body["data"]["cause"]: body["data"] for _, body, _ in world.heard.calls if body["type"] == "alert.opened"}

    assert bodies["dead:daemon"]["title"].startswith("Start the scheduler again")
    assert "column pay_day is gone" in bodies["failed:demand_panel"]["detail"]
    assert bodies["stale:raw"]["detail"].startswith(STARVED + ".")


@pytest.mark.slow
def test_every_call_is_signed(world, course):
    assert all(signed for _, _, signed in world.heard.calls)


@pytest.mark.slow
def test_the_mail_heard_too_although_the_webhook_refused_at_first(world, course):
    mails = httpx.get(f"{world.settings.messages}/admin/messages").json()

    assert world.heard.refusals == 0
    assert Counter(mail["recipient"] for mail in mails) == {"data-team@example.com": 6}
    assert {mail["title"].startswith("GetIt: ") for mail in mails} == {True}


@pytest.mark.slow
def test_a_twin_that_repeats_itself_sends_many(world, course):
    assert sum(world.naive.values()) > 30
    assert max(world.naive.values()) > 10


def test_a_failed_check_is_one_alert_by_name(world, course):
    with psycopg.connect(world.settings.postgres("getit_warehouse", role="getit_pipelines")) as warehouse:
        for subject in ("orders.orders", "orders.order_lines"):
            warehouse.execute(
                "insert into quality.check_results (check_name, subject, is_passed, detail) values ('day_counts', %s, false, 'x')",
                [subject],
            )

    now = system_clock()
    seen = look(world.settings, Limits(), now=now, started_at=now - timedelta(hours=1))

    assert [one.cause for one in seen.sightings if one.kind == "check"] == ["check:day_counts"]
