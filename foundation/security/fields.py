"""Encrypted fields and blind indexes for personal data. Not here: which fields are personal.

AES-256-GCM with the place (table, column) as associated data: a value copied to another column does not decrypt.
The blind index is a keyed hash of the normalised value: equality can be asked, the value cannot be read.
"""

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.security.keys import derive_key

VERSION = b"\x01"
NONCE_BYTES = 12


class FieldCipher:
    """Encrypts, decrypts and indexes personal values."""

    def __init__(self, root: bytes) -> None:
        self._cipher = AESGCM(derive_key(root, "fields"))
        self._index_key = derive_key(root, "blind-index")

    def encrypt(self, value: str, place: str) -> bytes:
        """Ciphertext of a value for one place such as "identity.users.phone"."""
        return self.seal(value.encode(), place)

    def decrypt(self, blob: bytes, place: str) -> str:
        """Value of a ciphertext.

        Raises:
            ValueError: unknown version.
            cryptography.exceptions.InvalidTag: tampered with, or from another place.
        """
        return self.open(blob, place).decode()

    def seal(self, content: bytes, place: str) -> bytes:
        """As `encrypt`, for bytes (files)."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, blob: bytes, place: str) -> bytes:
        """As `decrypt`, for bytes (files)."""
        if blob[:1] != VERSION:
            raise ValueError("this ciphertext has an unknown version")
        nonce, body = blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        return self._cipher.decrypt(nonce, body, place.encode())

    def index(self, value: str, kind: str) -> str:
        """Blind index of a normalised value of a kind ("phone", "email", "device", "wallet"); 32 hex digits."""
        digest = hmac.new(self._index_key, f"{kind}:{value}".encode(), hashlib.sha256)
        return digest.hexdigest()[:32]
