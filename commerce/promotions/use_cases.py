"""Use cases of promotions inside a checkout: what a basket gets, using vouchers, giving them back.

Not here: flash sales' lives and queues (`flash`), making vouchers (`manage`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from commerce.promotions import flash
from commerce.promotions.rules import BasketLine, Given, VoucherUsedByYou, VoucherUsedUp, check_voucher, price_basket
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.statements import load_statements

SQL = load_statements(__file__)
UUIDS = ("scope_seller_id",)
INSTANTS = ("starts_at", "ends_at")


@dataclass(frozen=True)
class BasketPromotions:
    """What promotions know about a basket before it is priced."""

    vouchers: Sequence[Mapping[str, Any]]
    bundles: Sequence[Mapping[str, Any]]
    slots: Mapping[UUID, flash.Slot]


async def look(
    connection: Connection, *, buyer_id: UUID, offer_ids: Sequence[UUID], codes: Sequence[str], now: datetime
) -> BasketPromotions:
    """Vouchers (checked), bundles and open flash slots of a basket; one statement.

    Raises:
        VoucherRefused: one of the codes cannot be used.
    """
    row = await fetch_one(
        connection, SQL["for_basket"], buyer_id=buyer_id, offer_ids=list(offer_ids), codes=list(codes), now=now
    )
    found = row or {"vouchers": [], "bundles": [], "slots": []}
    by_code = {voucher["code"]: _typed(voucher) for voucher in found["vouchers"]}
    vouchers = [check_voucher(by_code.get(code), code, now=now) for code in codes]
    slots = {UUID(slot["offer_id"]): flash.slot_of(slot) for slot in found["slots"]}
    return BasketPromotions(vouchers, found["bundles"], slots)


def _typed(voucher: Mapping[str, Any]) -> dict[str, Any]:
    """A voucher out of JSON."""
    typed = dict(voucher)
    typed |= {name: datetime.fromisoformat(typed[name]) for name in INSTANTS}
    return typed | {name: UUID(typed[name]) if typed[name] else None for name in UUIDS}


async def price(
    connection: Connection,
    promotions: BasketPromotions,
    lines: Sequence[BasketLine],
    *,
    shipping: Mapping[UUID, int],
) -> list[Given]:
    """What bundles and vouchers give on the priced lines.

    Raises:
        VoucherRefused: a voucher does not fit the basket.
    """
    if not promotions.bundles and not promotions.vouchers:
        return []
    if any(voucher["scope_category"] for voucher in promotions.vouchers):
        lines = await _with_categories(connection, lines)
    return price_basket(lines, bundles=promotions.bundles, vouchers=promotions.vouchers, shipping=shipping)


async def _with_categories(connection: Connection, lines: Sequence[BasketLine]) -> list[BasketLine]:
    rows = await fetch_all(connection, SQL["category_paths"], offer_ids=[line.offer_id for line in lines])
    paths = {row["offer_id"]: row["path"] for row in rows}
    return [
        BasketLine(line.offer_id, line.seller_id, paths.get(line.offer_id, ""), line.quantity, line.subtotal_poisha)
        for line in lines
    ]


async def redeem(connection: Connection, code: str, *, buyer_id: UUID, group_id: UUID, discount_poisha: int) -> None:
    """Use a voucher once, in the order's transaction.

    Raises:
        VoucherUsedUp, VoucherUsedByYou: someone was faster.
    """
    try:
        done = await fetch_one(
            connection, SQL["redeem"], code=code, buyer_id=buyer_id, group_id=group_id,
            discount_poisha=discount_poisha,
        )  # fmt: skip
    except psycopg.errors.UniqueViolation as error:
        raise VoucherUsedByYou(voucher=code) from error
    if done is None:
        raise VoucherUsedUp(voucher=code)


async def give_back(connection: Connection, group_id: UUID) -> None:
    """Return the vouchers and flash purchases of a group that was cancelled whole."""
    await execute(connection, SQL["give_back"], group_id=group_id)
    await flash.give_back(connection, group_id)
