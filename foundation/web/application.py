"""The application factory's common part. Not here: routes, dependencies of one service."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.cors import CORSMiddleware

from foundation.settings import Settings
from foundation.web.health import Check, health_router
from foundation.web.middleware import EdgeMiddleware, RedMetrics
from foundation.web.problems import install_problems

VERSION = "0.1.0"
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Started = AsyncIterator[None]


def build_application(  # noqa: PLR0913 - an application is a list of parts
    *,
    service: str,
    title: str,
    settings: Settings,
    routers: Sequence[APIRouter],
    checks: Mapping[str, Check],
    lifespan: Lifespan,
    registry: CollectorRegistry | None = None,
    uploads: frozenset[str] = frozenset(),
) -> FastAPI:
    """FastAPI application with problems, health, metrics, request ids, CORS and the routers given.

    `uploads` names the paths that take files and may have larger bodies.
    """
    registry = registry or CollectorRegistry()
    docs = {"docs_url": f"/{service}/docs", "openapi_url": f"/{service}/openapi.json", "redoc_url": None}
    app = FastAPI(title=title, version=VERSION, lifespan=lifespan, **docs)  # type: ignore[arg-type]
    app.state.settings = settings
    app.state.metrics_registry = registry
    install_problems(app)
    for router in routers:
        app.include_router(router)
    app.include_router(health_router(service, VERSION, checks, registry))
    if settings.allowed_origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(settings.allowed_origins), allow_methods=["*"],
                           allow_headers=["authorization", "content-type", "idempotency-key"])  # fmt: skip
    app.add_middleware(EdgeMiddleware, metrics=RedMetrics(registry), uploads=uploads)
    return app
