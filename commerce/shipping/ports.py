"""What every courier must be able to do for us, in our words. Adapters speak a courier's protocol; see `pathao`.

Not here: any courier, any decision about a parcel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from foundation.errors import Conflict, Forbidden, Unavailable


class CourierSilent(Unavailable):
    """No usable answer: the courier may or may not have acted. Only a webhook or a query tells."""

    code = "courier-silent"
    message = "The courier does not answer just now. We will find out what it did; do not book again."


class CourierRefused(Exception):
    """The courier answered that it did not do it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class CannotCancel(Conflict):
    code = "cannot-cancel-parcel"
    message = "The parcel is with the courier already and cannot be called back."


class BadSignature(Forbidden):
    code = "bad-signature"
    message = "This call is not signed by the courier."


@dataclass(frozen=True)
class Parcel:
    """What the courier needs to know. Amounts in whole taka where it collects cash."""

    reference: str
    recipient_name: str
    recipient_phone: str
    address: str
    collect_taka: int
    quantity: int
    weight_grams: int
    description: str


@dataclass(frozen=True)
class Booking:
    """The courier's word that it has a parcel of ours."""

    consignment_id: str
    delivery_fee_poisha: int


@dataclass(frozen=True)
class Sighting:
    """Something that happened to a parcel, as a webhook or an answer tells it, in our words."""

    event_id: str
    raw_event: str
    #: State of `commerce.shipping.rules`, or None for events that change nothing.
    state: str | None
    consignment_id: str
    reference: str | None
    occurred_at: datetime
    collected_poisha: int | None = None
    delivery_fee_poisha: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class RemittedLine:
    """One parcel on a courier's payment; poisha."""

    consignment_id: str
    reference: str | None
    collected_poisha: int
    delivery_fee_poisha: int
    cod_fee_poisha: int


@dataclass(frozen=True)
class Remittance:
    """Cash that a courier has paid to us, less its fees; poisha."""

    invoice_id: str
    paid_at: datetime
    paid_poisha: int
    lines: tuple[RemittedLine, ...]
    #: Where to read on after this one.
    position: str


class Courier(Protocol):
    """A company that carries parcels."""

    name: str

    async def book(self, parcel: Parcel) -> Booking:
        """Hand over a parcel. Call once; after `CourierSilent` only a sighting or a person may settle it.

        Raises:
            CourierSilent, CourierRefused.
        """
        ...

    async def track(self, consignment_id: str) -> Sighting:
        """Where a parcel is. May be repeated.

        Raises:
            CourierSilent, CourierRefused.
        """
        ...

    async def cancel(self, consignment_id: str) -> None:
        """Call a parcel back.

        Raises:
            CannotCancel: this courier cannot, or not any more.
        """
        ...

    def verify(self, headers: Mapping[str, str]) -> None:
        """Check that a webhook is the courier's.

        Raises:
            BadSignature.
        """
        ...

    def read_webhook(self, body: Mapping[str, Any]) -> Sighting | None:
        """What a webhook says; None for a handshake or an event about no parcel."""
        ...

    async def remittances(self, after: str) -> Sequence[Remittance]:
        """Payments made to us after a position ("" from the first), oldest first.

        Raises:
            CourierSilent, CourierRefused.
        """
        ...

    async def price(self, *, weight_grams: int) -> int:
        """Delivery fee in poisha for a parcel.

        Raises:
            CourierSilent, CourierRefused.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...
