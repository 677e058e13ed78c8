"""Events of the catalogue, version 1. Not here: who reacts."""

from uuid import UUID

from foundation.outbox import NewEvent


def product_changed(product_id: UUID, *, seller_id: UUID | None, version: int) -> NewEvent:
    """A product's words, variants or pictures are others now, or it came on sale."""
    payload = {"product_id": str(product_id), "seller_id": str(seller_id) if seller_id else None, "version": version}
    return NewEvent(topic="catalog", aggregate_id=product_id, event_type="catalog.product_changed", payload=payload)


def offer_changed(
    offer_id: UUID, *, product_id: UUID, seller_id: UUID, old_poisha: int | None, new_poisha: int, status: str
) -> NewEvent:
    """An offer is new, costs something else, or is sold no longer."""
    payload = {
        "offer_id": str(offer_id), "product_id": str(product_id), "seller_id": str(seller_id),
        "old_price_poisha": old_poisha, "price_poisha": new_poisha, "status": status,
    }  # fmt: skip
    return NewEvent(topic="catalog", aggregate_id=offer_id, event_type="catalog.offer_changed", payload=payload)


def change_decided(change_id: UUID, *, product_id: UUID, seller_id: UUID, state: str, reason: str | None) -> NewEvent:
    """A seller's staged change was confirmed or declined."""
    payload = {
        "change_id": str(change_id), "product_id": str(product_id), "seller_id": str(seller_id), "state": state,
        "reason": reason,
    }  # fmt: skip
    return NewEvent(topic="catalog", aggregate_id=product_id, event_type=f"catalog.change_{state}", payload=payload)
