"""How readiness is seen from outside: a port, an HTTP answer, a PostgreSQL answer. Each probe is quick and never raises."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import psycopg

from foundation.settings import Settings

Probe = Callable[[], Awaitable[bool]]


async def alive() -> bool:
    """Ready as soon as it runs: for workers without a port."""
    return True


def port(host: str, number: int) -> Probe:
    """Ready when the port accepts a connection."""

    async def probe() -> bool:
        try:
            async with asyncio.timeout(1.0):
                _, writer = await asyncio.open_connection(host, number)
        except (OSError, TimeoutError):
            return False
        writer.close()
        return True

    return probe


def http(url: str) -> Probe:
    """Ready when the address answers below 400."""

    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=2.0) as client:
                return (await client.get(url)).status_code < 400
        except httpx.HTTPError:
            return False

    return probe


def postgres(settings: Settings) -> Probe:
    """Ready when PostgreSQL takes a session (it refuses while it recovers)."""

    async def probe() -> bool:
        try:
            connection = await psycopg.AsyncConnection.connect(settings.server(), connect_timeout=2)
        except psycopg.OperationalError:
            return False
        await connection.close()
        return True

    return probe
