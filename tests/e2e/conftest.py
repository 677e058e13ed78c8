"""The whole product, started once by its own command on free ports: real panel, warehouse, models, market, browser."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from conftest import environment_of, free_port

from foundation.settings import Settings

ROOT = Path(__file__).parent.parent.parent
GETIT = [sys.executable, "-m", "getit"]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Installation:
    """A running GetIt."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.environment = environment_of(settings)
        self.gateway = settings.gateway

    def getit(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*GETIT, *arguments], cwd=ROOT, env=self.environment, text=True, capture_output=True, check=False
        )
        assert not check or done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        return done

    def module(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, "DAGSTER_HOME": str(self.settings.folder("dagster"))}
        return subprocess.run(
            [sys.executable, "-m", *arguments], cwd=ROOT, env=environment, text=True, capture_output=True, check=False
        )

    def sql(self, database: str, statement: str, *params: object) -> list[tuple]:
        with psycopg.connect(self.settings.postgres(database), autocommit=True) as connection:
            cursor = connection.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.gateway, headers=headers, timeout=30, trust_env=False)

    def staff(self, name: str) -> httpx.Client:
        account = json.loads((self.settings.folder("secrets") / "staff.json").read_text())[name]
        with self.client() as client:
            token = client.post("/v1/auth/login", json=account).raise_for_status().json()["access_token"]
        return self.client(authorization=f"Bearer {token}")


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    """`getit up` from an empty home to ready; `getit down` at the end."""
    home = Path(tempfile.mkdtemp(prefix="getit-e2e-"))
    home.chmod(0o755)
    names = [name for name in Settings.model_fields if name.endswith("_port")]
    # Parcels hurry: a day of the demonstration passes in a minute.
    settings = Settings(
        home=home, market_orders_per_minute=60.0, sandbox_parcel_step_s=4.0, **{name: free_port() for name in names}
    )
    running = Installation(settings)
    try:
        print(running.getit("up", "--detach").stdout)
        yield running
    finally:
        running.getit("down", check=False)
        keep = os.environ.get("GETIT_KEEP_E2E")
        if not keep:
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def busy(installation: Installation) -> Installation:
    """The installation once the market has shopped a while and the loop has run again: live decisions are in the marts."""
    deadline = time.monotonic() + 300
    # Some are held for review: every table of every page has rows.
    is_busy = (
        "select count(*) >= 30 and count(*) filter (where action = 'review') >= 3 from scoring.decisions"
        " where source = 'model'"
    )
    while not installation.sql("getit", is_busy)[0][0]:
        assert time.monotonic() < deadline, installation.getit("logs", "market", "-n", "20", check=False).stdout
        time.sleep(0.5)
    run = installation.module("pipelines.run")
    assert run.returncode == 0, run.stdout[-3000:]
    return installation


# Not for the session: while Playwright is open its event loop runs in this thread, and no other test could run one.
@pytest.fixture(scope="module")
def browser():
    """Headless Chromium; browser tests skip, saying so, where the machine has none."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: install the package chromium to run browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()
