"""What routes of commerce share: the composition of the process, the caller's language and seller, once-only requests.

Not here: any route.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response

from commerce.context import Commerce
from commerce.currencies.rules import Currency, Rate
from commerce.currencies.use_cases import rate_now
from commerce.sellers.membership import seller_of
from foundation.security.tokens import Principal
from foundation.web.idempotency import Claim, StoredAnswer
from foundation.web.identity import Caller, requires
from foundation.web.problems import caller_locale


async def _commerce(request: Request) -> Commerce:
    # A plain function would cost a hop into a thread.
    commerce: Commerce = request.app.state.commerce
    return commerce


Shop = Annotated[Commerce, Depends(_commerce)]
Locale = Annotated[str, Depends(caller_locale)]


async def _display(
    shop: Shop,
    currency: Annotated[Currency | None, Query(description="Show prices about as they are in it, beside taka.")] = None,
) -> Rate | None:
    return None if currency is None else await rate_now(shop, currency)


#: Rate of the currency in which the caller wants prices shown as well; None: not asked for, or no rate is known.
Display = Annotated[Rate | None, Depends(_display)]


async def _own_seller(
    shop: Shop,
    caller: Annotated[Principal, Depends(requires("sell"))],
    x_seller_id: Annotated[UUID | None, Header(description="Which seller, for people who work for several.")] = None,
) -> UUID:
    async with shop.database.connection() as connection:
        return await seller_of(connection, caller.user_id, chosen=x_seller_id)


#: The seller the caller works for (scope `sell`); routes of sellers take it from here and from nowhere else.
OwnSeller = Annotated[UUID, Depends(_own_seller)]


async def _once(
    request: Request,
    caller: Caller,
    idempotency_key: Annotated[
        str | None, Header(max_length=255, description="New for each new request; the same again to retry.")
    ] = None,
) -> Claim:
    route = f"{request.method} {request.url.path}"
    return Claim.of(principal_id=str(caller.user_id), key=idempotency_key, route=route, body=await request.body())


#: Claim of a request that must have one effect however often it is sent; see `foundation.web.idempotency.once`.
OnceOnly = Annotated[Claim, Depends(_once)]


def stored(answer: StoredAnswer) -> Response:
    """HTTP answer of a once-only request, byte for byte as it was first given."""
    headers = {"idempotent-replayed": "true"} if answer.is_replay else None
    return Response(answer.body, status_code=answer.status_code, media_type="application/json", headers=headers)
