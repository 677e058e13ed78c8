"""The world of the state machine: the shop with its real database, providers over HTTP, one virtual time for all, and ways to die.

Here: actors and accidents. Not here: what must hold (`machine_laws`), what is tried (`integration/machine`).
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import uvicorn
from shop_fixtures import Api, Buyer

from commerce.app import create_app
from commerce.context import Commerce
from commerce.relay import CONSUMER, Relay
from commerce.sellers.verification import NUMBER
from foundation import crashpoints
from foundation.clock import system_clock
from foundation.database import Database
from foundation.errors import Unavailable
from foundation.ids import uuid7
from sandbox.app import create_app as create_sandbox

WALLET = "01712345678"
FAILS = ("act_then_503", "act_then_reset", "fail_503")


class Killed(BaseException):
    """The process died at a named point: whatever was committed stays, nothing else does."""


class Accidents:
    """When to die: before or after the n-th commit from now, or at a named point."""

    def __init__(self) -> None:
        self.commit: tuple[int, str] | None = None
        self.point: str | None = None

    def reach(self, point: str) -> None:
        if self.point == point:
            self.point = None
            raise Killed(point)

    def wrap(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """A transaction that may lose its connection just before its commit, or just before anybody hears of it."""

        @asynccontextmanager
        async def transaction(database: Database) -> AsyncIterator[Any]:
            when = self._draw()
            async with original(database) as connection:
                yield connection
                if when == "before":
                    raise Unavailable
            if when == "after":
                raise Unavailable

        return transaction

    def _draw(self) -> str | None:
        if self.commit is None:
            return None
        left, when = self.commit
        self.commit = (left - 1, when) if left > 1 else None
        return when if left <= 1 else None


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


class World:
    """Everything, in one event loop that stands still between steps."""

    def __init__(self, settings: Any, shop: Any) -> None:
        self.settings, self.shop = settings, shop
        self.loop = asyncio.new_event_loop()
        self.ahead = timedelta()
        self.accidents = Accidents()

    def now(self) -> Any:
        return system_clock() + self.ahead

    def run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def open(self, monkeypatch: Any) -> None:
        """Start shop and providers on one clock, with the accidents wired in."""
        monkeypatch.setattr("sandbox.bkash.api.system_clock", self.now)
        monkeypatch.setattr(crashpoints, "reach", self.accidents.reach)
        for name in ("transaction", "batch"):
            monkeypatch.setattr(Database, name, self.accidents.wrap(getattr(Database, name)))
        self.sandbox = create_sandbox(self.settings)
        config = uvicorn.Config(self.sandbox, port=self.settings.sandbox_port, log_level="critical", lifespan="on")
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)
        self._stack = contextlib.AsyncExitStack()
        app = create_app(self.settings)
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        app.state.commerce = replace(app.state.commerce, clock=self.now)
        self.commerce: Commerce = app.state.commerce
        transport = httpx.ASGITransport(app=app)
        client = httpx.AsyncClient(transport=transport, base_url="http://shop", timeout=60)
        self.api = Api(await self._stack.enter_async_context(client), app)
        self.outside = await self._stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.settings.sandbox_port}", trust_env=False, timeout=30)
        )
        self.courier = self.api.staff("courier").client
        self.support = self.api.staff("support").client
        self.finance = [self.api._as(self.api.token_for(one := uuid7(), "finance"), one, "") for _ in range(2)]
        self.relay = Relay(self.commerce)

    async def close(self) -> None:
        await self._stack.aclose()
        self._server.should_exit = True
        await self._serving

    # Actors.

    def person_of(self, seller: UUID) -> Buyer:
        """Somebody who works for a seller."""
        user = uuid7()
        self.shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')", seller, user
        )
        return self.api._as(self.api.token_for(user, "sell", "sell.manage"), user, "")

    def show_account(self, seller: UUID) -> None:
        """A seller has a wallet that payouts go to."""
        self.shop.sql(
            "insert into sellers.submissions (id, seller_id, requirement, status, method, number_encrypted, number_tail, "
            "decision, submitted_by, submitted_at, decided_at) values (%s, %s, 'payout_account', 'accepted', 'wallet', %s, "
            "'5678', 'approve', %s, now(), now())",
            uuid7(), seller, self.commerce.cipher.encrypt(WALLET, NUMBER), uuid7(),
        )  # fmt: skip

    async def send(self, client: httpx.AsyncClient, path: str, body: Any, *, copies: int = 1) -> httpx.Response:
        """A request under one key, sent until there is an answer and then again: every answer must be the first one."""
        headers = {"idempotency-key": str(uuid4())}
        answers = []
        while len(answers) < copies:
            answer = await client.post(path, json=body, headers=headers)
            if answer.status_code == 503 and answer.json()["code"] == "unavailable":
                continue
            answers.append(answer)
        assert all(answer.status_code < 500 for answer in answers), answers[0].text
        if answers[0].status_code < 300 and "idempotent" in str(answers[-1].headers):
            assert {answer.content for answer in answers} == {answers[0].content}
        return answers[0]

    @asynccontextmanager
    async def misbehaving(self, fault: str | None, *providers: str, calls: tuple[str, ...]) -> AsyncIterator[None]:
        """Providers that fail in one way for a while."""
        script = {call: {fault: 1.0} for call in calls}
        for provider in providers if fault else ():
            (await self.outside.put(f"{provider}/admin/faults", json=script)).raise_for_status()
        try:
            yield
        finally:
            for provider in providers if fault else ():
                (await self.outside.put(f"{provider}/admin/faults", json={})).raise_for_status()

    async def do(self, step: Callable[..., Awaitable[Any]], *arguments: Any, dies_at: str | None = None) -> Any:
        """One step of the shop's own doing, which may die on the way."""
        self.accidents.point = dies_at
        try:
            return await step(*arguments)
        except Killed:
            return True
        finally:
            self.accidents.point = None

    async def pay(self, attempt_id: str, *, is_kind: bool) -> str | None:
        """The buyer on the provider's page, up to the way back; the payment's number. None when there is no page."""
        answer = await self.api.client.get(f"/v1/payments/{attempt_id}/redirect")
        if answer.status_code != 303:
            return None
        page = "/bkash/pay/" + answer.headers["location"].rpartition("/")[2]
        if not is_kind:
            await self.outside.post(page, data={"step": "wallet", "action": "cancel"})
        else:
            for step, value in (("wallet", WALLET), ("otp", "123456"), ("pin", "12121")):
                await self.outside.post(page, data={"step": step, "value": value})
        return page.rpartition("/")[2]

    async def move_parcel(self, consignment: str, status: str) -> dict[str, Any] | None:
        """The courier moves a parcel; the webhook that tells of it, not sent yet."""
        store = self.sandbox.state.parts["/pathao"].state.store
        count = store._one("select count(*) as n from webhooks")["n"]
        await self.outside.post(f"/pathao/admin/parcels/{consignment}/move", json={"status": status})
        row = store._one("select body from webhooks order by id desc limit 1")
        after = store._one("select count(*) as n from webhooks")["n"]
        return json.loads(row["body"]) if after > count else None

    async def hear(self, event: dict[str, Any]) -> int:
        """The shop hears a webhook."""
        headers = {"x-pathao-signature": self.settings.pathao_webhook_secret}
        return (await self.api.client.post("/v1/shipping/webhooks/pathao", json=event, headers=headers)).status_code

    async def transfers(self) -> list[dict[str, Any]]:
        """Everything the bank was asked to send."""
        return (await self.outside.get("/bank/admin/transfers")).json()

    async def return_transfer(self, reference: str) -> None:
        """The bank's statement says that money came back."""
        path = f"/bank/admin/transfers/{reference}/status"
        (await self.outside.post(path, json={"status": "returned"})).raise_for_status()

    # The relay.

    def cursor(self) -> tuple[Any, Any] | None:
        rows = self.shop.sql("select xid::text, seq from platform.consumer_cursors where consumer = %s", CONSUMER)
        return rows[0] if rows else None

    def rewind(self, cursor: tuple[Any, Any]) -> None:
        """Everything since then is delivered again."""
        self.shop.sql(
            "update platform.consumer_cursors set xid = %s::xid8, seq = %s where consumer = %s", *cursor, CONSUMER
        )

    async def react(self, *, dies_at: str | None = None) -> None:
        while await self.do(self.relay.react_once, dies_at=dies_at):
            dies_at = None
