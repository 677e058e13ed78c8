"""Plain ASGI middleware: request id, body limit, RED metrics, access log of failures. Not here: anything about accounts."""

import re
import time
from collections.abc import Mapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from foundation import rows, tracing
from foundation.ids import uuid7

REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
BODY_LIMIT = 1_048_576
# 100 ms is the service level: it must be a bucket boundary to be read exactly.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 5.0)

_log = structlog.get_logger("http")


class RedMetrics:
    """Rate, errors and duration by route template."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "route", "status")
        self.requests = Counter("getit_http_requests_total", "Requests answered", labels, registry=registry)
        self.duration = Histogram(
            "getit_http_request_seconds", "Time to answer", ("method", "route"), buckets=BUCKETS, registry=registry
        )

    def observe(self, scope: Scope, status: int, seconds: float) -> None:
        """Count one answer."""
        route = getattr(scope.get("route"), "path", "unmatched")
        self.requests.labels(scope["method"], route, status).inc()
        self.duration.labels(scope["method"], route).observe(seconds)


class EdgeMiddleware:
    """Outermost layer of every service."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        metrics: RedMetrics,
        body_limit: int = BODY_LIMIT,
        upload_limits: Mapping[str, int] | None = None,
    ) -> None:
        self.app = app
        self.metrics = metrics
        self.body_limit = body_limit
        # Paths that take files, exactly as they are called, with their own limits.
        self.upload_limits = dict(upload_limits or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self.upload_limits.get(scope["path"], self.body_limit))
        if exchange.announces_too_much():
            await exchange.refuse()
            return
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id, trace_id=None):
            tracing.begin(exchange.traceparent())
            unrestricted = rows.begin()
            try:
                await self.app(scope, exchange.receive, exchange.send)
            except _BodyTooLarge:
                await exchange.refuse()
            finally:
                rows.end(unrestricted)
                self.metrics.observe(scope, exchange.status, time.perf_counter() - exchange.started)
                if exchange.status >= 500:
                    _log.error("failed", method=scope["method"], path=scope["path"], status=exchange.status)


class _BodyTooLarge(Exception):
    """The body grew over the limit while it was read."""


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, body_limit: int) -> None:
        self.started = time.perf_counter()
        self.status = 500
        self._receive, self._send, self._limit = receive, send, body_limit
        self._read = 0
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        given = self._headers.get(b"x-request-id", b"")
        self.request_id = given.decode() if REQUEST_ID.fullmatch(given) else str(uuid7())
        scope["request_id"] = self.request_id

    def traceparent(self) -> str | None:
        given = self._headers.get(b"traceparent")
        return given.decode("latin-1") if given else None

    def announces_too_much(self) -> bool:
        length = self._headers.get(b"content-length", b"0")
        return not length.isdigit() or int(length) > self._limit

    async def receive(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > self._limit:
            raise _BodyTooLarge
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", []), *self._response_headers()]
        await self._send(message)

    def _response_headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (b"x-request-id", self.request_id.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"no-referrer"),
        ]

    async def refuse(self) -> None:
        most = max(1, self._limit // BODY_LIMIT)
        body = (
            '{"type":"https://getit.example/problems/too-large","title":"Too large","status":413,'
            f'"detail":"The request body is over {most} MiB. Send less."}}'
        ).encode()
        headers: list[tuple[bytes, bytes]] = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
        start: dict[str, Any] = {"type": "http.response.start", "status": 413, "headers": headers}
        await self.send(start)
        await self._send({"type": "http.response.body", "body": body})
