"""The application factory's common part. Not here: routes, dependencies of one service."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware.cors import CORSMiddleware

from foundation.settings import Settings
from foundation.web.conditional import ConditionalMiddleware
from foundation.web.health import Check, health_router
from foundation.web.middleware import EdgeMiddleware, RedMetrics
from foundation.web.problems import PROBLEM_RESPONSES, document_problems, install_problems
from foundation.web.rates import RateClass, RateMiddleware

VERSION = "0.1.0"
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Started = AsyncIterator[None]


def build_application(  # noqa: PLR0913 - the list of an application's parts
    *,
    service: str,
    title: str,
    settings: Settings,
    routers: Sequence[APIRouter],
    checks: Mapping[str, Check],
    lifespan: Lifespan,
    registry: CollectorRegistry | None = None,
    upload_limits: Mapping[str, int] | None = None,
    rate_classes: Sequence[RateClass] = (),
) -> FastAPI:
    """FastAPI application with problems, health, metrics, request ids, rates, ETags, CORS and the routers given."""
    registry = registry or CollectorRegistry()
    docs = {"docs_url": f"/{service}/docs", "openapi_url": f"/{service}/openapi.json", "redoc_url": None}
    app = FastAPI(title=title, version=VERSION, lifespan=lifespan, **docs)  # type: ignore[arg-type]
    app.state.settings = settings
    app.state.metrics_registry = registry
    install_problems(app)
    for router in routers:
        app.include_router(router, responses=PROBLEM_RESPONSES)
    document_problems(app)
    app.include_router(health_router(service, VERSION, checks, registry))
    app.add_middleware(ConditionalMiddleware)
    if settings.rate_limits and rate_classes:
        app.add_middleware(RateMiddleware, classes=rate_classes)
    if settings.allowed_origins:
        app.add_middleware(CORSMiddleware, allow_origins=list(settings.allowed_origins), allow_methods=["*"],
                           allow_headers=["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"],
                           expose_headers=["etag", "x-request-id", "retry-after"])  # fmt: skip
    app.add_middleware(EdgeMiddleware, metrics=RedMetrics(registry), upload_limits=upload_limits)
    return app
