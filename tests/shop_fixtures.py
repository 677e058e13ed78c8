"""Fixtures: a small shop on a fresh database (sellers, offers, stock) and its API in this process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from commerce.app import create_app
from foundation.ids import uuid7
from foundation.settings import Settings


@dataclass
class Shop:
    """What a test knows of the shop."""

    settings: Settings
    hub_id: UUID = field(default_factory=uuid7)
    offers: list[UUID] = field(default_factory=list)
    sellers: list[UUID] = field(default_factory=list)

    def sql(self, statement: str, *params: object) -> list[tuple]:
        with psycopg.connect(self.settings.postgres("getit"), autocommit=True) as connection:
            cursor = connection.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def add_offer(self, *, stock: int, price_poisha: int = 10_000, seller: int = 0) -> UUID:
        while len(self.sellers) <= seller:
            self.sellers.append(uuid7())
            self.sql(
                "insert into sellers.sellers (id, code, name) values (%s, %s, %s)",
                self.sellers[-1],
                f"s-{self.sellers[-1]}",
                f"Seller {len(self.sellers)}",
            )
        product, offer = uuid7(), uuid7()
        self.sql(
            "insert into catalog.products (id, code, category_id, title_en) values (%s, %s, %s, %s)",
            product,
            f"p-{product}",
            self.category,
            f"Miniket rice {len(self.offers)}",
        )
        self.sql(
            "insert into catalog.offers (id, product_id, seller_id, price_poisha) values (%s, %s, %s, %s)",
            offer,
            product,
            self.sellers[seller],
            price_poisha,
        )
        self.sql(
            "insert into inventory.stock (offer_id, hub_id, received, on_hand) values (%s, %s, %s, %s)",
            offer,
            self.hub_id,
            stock,
            stock,
        )
        self.offers.append(offer)
        return offer

    category: UUID = field(default_factory=uuid7)

    def ledger_sum(self) -> int:
        return int(self.sql("select coalesce(sum(amount_poisha), 0) from ledger.entries")[0][0])


@pytest.fixture(scope="module")
def shop(settings: Settings) -> Shop:
    shop = Shop(settings)
    shop.sql("insert into catalog.categories (id, path, name_en) values (%s, 'Grocery > Rice', 'Rice')", shop.category)
    shop.sql(
        "insert into inventory.hubs (id, code, name, district_code) values (%s, 'H1', 'Tejgaon', 'BD-13')", shop.hub_id
    )
    return shop


@dataclass
class Buyer:
    """A registered shopper with a client."""

    client: httpx.AsyncClient
    user_id: UUID
    phone: str

    async def place(self, lines: dict[UUID, int], *, key: str | None = None, **more: object) -> httpx.Response:
        body = {
            "lines": [{"offer_id": str(offer), "quantity": quantity} for offer, quantity in lines.items()],
            "payment_method": "cod",
            "address": {"district_code": "BD-13", "line": "House 7, Mirpur 10", "phone": self.phone},
            **more,
        }
        headers = {"idempotency-key": key or str(uuid4())}
        answer = await self.client.post("/v1/orders", json=body, headers=headers)
        while answer.status_code == 503:
            # A crowd beyond what the pool serves in time is told to come back: as any client, with the same key.
            await asyncio.sleep(float(answer.headers["retry-after"]))
            answer = await self.client.post("/v1/orders", json=body, headers=headers)
        return answer


@dataclass
class Api:
    """The commerce API in this process, with its real database."""

    client: httpx.AsyncClient
    app: object

    async def buyer(self) -> Buyer:
        phone = f"017{uuid4().int % 10**8:08d}"
        body = {"phone": phone, "password": "correct horse battery", "full_name": "Rahima Begum"}
        answer = (await self.client.post("/v1/auth/register", json=body)).raise_for_status().json()
        return self._as(answer["access_token"], UUID(answer["user_id"]), phone)

    def staff(self, *scopes: str) -> Buyer:
        token = self.app.state.tokens.issue(uuid7(), scopes)
        return self._as(token, uuid7(), "01700000000")

    def buyers(self, shop: Shop, number: int) -> list[Buyer]:
        """Many shoppers at once, made without the price of hashing a password for each."""
        ids = [uuid7() for _ in range(number)]
        with (
            psycopg.connect(shop.settings.postgres("getit"), autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.executemany(
                "insert into identity.users (id, full_name) values (%s, 'Buyer')", [(one,) for one in ids]
            )
        return [self._as(self.token_for(one, "shop"), one, "01712345678") for one in ids]

    def token_for(self, user_id: UUID, *scopes: str) -> str:
        return self.app.state.tokens.issue(user_id, scopes)

    def _as(self, token: str, user_id: UUID, phone: str) -> Buyer:
        transport = self.client._transport
        client = httpx.AsyncClient(
            transport=transport, base_url="http://shop", headers={"authorization": f"Bearer {token}"}, timeout=60
        )
        return Buyer(client, user_id, phone)


@pytest.fixture
def open_api() -> Callable[[Settings], AbstractAsyncContextManager[Api]]:
    """Open the API for a block inside the test's event loop."""

    @asynccontextmanager
    async def opened(settings: Settings) -> AsyncIterator[Api]:
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop", timeout=60) as client:
                yield Api(client, app)

    return opened
