"""The commerce process: every service's routes in one application. Start: `uvicorn commerce.app:create_app --factory`.

Not here: rules, SQL.
"""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from commerce import live
from commerce.audit.routes import router as audit
from commerce.cart.routes import router as cart
from commerce.catalog.bulk_routes import router as catalog_files
from commerce.catalog.media_routes import router as media
from commerce.catalog.moderation_routes import router as catalog_moderation
from commerce.catalog.routes import router as catalog
from commerce.catalog.seller_routes import router as seller_catalog
from commerce.context import Commerce
from commerce.currencies.routes import router as currencies
from commerce.engagement.routes import router as engagement
from commerce.engagement.talk_feed import router as talk_feed
from commerce.engagement.talk_routes import router as talk
from commerce.identity import api_keys
from commerce.identity.account_routes import router as account
from commerce.identity.place_routes import router as places
from commerce.identity.routes import router as identity
from commerce.inventory.routes import router as inventory
from commerce.inventory.routes import seller_router as own_stock
from commerce.ledger.routes import router as ledger
from commerce.ledger.routes import seller_router as own_statement
from commerce.notifications.routes import router as notifications
from commerce.orders.routes import router as orders
from commerce.payments.routes import router as payments
from commerce.payouts.routes import router as payouts
from commerce.payouts.routes import seller_router as own_payouts
from commerce.promotions.routes import router as promotions
from commerce.promotions.routes import seller_router as own_promotions
from commerce.rates import RATES
from commerce.returns.routes import dispute_router as disputes
from commerce.returns.routes import router as returns
from commerce.returns.routes import seller_router as own_returns
from commerce.reviews.routes import router as reviews
from commerce.risk.routes import router as risk
from commerce.search.routes import router as search
from commerce.sellers.own_routes import UPLOADS as PAPERS
from commerce.sellers.own_routes import router as own_shop
from commerce.sellers.routes import router as sellers
from commerce.shipping.routes import buyer_router as tracking
from commerce.shipping.routes import router as shipping
from commerce.shipping.routes import seller_router as own_orders
from commerce.webhooks.routes import router as webhooks
from foundation.database import fetch_one
from foundation.logging import configure_logging
from foundation.settings import Settings, load_settings
from foundation.web.application import build_application
from foundation.web.health import Check

ROUTERS = (
    identity, account, places, sellers, own_shop, catalog, seller_catalog, catalog_files, catalog_moderation, media, search,
    cart, inventory, own_stock, promotions, own_promotions, orders, tracking, own_orders, shipping,
    returns, own_returns, disputes, ledger, own_statement, payouts, own_payouts, payments,
    reviews, risk, audit, notifications, webhooks, engagement, talk, talk_feed, currencies, live.router,
)  # fmt: skip
PREFIXES = (
    "/v1/auth", "/v1/me", "/v1/places", "/v1/products", "/v1/categories", "/v1/search", "/v1/media", "/v1/moderation",
    "/v1/reviews", "/v1/questions", "/v1/cart", "/v1/inventory", "/v1/promotions", "/v1/orders", "/v1/shipping",
    "/v1/returns", "/v1/disputes", "/v1/ledger", "/v1/payouts", "/v1/messages", "/v1/payments", "/v1/risk", "/v1/audit", "/v1/live",
    "/v1/sellers", "/v1/seller", "/v1/currencies", "/commerce",
)  # fmt: skip
# Paths that take files, with the most bytes of a request; all others take 1 MiB.
UPLOADS = {**dict.fromkeys(PAPERS, 6 * 2**20), "/v1/media": 6 * 2**20, "/v1/seller/catalog/imports": 24 * 2**20}


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
        upload_limits=UPLOADS,
        rate_classes=RATES,
    )
    app.state.commerce = commerce
    app.state.tokens = commerce.tokens
    app.state.find_key_holder = functools.partial(api_keys.find_holder, commerce)
    app.state.live_feed = live.LiveFeed(commerce)
    return app
