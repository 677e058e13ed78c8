"""Use cases of the audit log: note who did what. Called inside the transaction of the deed. Not here: reading events."""

from collections.abc import Mapping
from uuid import UUID

from psycopg.types.json import Jsonb

from foundation.database import Connection, execute
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__)


async def record(
    connection: Connection,
    *,
    actor_id: UUID | None,
    action: str,
    subject: tuple[str, object],
    detail: Mapping[str, object] | None = None,
) -> None:
    """Note an action of staff or of money: `action` as `seller.suspended`, `subject` as ("seller", id).

    `detail` holds no personal data: identifiers, amounts, reasons.
    """
    kind, subject_id = subject
    await execute(
        connection, SQL["record"], id=uuid7(), actor_id=actor_id, action=action, subject_kind=kind,
        subject_id=str(subject_id), detail=Jsonb(dict(detail or {})),
    )  # fmt: skip
