"""Who is calling: the bearer token of a request and the scopes a route asks for. Not here: log-in, ownership."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from foundation import rows
from foundation.errors import Forbidden, Unauthenticated
from foundation.security.tokens import Principal, TokenAuthority

_bearer = HTTPBearer(auto_error=False, description="Access token from /v1/auth/login")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
# A long-lived key is told from a token by how it begins; who holds it is found by `app.state.find_key_holder`, if set.
KEY_PREFIX = "gk_"
# Who has no other right than to shop reads behind the second wall.
SHOPPER = frozenset({"shop"})
FindKeyHolder = Callable[[str], Awaitable[Principal | None]]


async def current_principal(request: Request, credentials: Credentials) -> Principal:
    """Principal of the request.

    Raises:
        Unauthenticated: no token, or not a valid one.
    """
    if credentials is None:
        raise Unauthenticated
    if credentials.credentials.startswith(KEY_PREFIX):
        return await _key_holder(request, credentials.credentials)
    authority: TokenAuthority = request.app.state.tokens
    principal = authority.verify(credentials.credentials)
    if request.method == "GET" and principal.scopes == SHOPPER:
        rows.only_of(principal.user_id)
    return principal


async def _key_holder(request: Request, key: str) -> Principal:
    find: FindKeyHolder | None = getattr(request.app.state, "find_key_holder", None)
    holder = await find(key) if find else None
    if holder is None:
        raise Unauthenticated
    return holder


async def maybe_principal(request: Request) -> Principal | None:
    """Principal of the request, None without a token. The API's description names no security for it: none is needed.

    Raises:
        Unauthenticated: a token that is not valid.
    """
    credentials = await _bearer(request)
    return None if credentials is None else await current_principal(request, credentials)


Caller = Annotated[Principal, Depends(current_principal)]
MaybeCaller = Annotated[Principal | None, Depends(maybe_principal)]


async def _person(caller: Caller) -> Principal:
    if caller.is_key:
        raise Forbidden
    return caller


#: A caller who logged in: keys may not touch credentials.
Person = Annotated[Principal, Depends(_person)]


def requires(*scopes: str) -> "_Requires":
    """Dependency: the caller holds at least one of the scopes."""
    return _Requires(frozenset(scopes))


@dataclass(frozen=True)
class _Requires:
    """The check itself; the access table of the API is read off its scopes."""

    scopes: frozenset[str]

    async def __call__(self, caller: Caller) -> Principal:
        if not caller.scopes & self.scopes:
            raise Forbidden
        return caller


@dataclass(frozen=True)
class Access:
    """Who may call an operation: everybody, everybody who is logged in, or holders of one of the scopes."""

    is_public: bool
    scopes: frozenset[str] = frozenset()


def access_of(dependant: Dependant) -> Access:
    """What a route asks of its callers, read off its dependencies."""
    is_public, scopes = True, frozenset[str]()
    for part in dependant.dependencies:
        inner = access_of(part)
        is_public = is_public and inner.is_public and part.call is not current_principal
        scopes |= inner.scopes | getattr(part.call, "scopes", frozenset())
    return Access(is_public, scopes)
