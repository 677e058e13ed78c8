"""Who is calling: the bearer token of a request and the scopes a route asks for. Not here: log-in, ownership."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from foundation.errors import Forbidden, Unauthenticated
from foundation.security.tokens import Principal, TokenAuthority

_bearer = HTTPBearer(auto_error=False, description="Access token from /v1/auth/login")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
# A long-lived key is told from a token by how it begins; who holds it is found by `app.state.find_key_holder`, if set.
KEY_PREFIX = "gk_"
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
    return authority.verify(credentials.credentials)


async def _key_holder(request: Request, key: str) -> Principal:
    find: FindKeyHolder | None = getattr(request.app.state, "find_key_holder", None)
    holder = await find(key) if find else None
    if holder is None:
        raise Unauthenticated
    return holder


async def maybe_principal(request: Request, credentials: Credentials) -> Principal | None:
    """Principal of the request, None without a token.

    Raises:
        Unauthenticated: a token that is not valid.
    """
    return None if credentials is None else await current_principal(request, credentials)


Caller = Annotated[Principal, Depends(current_principal)]
MaybeCaller = Annotated[Principal | None, Depends(maybe_principal)]


async def _person(caller: Caller) -> Principal:
    if caller.is_key:
        raise Forbidden
    return caller


#: A caller who logged in: keys may not touch credentials.
Person = Annotated[Principal, Depends(_person)]


def requires(*scopes: str) -> Callable[..., object]:
    """Dependency: the caller holds at least one of the scopes."""

    async def check(caller: Caller) -> Principal:
        if not any(caller.may(scope) for scope in scopes):
            raise Forbidden
        return caller

    return check
