"""Second factor by time (TOTP, RFC 6238): secrets, addresses for authenticator apps, which step a code belongs to.

Not here: where secrets are kept, that a step serves once.
"""

import base64
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_S, DIGITS, SECRET_BYTES = 30, 6, 20
# One step early or late: the clock of a telephone is not ours.
DRIFT_STEPS = 1


def new_secret() -> str:
    """Fresh secret in base32, as authenticator apps take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _totp(secret: str) -> TOTP:
    # Authenticator apps understand SHA-1 only; as a keyed hash it is sound.
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_S)  # noqa: S303


def code_at(secret: str, instant: datetime) -> str:
    """Code of an instant."""
    return _totp(secret).generate(int(instant.timestamp())).decode()


def address(secret: str, account: str, issuer: str) -> str:
    """`otpauth://` address for the QR code."""
    return _totp(secret).get_provisioning_uri(account, issuer)


def matching_step(secret: str, code: str, instant: datetime) -> int | None:
    """Number of the time step that a code belongs to, within the drift allowed; None if to none."""
    totp, now = _totp(secret), int(instant.timestamp()) // STEP_S
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if hmac.compare_digest(totp.generate(step * STEP_S), code.encode()):
            return step
    return None
