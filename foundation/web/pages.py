"""Cursor pagination: an opaque, tamper-evident-enough position instead of page numbers. Not here: any query."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Query

from foundation.errors import InvalidInput

Limit = Annotated[int, Query(ge=1, le=100, description="Most items in one answer.")]
PageCursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the previous answer.")]


class BadCursor(InvalidInput):
    code = "bad-cursor"
    message = "This cursor is not valid. Take `next_cursor` from the previous answer, or leave it out to start anew."


def encode_cursor(values: Sequence[object]) -> str:
    """Cursor text for the sort values of the last item."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values), default=str)).decode().rstrip("=")


def decode_cursor(cursor: str | None, length: int) -> list[str] | None:
    """Sort values in a cursor, as texts; None to start from the beginning.

    Raises:
        BadCursor: not made by `encode_cursor` for this list.
    """
    if cursor is None:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error
    if not isinstance(values, list) or len(values) != length:
        raise BadCursor
    return [str(value) for value in values]


def id_cursor(cursor: str | None) -> UUID | None:
    """Identifier in the cursor of a list that is sorted by it.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    try:
        return UUID(values[0]) if values else None
    except ValueError as error:
        raise BadCursor from error
