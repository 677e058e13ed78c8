"""Keys of this installation, all derived from one root secret. Not here: what they encrypt or sign."""

import functools
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from foundation.settings import Settings


def root_secret(settings: Settings) -> bytes:
    """The root secret: from the setting, else (environment `local`) from a file made on first use with mode 0600."""
    if settings.secret_key:
        return settings.secret_key.encode()
    return _file_secret(settings.folder("secrets") / "root.key")


@functools.cache
def _file_secret(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        secret = secrets.token_hex(32).encode()
        file.write(secret)
    return secret


def derive_key(root: bytes, purpose: str) -> bytes:
    """32-byte key for one purpose (HKDF-SHA256, RFC 5869): knowing one key tells nothing of another."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"getit/{purpose}".encode()).derive(root)
