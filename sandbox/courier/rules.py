"""What becomes of a sandbox parcel and what its invoice says. Pure: no I/O, no clock. Not here: the protocol."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

# Status as Pathao prints it → (its webhook event, the status after it when parcels move by themselves).
WAY: Mapping[str, tuple[str, str]] = {
    "Pending": ("order.created", "Pickup_Requested"),
    "Pickup_Requested": ("order.pickup-requested", "Picked"),
    "Picked": ("order.picked", "At_the_Sorting_HUB"),
    "At_the_Sorting_HUB": ("order.at-the-sorting-hub", "In_Transit"),
    "In_Transit": ("order.in-transit", "Received_at_Last_Mile_HUB"),
    "Received_at_Last_Mile_HUB": ("order.received-at-last-mile-hub", "Assigned_for_Delivery"),
    "Assigned_for_Delivery": ("order.assigned-for-delivery", ""),
    "On_Hold": ("order.on-hold", "Assigned_for_Delivery"),
    "Delivery_Failed": ("order.delivery-failed", "Return"),
    "Delivered": ("order.delivered", ""),
    "Return": ("order.returned", ""),
    "Pickup_Cancelled": ("order.pickup-cancelled", ""),
    "Lost": ("order.lost", ""),
}
REFUSED_PERCENT = 7
#: Last two digits of a phone → how its parcels end: for demonstrations and tests that must know.
FATES: Mapping[str, str] = {"00": "Delivered", "99": "Delivery_Failed"}
# Tariff: whole taka for a parcel of half a kilogram, and what collecting cash costs.
FEE_TAKA = 70
COD_PERCENT = 1
MISMATCHES = ("short", "missing", "double_fee", "twice", "stranger")


def ends_as(reference: str, phone: str) -> str:
    """How a parcel will end if nobody tells: as the phone says, else a few are refused, always the same ones."""
    if phone[-2:] in FATES:
        return FATES[phone[-2:]]
    dice = hashlib.sha256(reference.encode()).digest()[0] * 100 // 256
    return "Delivery_Failed" if dice < REFUSED_PERCENT else "Delivered"


def next_status(parcel: Mapping[str, Any]) -> str:
    """Status after the present one; the parcel's own end after the last mile. Empty at the end."""
    following = WAY[parcel["status"]][1]
    return str(parcel["ends_as"]) if parcel["status"] == "Assigned_for_Delivery" else following


def invoice_lines(parcels: Sequence[Mapping[str, Any]], mismatch: str | None) -> list[dict[str, Any]]:
    """Lines of an invoice; with `mismatch`, its first line is wrong in that way."""
    lines = [
        {
            "consignment_id": parcel["consignment_id"],
            "merchant_order_id": parcel["merchant_order_id"],
            "collected_amount": parcel["collected_taka"] or 0,
            "delivery_fee": parcel["delivery_fee_taka"],
            "cod_fee": ((parcel["collected_taka"] or 0) * COD_PERCENT + 99) // 100,
        }
        for parcel in parcels
    ]
    if not lines or mismatch is None:
        return lines
    first = dict(lines[0])
    if mismatch == "short":
        return [first | {"collected_amount": max(0, first["collected_amount"] - 50)}, *lines[1:]]
    if mismatch == "missing":
        return lines[1:]
    if mismatch == "double_fee":
        return [first | {"delivery_fee": first["delivery_fee"] * 2}, *lines[1:]]
    if mismatch == "twice":
        return [*lines, first]
    return [*lines, first | {"consignment_id": "DL000000ALIENS", "merchant_order_id": "not-ours"}]
