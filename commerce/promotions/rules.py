"""Pure decisions about promotions: what bundles and vouchers give on a basket, who pays for it. No I/O, no clock.

Order of application: flash prices (they are prices), then bundles, then vouchers in the order given; each works on what the
earlier ones left. Amounts are shared out over the lines by largest remainder, so the parts sum to the whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.errors import Conflict
from foundation.money import apportion, share

WHOLE_BP = 10_000


class VoucherRefused(Conflict):
    code = "voucher-refused"
    message = "This voucher cannot be used."


class VoucherUnknown(VoucherRefused):
    message = "There is no voucher {voucher}. Check the spelling, or order without it."


class VoucherNotNow(VoucherRefused):
    message = "Voucher {voucher} is not valid now. Order without it."


class VoucherUsedUp(VoucherRefused):
    message = "All vouchers {voucher} have been used. Order without it."


class VoucherUsedByYou(VoucherRefused):
    message = "You have used voucher {voucher} already. Order without it."


class VoucherNeedsMore(VoucherRefused):
    message = "Voucher {voucher} needs goods for at least {min_subtotal_poisha} poisha that it is meant for. Add some, or order without it."


class VoucherNotTogether(VoucherRefused):
    message = "Vouchers {voucher} and {other} cannot be used together. Choose one."


@dataclass(frozen=True)
class BasketLine:
    """A line of a basket at today's (flash) price."""

    offer_id: UUID
    seller_id: UUID
    category_path: str
    quantity: int
    subtotal_poisha: int


@dataclass(frozen=True)
class Given:
    """What one promotion gives: poisha by line, and on the delivery fee of each seller."""

    code: str
    kind: str
    by_line: tuple[int, ...]
    platform_bp: int
    by_shipping: Mapping[UUID, int] = field(default_factory=dict)

    @property
    def amount_poisha(self) -> int:
        return sum(self.by_line) + sum(self.by_shipping.values())


def check_voucher(voucher: Mapping[str, Any] | None, code: str, *, now: datetime) -> Mapping[str, Any]:
    """The voucher, if it may be used now by this buyer.

    Raises:
        VoucherRefused: the subclass says why.
    """
    if voucher is None:
        raise VoucherUnknown(voucher=code)
    if not voucher["starts_at"] <= now < voucher["ends_at"]:
        raise VoucherNotNow(voucher=code)
    if voucher["redeemed"] >= voucher["limit_total"]:
        raise VoucherUsedUp(voucher=code)
    if voucher["used"] >= voucher["limit_per_buyer"]:
        raise VoucherUsedByYou(voucher=code)
    return voucher


def check_stacking(vouchers: Sequence[Mapping[str, Any]]) -> None:
    """One voucher of each stacking group.

    Raises:
        VoucherNotTogether.
    """
    first: dict[str, str] = {}
    for voucher in vouchers:
        group = voucher["stack_group"]
        if group in first:
            raise VoucherNotTogether(voucher=first[group], other=voucher["code"])
        first[group] = voucher["code"]


def in_scope(voucher: Mapping[str, Any], line: BasketLine) -> bool:
    """Whether a voucher is meant for a line: its seller, its category and all below it."""
    category = voucher["scope_category"]
    fits = category is None or line.category_path == category or line.category_path.startswith(f"{category} > ")
    return fits and voucher["scope_seller_id"] in {None, line.seller_id}


def give_voucher(
    voucher: Mapping[str, Any], lines: Sequence[BasketLine], left: Sequence[int], shipping: Mapping[UUID, int]
) -> Given:
    """What a voucher gives on a basket of which `left` poisha a line are still to pay, and `shipping` a seller.

    Raises:
        VoucherNeedsMore: too little in the basket is meant for it.
    """
    meant = [in_scope(voucher, line) for line in lines]
    base = sum(rest for rest, fits in zip(left, meant, strict=True) if fits)
    if not any(meant) or base < voucher["min_subtotal_poisha"]:
        raise VoucherNeedsMore(voucher=voucher["code"], min_subtotal_poisha=voucher["min_subtotal_poisha"])
    nothing = (0,) * len(lines)
    if voucher["kind"] == "free_shipping":
        sellers = {line.seller_id for line, fits in zip(lines, meant, strict=True) if fits}
        fees = {seller: shipping[seller] for seller in sorted(sellers)}
        waived = min(sum(fees.values()), voucher["max_discount_poisha"])
        parts = dict(zip(fees, apportion(waived, list(fees.values())), strict=True))
        return Given(voucher["code"], "free_shipping", nothing, voucher["platform_bp"], parts)
    wanted = voucher["amount_poisha"] if voucher["kind"] == "fixed" else share(base, voucher["discount_bp"])
    amount = min(wanted, voucher["max_discount_poisha"], base)
    weights = [rest if fits else 0 for rest, fits in zip(left, meant, strict=True)]
    by_line = tuple(apportion(amount, weights)) if base else nothing
    return Given(voucher["code"], voucher["kind"], by_line, voucher["platform_bp"])


def give_bundle(bundle: Mapping[str, Any], lines: Sequence[BasketLine]) -> Given | None:
    """What a bundle gives: its share off every complete set in the basket; None without one.

    `bundle["items"]` maps offer id (text) → how many belong to a set.
    """
    at = {str(line.offer_id): number for number, line in enumerate(lines)}
    if not bundle["items"].keys() <= at.keys():
        return None
    sets = min(lines[at[offer]].quantity // count for offer, count in bundle["items"].items())
    if sets == 0:
        return None
    by_line = [0] * len(lines)
    for offer, count in bundle["items"].items():
        line = lines[at[offer]]
        price = line.subtotal_poisha // line.quantity
        by_line[at[offer]] = share(price * count * sets, bundle["discount_bp"])
    return Given(bundle["code"], "bundle", tuple(by_line), bundle["platform_bp"])


def price_basket(
    lines: Sequence[BasketLine],
    *,
    bundles: Sequence[Mapping[str, Any]],
    vouchers: Sequence[Mapping[str, Any]],
    shipping: Mapping[UUID, int],
) -> list[Given]:
    """Everything that promotions give on a basket; `shipping` is the delivery fee in poisha by seller.

    A line never gives more than it costs. Raises:
        VoucherNeedsMore, VoucherNotTogether.
    """
    check_stacking(vouchers)
    left = [line.subtotal_poisha for line in lines]
    fees = dict(shipping)
    given: list[Given] = []
    for bundle in bundles:
        offered = give_bundle(bundle, lines)
        if offered is not None and all(part <= rest for part, rest in zip(offered.by_line, left, strict=True)):
            given.append(offered)
            left = [rest - part for rest, part in zip(left, offered.by_line, strict=True)]
    for voucher in vouchers:
        offered = give_voucher(voucher, lines, left, fees)
        given.append(offered)
        left = [rest - part for rest, part in zip(left, offered.by_line, strict=True)]
        fees = {seller: fee - offered.by_shipping.get(seller, 0) for seller, fee in fees.items()}
    return given


def funded_by_seller(given: Sequence[Given], line_no: int) -> int:
    """Poisha of a line's discounts that its seller bears; the platform bears the rest."""
    return sum(one.by_line[line_no] - share(one.by_line[line_no], one.platform_bp) for one in given)


def may_enter(ticket_no: int, *, at_once: int, per_second: int, open_seconds: float) -> float:
    """Seconds until a ticket of a flash sale's queue is admitted; 0 when it is."""
    ahead = ticket_no - at_once
    return max(0.0, ahead / per_second - open_seconds)
