"""Who is calling: the bearer token of a request and the scopes a route asks for. Not here: log-in, ownership."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from foundation.errors import Forbidden, Unauthenticated
from foundation.security.tokens import Principal, TokenAuthority

_bearer = HTTPBearer(auto_error=False, description="Access token from /v1/auth/login")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def current_principal(request: Request, credentials: Credentials) -> Principal:
    """Principal of the request.

    Raises:
        Unauthenticated: no token, or not a valid one.
    """
    if credentials is None:
        raise Unauthenticated
    authority: TokenAuthority = request.app.state.tokens
    return authority.verify(credentials.credentials)


Caller = Annotated[Principal, Depends(current_principal)]


def requires(*scopes: str) -> Callable[..., object]:
    """Dependency: the caller holds at least one of the scopes."""

    async def check(caller: Caller) -> Principal:
        if not any(caller.may(scope) for scope in scopes):
            raise Forbidden
        return caller

    return check
