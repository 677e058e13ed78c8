"""Password hashing (argon2id) off the event loop, with a bounded queue. Not here: password rules of the shop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from foundation.errors import Unavailable

# OWASP password storage cheat sheet: argon2id, 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
MAX_WAITING = 32


class PasswordVault:
    """Hashes and checks passwords in two threads: a wave of log-ins must not stop the shop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """Encoded argon2id hash."""
        return str(await self._run(_hasher.hash, password))

    async def matches(self, password: str, encoded: str | None) -> bool:
        """Whether a password fits; without a hash it still takes as long, so that accounts cannot be probed."""
        known = encoded or _decoy()
        fits = bool(await self._run(_verify, known, password))
        return fits and encoded is not None

    async def _run(self, function: object, *arguments: str) -> object:
        if self._waiting >= MAX_WAITING:
            raise Unavailable
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)  # type: ignore[arg-type]
        finally:
            self._waiting -= 1


def _verify(encoded: str, password: str) -> bool:
    try:
        return _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False


_decoy_hash: str | None = None


def _decoy() -> str:
    global _decoy_hash
    if _decoy_hash is None:
        _decoy_hash = _hasher.hash("no such account")
    return _decoy_hash
