"""Access tokens: Ed25519-signed JWT (RFC 9864) with scopes. Not here: sessions, refresh tokens, who holds which scope."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from foundation.clock import Clock, system_clock
from foundation.errors import Unauthenticated
from foundation.ids import uuid7
from foundation.security.keys import derive_key

ISSUER = "getit"
ALGORITHMS = ["Ed25519"]
LIFETIME = timedelta(hours=2)
VERIFIED_KEPT = 4096


@dataclass(frozen=True)
class Principal:
    """Who is calling, as the token proves it."""

    user_id: UUID
    scopes: frozenset[str]
    locale: str = "en"
    # The log-in that the token comes from; None for processes and API keys.
    session_id: UUID | None = None
    # A program with a long-lived key: it may not change credentials.
    is_key: bool = False

    def may(self, scope: str) -> bool:
        """Whether the token carries a scope."""
        return scope in self.scopes


class TokenAuthority:
    """Issues and verifies access tokens."""

    def __init__(self, root: bytes, *, clock: Clock = system_clock) -> None:
        private = Ed25519PrivateKey.from_private_bytes(derive_key(root, "tokens"))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self._key = OKPKey.import_key(pem)
        self._clock = clock
        # A signature is checked once a process; times are checked on every call.
        self._claims_of = functools.lru_cache(VERIFIED_KEPT)(self._checked_claims)

    def issue(
        self,
        user_id: UUID,
        scopes: Iterable[str],
        *,
        locale: str = "en",
        lifetime: timedelta = LIFETIME,
        session_id: UUID | None = None,
    ) -> str:
        """Signed token for a user."""
        now = int(self._clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": str(user_id),
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime.total_seconds()),
            "jti": str(uuid7()),
            "scope": " ".join(sorted(scopes)),
            "locale": locale,
        }
        if session_id is not None:
            claims["sid"] = str(session_id)
        return jwt.encode({"alg": "Ed25519"}, claims, self._key, algorithms=ALGORITHMS)

    def verify(self, token: str) -> Principal:
        """Principal of a token.

        Raises:
            Unauthenticated: forged, expired, for another audience, or not a token at all.
        """
        try:
            claims = self._claims_of(token)
            user_id = UUID(claims["sub"])
            session_id = UUID(claims["sid"]) if "sid" in claims else None
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Unauthenticated from error
        now = self._clock().timestamp()
        is_current = claims.get("nbf", now + 1) <= now < claims.get("exp", 0)
        if not is_current or claims.get("iss") != ISSUER or claims.get("aud") != ISSUER:
            raise Unauthenticated("The access token has expired or is not for this service. Log in again.")
        scopes = frozenset(str(claims.get("scope", "")).split())
        return Principal(user_id, scopes, str(claims.get("locale", "en")), session_id)

    def _checked_claims(self, token: str) -> Mapping[str, Any]:
        return dict(jwt.decode(token, self._key, algorithms=ALGORITHMS).claims)


class ServiceToken:
    """A process's own token for calls to other services, renewed well before it ends."""

    def __init__(
        self, authority: TokenAuthority, service: str, scopes: Iterable[str], *, clock: Clock = system_clock
    ) -> None:
        self._authority = authority
        self._user_id = uuid5(NAMESPACE_DNS, f"{service}.{ISSUER}")
        self._scopes = frozenset(scopes)
        self._clock = clock
        self._token = ""
        self._renew_at: datetime | None = None

    def __call__(self) -> str:
        """Token that is valid for at least half its lifetime."""
        now = self._clock()
        if self._renew_at is None or now >= self._renew_at:
            self._token = self._authority.issue(self._user_id, self._scopes)
            self._renew_at = now + LIFETIME / 2
        return self._token
