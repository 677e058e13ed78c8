"""Health routes: live (the process), ready (may it get traffic), and the whole as application/health+json. Nothing else."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Response
from orjson import dumps
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

CHECK_DEADLINE_S = 1.0


@dataclass(frozen=True)
class Check:
    """One dependency. A soft one that fails makes the service `warn`, a hard one makes it `fail`."""

    probe: Callable[[], Awaitable[object]]
    is_hard: bool = True


async def _run(check: Check) -> dict[str, object]:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(CHECK_DEADLINE_S):
            observed = await check.probe()
    except Exception as error:
        return {"status": "fail" if check.is_hard else "warn", "output": type(error).__name__}
    milliseconds = round((time.perf_counter() - started) * 1000, 2)
    return {"status": "pass", "observedValue": observed or milliseconds, "observedUnit": "ms"}


def health_router(service: str, version: str, checks: Mapping[str, Check], registry: CollectorRegistry) -> APIRouter:
    """Routes /health/live, /health/ready, /health and /metrics of a service."""
    router = APIRouter(tags=["health"])

    async def answer() -> tuple[str, dict[str, object]]:
        results = await asyncio.gather(*(_run(check) for check in checks.values()))
        statuses = {str(result["status"]) for result in results}
        status = "fail" if "fail" in statuses else "warn" if "warn" in statuses else "pass"
        detail = {name: [result] for name, result in zip(checks, results, strict=True)}
        return status, {"status": status, "serviceId": service, "version": version, "checks": detail}

    def respond(status: str, document: dict[str, object]) -> Response:
        code = 503 if status == "fail" else 200
        return Response(dumps(document), status_code=code, media_type="application/health+json")

    @router.get("/health/live", summary="The process runs")
    async def live() -> dict[str, str]:
        return {"status": "pass"}

    @router.get("/health/ready", summary="The service can take traffic")
    async def ready() -> Response:
        status, _ = await answer()
        return respond(status, {"status": status})

    @router.get("/health", summary="State of every dependency")
    async def health() -> Response:
        return respond(*await answer())

    @router.get("/metrics", summary="Prometheus metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
