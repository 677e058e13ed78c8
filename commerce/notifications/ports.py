"""What a channel must be able to do, whoever runs it. Adapters are in `providers`. Not here: HTTP, state."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from foundation.errors import Unavailable


class ChannelSilent(Unavailable):
    """No usable answer: the message may or may not have gone out."""

    code = "channel-silent"
    message = "The messaging service does not answer just now. We try again."


class MessageRefused(Exception):
    """The provider did not take the message. With `is_final` it never will."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class Untraceable(Exception):
    """This channel cannot tell what became of a message."""


@dataclass(frozen=True)
class Outgoing:
    """A message ready to go: `reference` is ours, new for each message and the same for each try."""

    reference: UUID
    recipient: str
    title: str
    body: str


class Channel(Protocol):
    """SMS, e-mail or push."""

    async def send(self, message: Outgoing) -> str:
        """Hand a message over; the provider's reference.

        Raises:
            ChannelSilent, MessageRefused.
        """

    async def find(self, reference: UUID) -> str | None:
        """Provider's reference of a message that was taken, None if it never was.

        Raises:
            ChannelSilent, Untraceable.
        """

    async def close(self) -> None:
        """Close its connections."""
