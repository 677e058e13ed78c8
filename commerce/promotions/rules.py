"""Pure decisions about vouchers. No I/O, no clock, no database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foundation.errors import Conflict
from foundation.money import share


class VoucherRefused(Conflict):
    code = "voucher-refused"
    message = "This voucher cannot be used: {why}."


def discount_of(voucher: Mapping[str, Any] | None, *, subtotal_poisha: int, used: int, now: datetime) -> int:
    """Discount in poisha a voucher gives on a subtotal.

    Raises:
        VoucherRefused: unknown, not valid now, used up, or the order is too small.
    """
    if voucher is None:
        raise VoucherRefused(why="there is no such code")
    if not voucher["starts_at"] <= now < voucher["ends_at"]:
        raise VoucherRefused(why="it is not valid today")
    if voucher["redeemed"] >= voucher["limit_total"]:
        raise VoucherRefused(why="all of them have been used")
    if used >= voucher["limit_per_buyer"]:
        raise VoucherRefused(why="you have used it already")
    if subtotal_poisha < voucher["min_subtotal_poisha"]:
        raise VoucherRefused(why="the order is too small for it")
    most = int(voucher["max_discount_poisha"])
    return min(share(subtotal_poisha, voucher["discount_bp"]), most, subtotal_poisha)
