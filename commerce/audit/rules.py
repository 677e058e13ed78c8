"""The chain of the audit log: what a link hashes, how a checkpoint is signed. Pure: no I/O, no clock, no database."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from foundation.security.keys import derive_key

START = "0" * 64
FIELDS = ("id", "actor_id", "action", "subject_kind", "subject_id", "detail", "recorded_at")


def link_hash(previous: str, link_no: int, record: Mapping[str, Any]) -> str:
    """SHA-256 over the previous link's hash, the link's number and every field of the record, in canonical JSON."""
    body = [previous, link_no, *(record[name] for name in FIELDS)]
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z, default=str)).hexdigest()


class Signer:
    """Signs and checks checkpoints (Ed25519, a key of its own)."""

    def __init__(self, root: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(derive_key(root, "audit"))

    def sign(self, link_no: int, link: str) -> str:
        """Signature in hexadecimal."""
        return self._key.sign(f"{link_no}:{link}".encode()).hex()

    def is_valid(self, link_no: int, link: str, signature: str) -> bool:
        """Whether we signed this link."""
        try:
            self._key.public_key().verify(bytes.fromhex(signature), f"{link_no}:{link}".encode())
        except (InvalidSignature, ValueError):
            return False
        return True
