"""Use cases of pictures: keep one that was sent or named by URL, find one. Files are named by their hash.

Not here: what a picture shows, which product it belongs to (see `changes`).
"""

import asyncio
import hashlib
import os
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel

from commerce.catalog.images import MAX_BYTES, read_picture
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import InvalidInput, NotFound
from foundation.public_fetch import fetch_public
from foundation.statements import load_statements

SQL = load_statements(__file__, "media.sql")


class NoSuchPhoto(InvalidInput):
    code = "no-such-photo"
    message = "A photo is not kept here. Upload it first with POST /v1/media."


class KeptPicture(BaseModel):
    sha256: str
    url: str
    kind: str
    bytes: int
    width: int
    height: int


async def keep(commerce: Commerce, user_id: UUID, data: bytes) -> KeptPicture:
    """Keep a picture; the same bytes are kept once.

    Raises:
        NotAPicture, BadDimensions.
    """
    picture = read_picture(data)
    sha256 = hashlib.sha256(data).hexdigest()
    await asyncio.to_thread(_write, _path(commerce, sha256), data)
    row = {"sha256": sha256, "kind": picture.kind, "bytes": len(data), "width": picture.width, "height": picture.height}
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["add_media"], added_by=user_id, at=commerce.clock(), **row)
    return KeptPicture(url=f"/v1/media/{sha256}", **row)


async def keep_from_url(commerce: Commerce, user_id: UUID, url: str) -> KeptPicture:
    """As `keep`, of what a public URL names.

    Raises:
        UnsafeUrl, FetchFailed, NotAPicture, BadDimensions.
    """
    return await keep(commerce, user_id, await fetch_public(url, limit_bytes=MAX_BYTES))


async def find(commerce: Commerce, sha256: str) -> tuple[Path, str]:
    """File and type of a picture.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_media"], sha256=sha256)
    path = _path(commerce, sha256)
    if row is None or not path.exists():
        raise NotFound
    return path, row["kind"]


async def are_kept(connection: Connection, pictures: list[str]) -> bool:
    """Whether all of some pictures are kept here."""
    rows = [await fetch_all(connection, SQL["find_media"], sha256=one) for one in pictures]
    return all(rows)


async def require_kept(connection: Connection, photos: list[str]) -> None:
    """Go on only if all of somebody's photos are kept here.

    Raises:
        NoSuchPhoto.
    """
    if not await are_kept(connection, photos):
        raise NoSuchPhoto


def _path(commerce: Commerce, sha256: str) -> Path:
    return commerce.settings.folder("media", sha256[:2]) / sha256


def _write(path: Path, data: bytes) -> None:
    if path.exists():
        return
    part = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    part.write_bytes(data)
    # A reader sees all of it or nothing.
    part.replace(path)
