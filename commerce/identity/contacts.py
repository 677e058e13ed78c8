"""How a person can be reached, for services that write to people. Not here: accounts, log-in."""

from dataclasses import dataclass
from uuid import UUID

from foundation.database import Connection, fetch_one
from foundation.security.fields import FieldCipher
from foundation.statements import load_statements

SQL = load_statements(__file__, "contacts.sql")


@dataclass(frozen=True)
class Contact:
    """Phone in canonical form, e-mail address, language."""

    phone: str | None
    email: str | None
    locale: str


async def contact_of(connection: Connection, cipher: FieldCipher, user_id: UUID) -> Contact | None:
    """Contact of an account, decrypted; None if there is no such account."""
    row = await fetch_one(connection, SQL["contact_of"], id=user_id)
    if row is None:
        return None
    phone, email = row["phone_encrypted"], row["email_encrypted"]
    return Contact(
        phone=cipher.decrypt(bytes(phone), "identity.users.phone") if phone else None,
        email=cipher.decrypt(bytes(email), "identity.users.email") if email else None,
        locale=row["locale"],
    )
