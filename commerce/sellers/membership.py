"""For whom a caller sells: the seller is always resolved from the caller, never taken from the request's body.

Not here: inviting people, what a seller is.
"""

from uuid import UUID

from foundation.database import Connection, fetch_all
from foundation.errors import BadRequest, Forbidden
from foundation.statements import load_statements

SQL = load_statements(__file__, "membership.sql")


class NoSeller(Forbidden):
    code = "no-seller"
    message = "This is for sellers. Open a shop first, or ask the owner to invite you."


class WhichSeller(BadRequest):
    code = "which-seller"
    message = "You work for several sellers. Name one in the X-Seller-Id header."


async def seller_of(connection: Connection, user_id: UUID, *, chosen: UUID | None = None) -> UUID:
    """Seller the user works for.

    Raises:
        NoSeller: the user works for none, or not for the one chosen.
        WhichSeller: the user works for several and chose none.
    """
    rows = await fetch_all(connection, SQL["sellers_of"], user_id=user_id)
    sellers = [row["seller_id"] for row in rows if chosen in {None, row["seller_id"]}]
    if not sellers:
        raise NoSeller
    if len(sellers) > 1:
        raise WhichSeller(seller_ids=[str(seller) for seller in sellers])
    return UUID(str(sellers[0]))


async def people_of(connection: Connection, seller_id: UUID) -> list[UUID]:
    """Everybody who works for a seller."""
    return [row["user_id"] for row in await fetch_all(connection, SQL["people_of"], seller_id=seller_id)]
