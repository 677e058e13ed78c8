"""Fixtures: the courier's sandbox and the shop's API as processes that reach each other over HTTP, a packed order."""

import sys
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import pytest
from conftest import environment_of, free_port, wait_for_port

from commerce.context import Commerce
from foundation.ids import uuid7
from foundation.settings import Settings
from getit.privileges import before_exec


@pytest.fixture(scope="module")
def world(settings: Settings, tmp_path_factory) -> Iterator[Settings]:
    """Settings of a courier that moves parcels only when told to, and a shop that hears its webhooks."""
    import subprocess

    own = settings.model_copy(
        update={
            "home": tmp_path_factory.mktemp("world"), "sandbox_port": free_port(), "gateway_port": free_port(),
            "serving_port": free_port(), "sandbox_parcel_step_s": 0.0, "provider_timeout_s": 1.5,
            "secret_key": "a secret key that both processes know",
        }
    )  # fmt: skip
    started = []
    for target, port in (("sandbox.app:create_app", own.sandbox_port), ("commerce.app:create_app", own.gateway_port)):
        command = [sys.executable, "-m", "uvicorn", target, "--factory", "--port", str(port), "--log-level", "error"]
        started.append(subprocess.Popen(command, env=environment_of(own), preexec_fn=before_exec()))
    for port in (own.sandbox_port, own.gateway_port):
        wait_for_port(port)
    yield own
    for process in started:
        process.terminate()
    for process in started:
        process.wait(10)


@dataclass
class Desk:
    """The courier's control desk."""

    base: str

    def call(self, method: str, path: str, **more):
        answer = httpx.request(method, f"{self.base}/admin{path}", timeout=10, trust_env=False, **more)
        return answer.raise_for_status().json()

    def parcels(self, reference: str) -> list[dict]:
        return [one for one in self.call("GET", "/parcels") if one["merchant_order_id"] == reference]

    def move(self, consignment: str, *statuses: str, **more) -> None:
        for status in statuses:
            self.call("POST", f"/parcels/{consignment}/move", json={"status": status, **more})

    def faults(self, **script) -> None:
        self.call("PUT", "/faults", json=script)

    def invoice(self, mismatch: str | None = None) -> dict:
        return self.call("POST", "/invoices", json={"mismatch": mismatch})


@pytest.fixture
def desk(world: Settings) -> Desk:
    desk = Desk(f"http://127.0.0.1:{world.sandbox_port}/pathao")
    desk.faults()
    return desk


@pytest.fixture
def staffed(shop) -> Callable[[int], UUID]:
    """A person who works for the n-th seller of the shop."""

    def hire(seller: int = 0) -> UUID:
        user = uuid7()
        shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_staff')",
            shop.sellers[seller], user,
        )  # fmt: skip
        return user

    return hire


@pytest.fixture
def opened(world: Settings, open_api):
    """The API in this process and its composition, for a block."""

    @asynccontextmanager
    async def block():
        async with open_api(world) as api:
            commerce: Commerce = api.app.state.commerce
            yield api, commerce

    return block


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid4())}
