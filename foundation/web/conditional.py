"""Conditional GET: every JSON answer has an ETag, and who has it already is told so with 304 and no body (RFC 9110, 13).

Streams, pages and files pass untouched. Not here: If-Match, which guards changes (`commerce.catalog.versions`).
"""

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOT_MODIFIED = 304
KEPT = {"etag", "cache-control", "vary", "content-language", "expires"}


class ConditionalMiddleware:
    """Answers GET and HEAD by their ETag."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}:
            send = _Answer(Headers(scope=scope), send)
        await self.app(scope, receive, send)


class _Answer:
    """One answer, its start held back until the whole body is there."""

    def __init__(self, asked: Headers, send: Send) -> None:
        self._asked, self._send = asked, send
        self._start: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_document(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            start, self._start = self._start, None
            await self._finish(start, message)

    async def _finish(self, start: Message, message: Message) -> None:
        if not message.get("more_body", False):
            headers = MutableHeaders(raw=start["headers"])
            headers.setdefault("etag", f'W/"{blake2b(message.get("body", b""), digest_size=12).hexdigest()}"')
            # Kept by whoever asked, asked about each time: prices and stock change from one second to the next.
            headers.setdefault("cache-control", "private, no-cache" if "authorization" in self._asked else "no-cache")
            headers.add_vary_header("Authorization, Accept-Language")
            if _matches(self._asked.get("if-none-match"), headers["etag"]):
                left = [(name, value) for name, value in headers.raw if name.decode() in KEPT]
                start = {**start, "status": NOT_MODIFIED, "headers": left}
                message = {**message, "body": b""}
            else:
                start = {**start, "headers": headers.raw}
        await self._send(start)
        await self._send(message)


def _is_document(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith(
        "application/json"
    )


def _matches(given: str | None, etag: str) -> bool:
    """Weak comparison: what is equal for its reader is equal."""
    if given is None:
        return False
    plain = etag.removeprefix("W/")
    return given.strip() == "*" or any(one.strip().removeprefix("W/") == plain for one in given.split(","))
