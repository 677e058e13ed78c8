"""Outbox events and rows of the shop → events of the feature fold. Not here: reading them, folding them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.features.online import FeatureEvent, to_us

_KEYS = {
    "buyer": "buyer_id",
    "device": "device_index",
    "phone": "phone_index",
    "payer": "payer_index",
    "voucher": "voucher_code",
    "district": "district_code",
}


def keys_of(source: Mapping[str, Any]) -> dict[str, str]:
    """Keys of the entities named in an event, a row or a request."""
    found = {entity: source.get(column) for entity, column in _KEYS.items()}
    return {entity: str(key) for entity, key in found.items() if key}


def from_outbox(event_type: str, payload: Mapping[str, Any]) -> FeatureEvent | None:
    """Event of the fold for an outbox event; None if no feature listens to it."""
    match event_type:
        case "order.placed":
            return _event("placed", payload, at=payload["placed_at"], amount=payload["total_poisha"])
        case "order.refused":
            return _event("refused", payload, at=payload["occurred_at"], amount=payload["total_poisha"])
        case "payment.declined":
            return _event("unpaid", payload, at=payload["occurred_at"], amount=payload["amount_poisha"])
        case "risk.labelled":
            return _event("labelled", payload, at=payload["known_at"], amount=0, is_flagged=bool(payload["is_fraud"]))
        case _:
            return None


def from_row(kind: str, row: Mapping[str, Any]) -> FeatureEvent:
    """Event of the fold for a row with known_at, amount, is_flagged and the keys' columns."""
    return _event(kind, row, at=row["known_at"], amount=row["amount"] or 0, is_flagged=bool(row["is_flagged"]))


def _event(
    kind: str, source: Mapping[str, Any], *, at: datetime | str, amount: int, is_flagged: bool = False
) -> FeatureEvent:
    instant = datetime.fromisoformat(at) if isinstance(at, str) else at
    return FeatureEvent(
        kind=kind, at_us=to_us(instant), amount=int(amount), is_flagged=is_flagged, keys=keys_of(source)
    )
