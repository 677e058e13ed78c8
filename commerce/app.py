"""The commerce process: every service's routes in one application. Start: `uvicorn commerce.app:create_app --factory`.

Not here: rules, SQL.
"""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from commerce import live
from commerce.cart.routes import router as cart
from commerce.catalog.routes import router as catalog
from commerce.context import Commerce
from commerce.identity import api_keys
from commerce.identity.account_routes import router as account
from commerce.identity.place_routes import router as places
from commerce.identity.routes import router as identity
from commerce.inventory.routes import router as inventory
from commerce.orders.routes import router as orders
from commerce.payments.routes import router as payments
from commerce.risk.routes import router as risk
from commerce.sellers.own_routes import UPLOADS
from commerce.sellers.own_routes import router as own_shop
from commerce.sellers.routes import router as sellers
from foundation.database import fetch_one
from foundation.logging import configure_logging
from foundation.settings import Settings, load_settings
from foundation.web.application import build_application
from foundation.web.health import Check

ROUTERS = (identity, account, places, sellers, own_shop, catalog, cart, inventory, orders, payments, risk, live.router)
PREFIXES = (
    "/v1/auth", "/v1/me", "/v1/products", "/v1/categories", "/v1/cart", "/v1/inventory", "/v1/orders", "/v1/payments",
    "/v1/risk", "/v1/live", "/v1/places", "/v1/sellers", "/v1/seller", "/commerce",
)  # fmt: skip


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; connects when it starts, not when it is made."""
    settings = settings or load_settings()
    configure_logging("commerce", settings.log_level)
    commerce = Commerce.build(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await commerce.open()
        yield
        await app.state.live_feed.close()
        await commerce.close()

    async def database() -> None:
        async with commerce.database.connection() as connection:
            await fetch_one(connection, "select 1 as one")

    app = build_application(
        service="commerce",
        title="GetIt commerce API",
        settings=settings,
        routers=ROUTERS,
        checks={"postgresql:reachable": Check(database)},
        lifespan=lifespan,
        uploads=UPLOADS,
    )
    app.state.commerce = commerce
    app.state.tokens = commerce.tokens
    app.state.find_key_holder = functools.partial(api_keys.find_holder, commerce)
    app.state.live_feed = live.LiveFeed(commerce)
    return app
