"""The scoring process: `uvicorn serving.app:create_app --factory`. Loads bundles; never mlflow, dagster, pandas.

Not here: how a decision is made (decide), how features are kept (store, feeder).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, get_args

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from foundation.database import Database, fetch_one
from foundation.logging import configure_logging
from foundation.security.keys import root_secret
from foundation.security.tokens import TokenAuthority
from foundation.settings import Settings, load_settings
from foundation.web.application import build_application
from foundation.web.health import Check
from models.demand.answers import ForecastBook
from models.fraud.scorer import FraudScorer
from models.supply.answers import ProposalBook
from serving.champions import Champion, Watcher
from serving.decide import Scoring
from serving.lookup import FeatureLookup, Place
from serving.routes import router
from serving.states import StateTable
from serving.store import OnlineStore


class ModelMissing(Exception):
    """There is no champion: rules decide."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; connects and loads when it starts, not when it is made."""
    settings = settings or load_settings()
    configure_logging("serving", settings.log_level)
    database = Database(settings.postgres("getit", role="getit_serving"), size=settings.pool_size, name="serving")
    store = OnlineStore(settings.valkey, timeout_s=0.5)
    features = FeatureLookup(store, StateTable(database))
    home = settings.home.absolute()
    fraud = Champion("fraud", home, FraudScorer.load)
    demand = Champion("demand", home, ForecastBook.load)
    supply = Champion("supply", home, ProposalBook.load)
    families: tuple[Champion[Any], ...] = (fraud, demand, supply)
    watcher = Watcher(*families)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await database.open()
        await watcher.start()
        yield
        await watcher.stop()
        await store.close()
        await database.close()

    registry = CollectorRegistry()
    _expose(registry, families, features)
    app = build_application(
        service="serving",
        title="GetIt scoring API",
        settings=settings,
        routers=[router],
        checks=_checks(database, store, families),
        lifespan=lifespan,
        registry=registry,
    )
    app.state.tokens = TokenAuthority(root_secret(settings))
    app.state.scoring = Scoring(database, features, fraud)
    app.state.demand, app.state.supply = demand, supply
    return app


def _checks(database: Database, store: OnlineStore, families: tuple[Champion[Any], ...]) -> dict[str, Check]:
    async def reach() -> None:
        async with database.connection() as connection:
            await fetch_one(connection, "select 1 as one")

    def loaded(champion: Champion[Any]) -> Check:
        async def probe() -> object:
            if champion.current is None:
                raise ModelMissing(champion.family)
            return champion.current.version

        return Check(probe, is_hard=False)

    models = {f"{champion.family}:champion": loaded(champion) for champion in families}
    return {"postgresql:reachable": Check(reach), "valkey:features": Check(store.ping, is_hard=False), **models}


def _expose(registry: CollectorRegistry, families: tuple[Champion[Any], ...], features: FeatureLookup) -> None:
    gauge = Gauge("getit_champion_loaded", "Whether a family's champion answers", ("family",), registry=registry)
    for champion in families:
        gauge.labels(champion.family).set_function(lambda champion=champion: float(champion.current is not None))  # type: ignore[misc]
    reads = Gauge("getit_feature_reads", "Decisions by where their features were read", ("place",), registry=registry)
    for place in get_args(Place):
        reads.labels(place).set_function(lambda place=place: float(features.reads[place]))  # type: ignore[misc]
