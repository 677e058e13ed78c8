"""Rate classes: how often one caller may ask, by kind of route, as data. Token buckets in the process's memory.

A caller is its token, or its address where it has none. Each process counts for itself: with n processes a caller may
have up to n times as much. Not here: limits of one account's wrong passwords (identity), what a route does.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from foundation.errors import TooManyRequests
from foundation.web.problems import problem_response

#: Callers that are remembered; the one not heard of for longest is forgotten, which is in its favour.
REMEMBERED = 50_000
LOOPBACK = {"127.0.0.1", "::1"}


@dataclass(frozen=True)
class RateClass:
    """So many requests a second, so many at once after a rest. Routes are given by methods and by the begin of the path."""

    name: str
    per_second: float
    burst: int
    methods: frozenset[str]
    prefixes: tuple[str, ...] = ("/",)
    #: Counted by address even with a token: what tries passwords and codes.
    by_address: bool = False

    def covers(self, method: str, path: str) -> bool:
        """Whether a request is of this class."""
        return method in self.methods and path.startswith(self.prefixes)


class Buckets:
    """Tokens left of each caller."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, remembered: int = REMEMBERED) -> None:
        self._clock, self._remembered = clock, remembered
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, rate: RateClass, caller: str) -> float:
        """Take one token; seconds to wait when there is none, 0 when there was."""
        key, now = (rate.name, caller), self._clock()
        left, since = self._left.pop(key, (float(rate.burst), now))
        left = min(float(rate.burst), left + (now - since) * rate.per_second)
        wait = 0.0 if left >= 1 else (1 - left) / rate.per_second
        self._left[key] = (left - 1 if wait == 0 else left, now)
        if len(self._left) > self._remembered:
            self._left.popitem(last=False)
        return wait


class RateMiddleware:
    """Refuses what is over the rate of its class with 429 and when to come again."""

    def __init__(self, app: ASGIApp, *, classes: Sequence[RateClass], buckets: Buckets | None = None) -> None:
        self.app, self.classes, self.buckets = app, tuple(classes), buckets or Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            rate = next((one for one in self.classes if one.covers(scope["method"], scope["path"])), None)
            wait = self.buckets.take(rate, caller_of(scope, by_address=rate.by_address)) if rate else 0.0
            if wait > 0:
                error = TooManyRequests(retry_after=int(wait) + 1)
                await problem_response(Request(scope), error)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def caller_of(scope: Scope, *, by_address: bool) -> str:
    """Who asks: a digest of the token, else the address. Only a gateway on this machine is believed about addresses."""
    headers = Headers(scope=scope)
    token = headers.get("authorization")
    if token and not by_address:
        return hashlib.blake2b(token.encode(), digest_size=12).hexdigest()
    address = str((scope.get("client") or ("unknown",))[0])
    forwarded = headers.get("x-forwarded-for")
    return forwarded.rpartition(",")[2].strip()[:45] if forwarded and address in LOOPBACK else address
