"""Workers are killed in the middle of payments while the provider misbehaves: nobody is charged twice, nothing is lost.

The shop runs as real processes (API, relay, provider) and is killed at named points and at random. The naive twin, which
asks the provider again after silence with a new payment, charges twice, so the test can fail.
"""

import asyncio
import os
import random
import re
import signal
import time
from uuid import uuid4

import httpx
import pytest
from conftest import free_port, wait_for_port

ORDERS = 40
FAULTS = {
    "seed": 11,
    "execute": {"act_then_503": 0.12, "act_then_hang": 0.1, "act_then_reset": 0.1, "fail_503": 0.08},
    "query": {"fail_503": 0.1},
}


@pytest.fixture(scope="module")
def world(settings):
    """Settings with the ports of this module's own processes and short patience with the provider."""
    ports = {name: free_port() for name in ("commerce_port", "sandbox_port", "relay_metrics_port", "serving_port")}
    return settings.model_copy(
        update={
            **ports,
            "provider_timeout_s": 0.6,
            "public_url": f"http://127.0.0.1:{ports['commerce_port']}",
            "pool_size": 8,
        }
    )


class Processes:
    """The shop's processes, restarted whenever they are killed."""

    def __init__(self, launch, world):
        self.launch, self.world = launch, world
        self.kills = 0
        self.api = self.relay = None

    def start_provider(self):
        self.launch(
            self.world,
            "-m",
            "uvicorn",
            "sandbox.bkash.app:create_app",
            "--factory",
            "--port",
            str(self.world.sandbox_port),
            "--log-level",
            "error",
        )
        wait_for_port(self.world.sandbox_port)

    def start_api(self, **environment):
        self.api = self.launch(
            self.world,
            "-m",
            "uvicorn",
            "commerce.app:create_app",
            "--factory",
            "--port",
            str(self.world.commerce_port),
            "--log-level",
            "error",
            **environment,
        )
        wait_for_port(self.world.commerce_port)

    def start_relay(self, **environment):
        self.relay = self.launch(self.world, "-m", "commerce.relay", **environment)
        wait_for_port(self.world.relay_metrics_port)

    def kill(self, process):
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self.kills += 1

    def revive(self, **environment):
        if self.api.poll() is not None:
            self.start_api(**environment)
        if self.relay.poll() is not None:
            self.start_relay()


def provider_captures(world):
    return httpx.get(f"http://127.0.0.1:{world.sandbox_port}/admin/captures", trust_env=False).json()


def set_faults(world, script):
    httpx.put(f"http://127.0.0.1:{world.sandbox_port}/admin/faults", json=script, trust_env=False).raise_for_status()


async def authorise(client, world, page):
    """What the buyer does on the provider's page; the address the browser is sent back to."""
    url = re.sub(r"^http://[^/]+", f"http://127.0.0.1:{world.sandbox_port}", page)
    for step, value in (("wallet", f"0171{random.randrange(10**7):07d}"), ("otp", "123456"), ("pin", "12121")):
        answer = await client.post(url, data={"step": step, "value": value})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def pay_one(client, world, token, offer):
    """Place a prepaid order and pay it, trying again whatever dies on the way, as a browser user would."""
    key = str(uuid4())
    body = {
        "lines": [{"offer_id": str(offer), "quantity": 1}], "payment_method": "bkash",
        "address": {"district_code": "BD-13", "line": "Mirpur", "phone": "01712345678"},
    }  # fmt: skip
    headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
    placed = await until_answer(lambda: client.post("/v1/orders", json=body, headers=headers), 201)
    redirect = placed.json()["payment"]["redirect_url"]
    page = await until_answer(lambda: client.get(redirect), 303)
    callback = await authorise(client, world, page.headers["location"])
    # A browser that gets no page is reloaded; some buyers press reload although they got one.
    for _ in range(random.choice((1, 1, 2))):
        await until_answer(lambda: client.get(callback), 200)
    return placed.json()["group_id"]


async def until_answer(ask, status, seconds=40):
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = await ask()
            if answer.status_code == status:
                return answer
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, "the shop did not come back"
        await asyncio.sleep(0.1)


@pytest.mark.slow
def test_killed_workers_and_a_bad_provider_never_charge_twice(run, open_api, world, shop, launch):
    offer = shop.add_offer(stock=1000, price_poisha=55_500)
    processes = Processes(launch, world)
    processes.start_provider()
    processes.start_api(GETIT_CRASH_AT="payment.executed")
    processes.start_relay(GETIT_CRASH_AT="relay.handled")
    set_faults(world, FAULTS)

    async def story():
        async with open_api(world) as api:
            tokens = [api.token_for(buyer.user_id, "shop") for buyer in api.buyers(shop, ORDERS)]
        async with httpx.AsyncClient(base_url=world.gateway, timeout=10, trust_env=False) as client:
            slots = asyncio.Semaphore(8)

            async def one(token):
                async with slots:
                    return await pay_one(client, world, token, offer)

            work = asyncio.gather(*(one(token) for token in tokens))
            points = iter(["payment.submitted", "payment.executed", "", "payment.submitted", ""] * 20)
            while not work.done():
                await asyncio.sleep(0.4)
                if processes.api.poll() is None and processes.kills < 8:
                    processes.kill(processes.api)
                processes.kills += processes.api.poll() is not None
                await asyncio.to_thread(processes.revive, GETIT_CRASH_AT=next(points))
            return await work

    groups = run(story())
    if processes.api.poll() is None:
        processes.kill(processes.api)
    processes.start_api()
    processes.revive()
    set_faults(world, {})
    settle(shop, processes)

    captures = provider_captures(world)
    by_invoice = {}
    for capture in captures:
        invoice = capture["invoice"].split("-")[0]
        by_invoice[invoice] = by_invoice.get(invoice, 0) + capture["executes"]
    assert max(by_invoice.values()) == 1, "somebody was charged twice"
    booked = shop.sql("select merchant_reference, state from payments.attempts where provider = 'bkash'")
    assert {row[0] for row in booked if row[1] == "captured"} == set(by_invoice), "money and books disagree"
    assert len(groups) == ORDERS
    assert len(by_invoice) >= ORDERS * 0.9
    assert processes.kills >= 5
    taken = sum(capture["amount_poisha"] for capture in captures)
    clearing = shop.sql("select sum(amount_poisha) from ledger.entries where account_code = 'provider_clearing:bkash'")
    assert clearing == [(taken,)]
    assert shop.ledger_sum() == 0
    paid = shop.sql("select count(*) from orders.orders where status = 'placed'")[0][0]
    assert paid == len(by_invoice)


def settle(shop, processes, seconds=60):
    """Wait until no payment's outcome is open and every order has heard of its payment."""
    deadline = time.monotonic() + seconds
    while True:
        processes.revive()
        open_attempts = shop.sql("select count(*) from payments.attempts where state in ('submitted', 'unknown')")[0][0]
        waiting = shop.sql(
            "select count(*) from orders.orders o join payments.attempts a on a.group_id = o.group_id "
            "where o.status = 'pending_payment' and a.state in ('captured', 'declined')"
        )[0][0]
        if open_attempts == 0 and waiting == 0:
            return
        assert time.monotonic() < deadline, f"{open_attempts} attempts open, {waiting} orders waiting"
        time.sleep(0.1)


@pytest.mark.slow
def test_the_naive_twin_charges_twice(run, world, launch):
    """Negative control: take silence for a refusal and start a new payment."""
    own = world.model_copy(update={"sandbox_port": free_port(), "home": world.home / "naive"})
    processes = Processes(launch, own)
    processes.start_provider()
    set_faults(own, {"seed": 3, "execute": {"act_then_503": 0.3}})

    async def story():
        from commerce.payments.bkash import BkashClient, ProviderSilent

        bkash = BkashClient(own)
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            for order in range(20):
                for attempt in range(3):
                    payment, page = await bkash.create(
                        invoice=f"N{order}-{attempt}",
                        amount_poisha=1000,
                        payer_reference="x",
                        callback_url="http://127.0.0.1/",
                    )
                    await authorise(client, own, page)
                    try:
                        await bkash.execute(payment)
                        break
                    except ProviderSilent:
                        continue
        await bkash.close()

    run(story())

    charged = [capture["invoice"].split("-")[0] for capture in provider_captures(own)]
    assert len(charged) > len(set(charged)), "the naive twin charged nobody twice: this test would not notice"


@pytest.mark.slow
def test_cancelled_prepaid_order_is_refunded_once(run, open_api, world, shop, launch):
    offer = shop.add_offer(stock=10, price_poisha=40_000)
    processes = Processes(launch, world)
    processes.start_provider()
    processes.start_api()
    processes.start_relay(GETIT_CRASH_AT="refund.executed")
    set_faults(world, {})

    async def story():
        async with open_api(world) as api:
            buyer = api.buyers(shop, 1)[0]
            token = api.token_for(buyer.user_id, "shop")
        async with httpx.AsyncClient(base_url=world.gateway, timeout=10, trust_env=False) as client:
            group = await pay_one(client, world, token, offer)
            headers = {"authorization": f"Bearer {token}"}
            seen = await until_paid(client, group, headers)
            return await client.post(f"/v1/orders/{seen['orders'][0]['order_id']}/cancel", json={}, headers=headers)

    answer = run(story())

    assert answer.status_code == 200
    deadline = time.monotonic() + 30
    while shop.sql("select count(*) from payments.refunds where state = 'refunded'")[0][0] == 0:
        processes.revive()
        assert time.monotonic() < deadline, shop.sql("select state, locked_until from payments.refunds")
        time.sleep(0.1)
    import sqlite3

    books = sqlite3.connect(world.folder("sandbox") / "bkash.sqlite")
    assert books.execute("select count(*), sum(amount_poisha) from refunds").fetchone() == (1, 47_000)
    assert shop.sql("select sum(amount_poisha) from ledger.entries where account_code = 'refund_clearing'") == [(0,)]
    assert shop.ledger_sum() == 0


async def until_paid(client, group, headers):
    deadline = time.monotonic() + 20
    while True:
        seen = (await client.get(f"/v1/orders/{group}", headers=headers)).json()
        if seen["orders"][0]["status"] == "placed":
            return seen
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.1)
