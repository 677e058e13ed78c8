"""Identifiers: UUID version 7 (RFC 9562), ordered by time, made here because PostgreSQL before 18 cannot. Nothing else."""

import os
import time
from uuid import UUID

_last_ms = 0
_counter = 0


def uuid7() -> UUID:
    """New identifier: 48 bits of Unix milliseconds, a 12-bit counter within the millisecond, 62 random bits."""
    global _last_ms, _counter
    now = time.time_ns() // 1_000_000
    if now > _last_ms:
        _last_ms, _counter = now, int.from_bytes(os.urandom(1), "big")
    else:
        _counter += 1
        if _counter > 0xFFF:
            _last_ms, _counter = _last_ms + 1, 0
    return _compose(_last_ms, _counter, int.from_bytes(os.urandom(8), "big"))


def _compose(milliseconds: int, counter: int, random_bits: int) -> UUID:
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76 | (counter & 0xFFF) << 64
    value |= 0b10 << 62 | (random_bits & 0x3FFF_FFFF_FFFF_FFFF)
    return UUID(int=value)


def instant_ms(identifier: UUID) -> int:
    """Unix milliseconds at which a version-7 identifier was made."""
    return identifier.int >> 80
