"""The port through which identity speaks to people: a message is handed over encrypted, whoever delivers it decrypts it.

The event tells that something waits; it never carries the code, the number or the text.
Not here: SMS providers, wording (see the notifications room).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_one
from foundation.outbox import NewEvent, record_events
from foundation.statements import load_statements

SQL = load_statements(__file__, "codes.sql")


@dataclass(frozen=True)
class Message:
    """What somebody is to be told: the template's key and its values."""

    template: str
    recipient: str
    params: Mapping[str, str]
    locale: str


RECIPIENT, PARAMS = "identity.outgoing_codes.recipient", "identity.outgoing_codes.params"


async def send_code(
    commerce: Commerce, connection: Connection, *, challenge_id: UUID, phone: str, code: str, locale: str
) -> None:
    """Hand a one-time code over to be sent, in the transaction that made it."""
    message = Message("identity.one_time_code", recipient=phone, params={"code": code}, locale=locale)
    await hand_over(commerce, connection, challenge_id, message)
    event = NewEvent(
        topic="identity", aggregate_id=challenge_id, event_type="identity.code_requested",
        payload={"challenge_id": str(challenge_id)},
    )  # fmt: skip
    await record_events(connection, [event])


async def hand_over(commerce: Commerce, connection: Connection, message_id: UUID, message: Message) -> None:
    """Keep a message, encrypted, for whoever sends it. The caller tells by an event that `message_id` waits."""
    await execute(
        connection, SQL["hand_over"], challenge_id=message_id, template=message.template, locale=message.locale,
        recipient_encrypted=commerce.cipher.encrypt(message.recipient, RECIPIENT),
        params_encrypted=commerce.cipher.encrypt(json.dumps(dict(message.params)), PARAMS), now=commerce.clock(),
    )  # fmt: skip


async def take(commerce: Commerce, connection: Connection, message_id: UUID) -> Message | None:
    """A message that waits, for its sender; None if it was taken before."""
    row = await fetch_one(connection, SQL["take_message"], challenge_id=message_id)
    if row is None:
        return None
    decrypt = commerce.cipher.decrypt
    return Message(
        row["template"], decrypt(bytes(row["recipient_encrypted"]), RECIPIENT),
        json.loads(decrypt(bytes(row["params_encrypted"]), PARAMS)), row["locale"],
    )  # fmt: skip
