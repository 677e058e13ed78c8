"""Scans that sellers send: checked by their first bytes, encrypted, kept as files below the home folder.

The database knows a document's hash, so that the same scan at another shop is seen. Not here: what a document proves.
"""

import asyncio
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.sellers.rules import MOST_DOCUMENTS
from commerce.sellers.schemas import DocumentRow
from commerce.sellers.shops import SQL, lock
from foundation.database import execute, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.settings import Settings

LARGEST = 5 * 1_048_576
_BEGINNINGS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-", "application/pdf"))


class BadDocument(InvalidInput):
    code = "bad-document"
    message = "Send a JPEG, PNG or PDF of at most 5 MiB."


class TooManyDocuments(Conflict):
    code = "too-many-documents"
    message = "Your shop has sent {most} documents already. Write to support."


@dataclass(frozen=True)
class DocumentStore:
    """Encrypted files, one folder a seller."""

    commerce: Commerce

    def _path(self, seller_id: UUID, document_id: UUID) -> Path:
        settings: Settings = self.commerce.settings
        return settings.folder("documents", str(seller_id)) / f"{document_id}.bin"

    def write(self, seller_id: UUID, document_id: UUID, content: bytes) -> None:
        """Keep a document; it is there in full or not at all."""
        path = self._path(seller_id, document_id)
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self.commerce.cipher.seal(content, f"sellers.documents.{document_id}"))
        os.replace(fresh, path)

    def read(self, seller_id: UUID, document_id: UUID) -> bytes:
        """A document's content.

        Raises:
            NotFound: the file is gone.
        """
        try:
            sealed = self._path(seller_id, document_id).read_bytes()
        except FileNotFoundError as error:
            raise NotFound from error
        return self.commerce.cipher.open(sealed, f"sellers.documents.{document_id}")


def media_type_of(content: bytes) -> str | None:
    """Kind of a document by its first bytes, whatever its name claims; None if none of ours."""
    return next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)


async def add(commerce: Commerce, seller_id: UUID, user_id: UUID, content: bytes) -> DocumentRow:
    """Keep a document of a seller.

    Raises:
        BadDocument, TooManyDocuments.
    """
    media_type = media_type_of(content)
    if media_type is None or len(content) > LARGEST:
        raise BadDocument
    row = DocumentRow(
        id=uuid7(), media_type=media_type, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest(),
        uploaded_at=commerce.clock(),
    )  # fmt: skip
    await asyncio.to_thread(DocumentStore(commerce).write, seller_id, row.id, content)
    async with commerce.database.transaction() as connection:
        await lock(connection, seller_id)
        kept = await fetch_one(connection, SQL["count_documents"], seller_id=seller_id)
        if kept is None or kept["kept"] >= MOST_DOCUMENTS:
            raise TooManyDocuments(most=MOST_DOCUMENTS)
        await execute(
            connection, SQL["add_document"], id=row.id, seller_id=seller_id, uploaded_by=user_id,
            media_type=row.media_type, size_bytes=row.size_bytes, sha256=row.sha256, now=row.uploaded_at,
        )  # fmt: skip
    return row


async def read_for_staff(commerce: Commerce, document_id: UUID, staff_id: UUID) -> tuple[str, bytes]:
    """Media type and content, for the one who decides; that it was read is on record.

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["find_document"], id=document_id, seller_id=None)
        if row is None:
            raise NotFound
        await audit.record(
            connection, actor_id=staff_id, action="seller.document_read", subject=("document", document_id)
        )
    content = await asyncio.to_thread(DocumentStore(commerce).read, row["seller_id"], document_id)
    return row["media_type"], content
