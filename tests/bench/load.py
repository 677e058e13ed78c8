"""A lean closed-loop HTTP client: N clients, each with one kept-alive connection, the next request after the answer.

Costs about 60 µs a request, so that the two cores are left to what is measured. Not here: what is asked.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

Answer = tuple[int, bytes]


@dataclass
class Measured:
    """What a run of requests was answered."""

    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def quantile(self, share: float) -> float:
        return round(float(np.quantile(self.latencies_ms, share)), 2)

    @property
    def per_second(self) -> float:
        return round(len(self.latencies_ms) / self.seconds, 1)


def request(method: str, path: str, body: bytes = b"", *, token: str = "", key: str = "") -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "host: bench", f"content-length: {len(body)}"]
    lines += [f"authorization: Bearer {token}"] if token else []
    lines += [f"idempotency-key: {key}"] if key else []
    lines += ["content-type: application/json"] if body else []
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One kept-alive connection."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, content: bytes) -> Answer:
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._writer.write(content)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 : lowered.index(b"\r\n", at)]) if at >= 0 else 0
        body = await self._reader.readexactly(length) if length else b""
        return int(head[9:12]), body

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


async def closed_loop(
    host: str, port: int, questions: Callable[[int], Iterator[bytes]], *, clients: int, seconds: float
) -> Measured:
    """Let `clients` ask their questions for some seconds."""
    measured = Measured()
    started = time.perf_counter()

    async def client(number: int) -> None:
        connection = Connection(host, port)
        for content in questions(number):
            began = time.perf_counter()
            if began - started > seconds:
                break
            status, _ = await connection.ask(content)
            measured.latencies_ms.append((time.perf_counter() - began) * 1000)
            measured.statuses[status] += 1
        connection.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    measured.seconds = time.perf_counter() - started
    return measured


async def all_at_once(host: str, port: int, contents: list[bytes], *, clients: int) -> list[Answer]:
    """Every request once, `clients` at a time; answers in the order asked."""
    answers: list[Answer] = [(0, b"")] * len(contents)
    waiting = iter(enumerate(contents))

    async def client() -> None:
        connection = Connection(host, port)
        for number, content in waiting:
            answers[number] = await connection.ask(content)
        connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return answers
