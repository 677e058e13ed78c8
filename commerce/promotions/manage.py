"""Use cases of those who make promotions: vouchers, campaigns, bundles. Not here: using them at checkout."""

from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.promotions.schemas import (
    Bundle,
    BundleRequest,
    Bundles,
    Campaign,
    CampaignMade,
    CampaignRequest,
    Campaigns,
    SellerVoucherRequest,
    Voucher,
    VoucherRequest,
    Vouchers,
)
from foundation.database import Connection, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.statements import load_statements
from foundation.web.pages import decode_cursor, encode_cursor

SQL = load_statements(__file__, "manage.sql")


class CodeTaken(Conflict):
    code = "code-taken"
    message = "This code is taken. Choose another."


class NotYourOffers(InvalidInput):
    code = "not-your-offers"
    message = "A bundle holds offers of your own that are on sale, each once."


async def create_voucher(connection: Connection, actor_id: UUID, request: VoucherRequest) -> Voucher:
    """A voucher of the platform.

    Raises:
        CodeTaken.
    """
    if await fetch_one(connection, SQL["create_voucher"], **request.model_dump()) is None:
        raise CodeTaken
    detail = {"limit_total": request.limit_total, "platform_bp": request.platform_bp}
    await audit.record(
        connection, actor_id=actor_id, action="voucher.created", subject=("voucher", request.code), detail=detail
    )
    return Voucher(**request.model_dump())


async def create_own_voucher(
    connection: Connection, seller_id: UUID, actor_id: UUID, request: SellerVoucherRequest
) -> Voucher:
    """A voucher for a seller's own goods, paid by the seller; combines with one of the platform's.

    Raises:
        CodeTaken.
    """
    own = VoucherRequest(
        **request.model_dump(), platform_bp=0, stack_group="seller", scope_seller_id=seller_id, scope_category=None
    )
    return await create_voucher(connection, actor_id, own)


async def list_vouchers(commerce: Commerce, *, seller_id: UUID | None, limit: int, cursor: str | None) -> Vouchers:
    """Vouchers by code: all, or a seller's own.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_vouchers"], seller_id=seller_id, after_code=values[0] if values else None, limit=limit
        )
    last = encode_cursor([rows[-1]["code"]]) if len(rows) == limit else None
    return Vouchers(items=[Voucher(**row) for row in rows], next_cursor=last)


async def end_voucher(commerce: Commerce, code: str, actor_id: UUID, *, seller_id: UUID | None) -> None:
    """No more uses of a voucher from now on.

    Raises:
        NotFound: no such voucher, over already, or not the seller's.
    """
    async with commerce.database.transaction() as connection:
        ended = await fetch_one(connection, SQL["end_voucher"], code=code, seller_id=seller_id, now=commerce.clock())
        if ended is None:
            raise NotFound
        await audit.record(connection, actor_id=actor_id, action="voucher.ended", subject=("voucher", code))


async def create_campaign(connection: Connection, actor_id: UUID, request: CampaignRequest) -> CampaignMade:
    """A campaign that vouchers and flash slots belong to.

    Raises:
        CodeTaken.
    """
    row = await fetch_one(connection, SQL["create_campaign"], id=uuid7(), created_by=actor_id, **request.model_dump())
    if row is None:
        raise CodeTaken
    await audit.record(connection, actor_id=actor_id, action="campaign.created", subject=("campaign", row["id"]))
    return CampaignMade(id=row["id"])


async def list_campaigns(commerce: Commerce, *, locale: str) -> Campaigns:
    """Campaigns that run or are to come."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_campaigns"], now=commerce.clock())
    return Campaigns(
        items=[
            Campaign(
                id=row["id"], code=row["code"], starts_at=row["starts_at"], ends_at=row["ends_at"],
                name=row["name_bn"] if locale == "bn" and row["name_bn"] else row["name_en"],
            )
            for row in rows
        ]
    )  # fmt: skip


async def create_bundle(connection: Connection, seller_id: UUID, request: BundleRequest) -> Bundle:
    """A bundle of a seller's own offers; the seller bears its discount.

    Raises:
        NotYourOffers, CodeTaken.
    """
    offers = [item.offer_id for item in request.items]
    own = await fetch_all(connection, SQL["own_offers"], offer_ids=offers, seller_id=seller_id)
    if len(own) != len(offers):
        raise NotYourOffers
    bundle_id = uuid7()
    made = await fetch_one(
        connection, SQL["create_bundle"], id=bundle_id, code=request.code, name_en=request.name_en,
        seller_id=seller_id, discount_bp=request.discount_bp, starts_at=request.starts_at, ends_at=request.ends_at,
        offer_ids=offers, quantities=[item.quantity for item in request.items],
    )  # fmt: skip
    if made is None:
        raise CodeTaken
    return Bundle(id=bundle_id, **request.model_dump())


async def list_bundles(commerce: Commerce, seller_id: UUID) -> Bundles:
    """A seller's bundles, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_bundles"], seller_id=seller_id)
    return Bundles(items=[Bundle(**row) for row in rows])
