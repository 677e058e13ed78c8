"""The port through which identity speaks to people: a message is handed over encrypted, whoever delivers it decrypts it.

The event tells that something waits; it never carries the code, the number or the text.
Not here: SMS providers, wording (see the notifications room).
"""

import json
from uuid import UUID

from commerce.context import Commerce
from foundation.database import Connection, execute
from foundation.outbox import NewEvent, record_events
from foundation.statements import load_statements

SQL = load_statements(__file__, "codes.sql")
RECIPIENT, PARAMS = "identity.outgoing_codes.recipient", "identity.outgoing_codes.params"


async def send_code(
    commerce: Commerce, connection: Connection, *, challenge_id: UUID, phone: str, code: str, locale: str
) -> None:
    """Hand a one-time code over to be sent, in the transaction that made it."""
    await execute(
        connection, SQL["hand_over"], challenge_id=challenge_id, template="identity.one_time_code", locale=locale,
        recipient_encrypted=commerce.cipher.encrypt(phone, RECIPIENT),
        params_encrypted=commerce.cipher.encrypt(json.dumps({"code": code}), PARAMS), now=commerce.clock(),
    )  # fmt: skip
    event = NewEvent(
        topic="identity", aggregate_id=challenge_id, event_type="identity.code_requested",
        payload={"challenge_id": str(challenge_id)},
    )  # fmt: skip
    await record_events(connection, [event])
