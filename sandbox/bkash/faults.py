"""Faults on demand: what a provider does on a bad day, by a seeded script. Not here: the protocol.

A script names ratios per call: {"seed": 7, "execute": {"act_then_503": 0.1, "act_then_hang": 0.1}, "query": {...}}.
`act_then_*` does what was asked and then fails to say so; `fail_*` fails without doing it.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

KINDS = (
    "act_then_503", "act_then_hang", "act_then_reset", "act_then_empty", "fail_503", "fail_401", "slow",
)  # fmt: skip
LONGEST_HANG_S = 60.0


class Faults:
    """Draws the fault of each call."""

    def __init__(self, script: dict[str, Any]) -> None:
        self._script = script
        self._random = random.Random(script.get("seed", 0))  # noqa: S311 - faults, not secrets

    def draw(self, call: str) -> str | None:
        """Fault for this call, or None."""
        dice = self._random.random()
        for kind, ratio in self._script.get(call, {}).items():
            if dice < float(ratio):
                return str(kind)
            dice -= float(ratio)
        return None


async def misbehave(kind: str, request: Request) -> Response:
    """The answer, or the lack of one, that a fault makes."""
    if kind.endswith("503"):
        return JSONResponse({"statusCode": "503", "statusMessage": "System is undergoing maintenance"}, 503)
    if kind.endswith("401"):
        return JSONResponse({"message": "The incoming token has expired"}, 401)
    if kind.endswith("reset"):
        return StreamingResponse(_broken(), headers={"content-length": "512"})
    if kind.endswith("hang"):
        await _until_gone(request)
    return Response(b"", 200)


async def _broken() -> AsyncIterator[bytes]:
    yield b'{"statusCode":'
    raise ConnectionResetError("the provider's connection breaks here, on purpose")


async def _until_gone(request: Request) -> None:
    async with asyncio.timeout(LONGEST_HANG_S):
        while not await request.is_disconnected():
            await asyncio.sleep(0.05)
