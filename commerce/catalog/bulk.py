"""Use cases of sellers' files: take one in, work through it in small transactions, tell how far it is, write one out.

All valid rows are applied; each refused row is listed with its column and reason. A row whose SKU the seller has already
changes that offer's terms (the words of its product are changed by PATCH, through moderation); other rows make offers, on an
existing product (product_code), on a variant of an earlier row's product (parent_sku) or on a new one, staged for
moderation. So the same file twice changes nothing. Not here: what a row means (see `bulk_rows`).
"""

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, BinaryIO
from uuid import UUID

import orjson
import psycopg

from commerce.catalog import bulk_apply
from commerce.catalog.bulk_rows import (
    COLUMNS,
    MOST_ROWS,
    TWICE,
    BadFile,
    NoRows,
    Problem,
    Row,
    TooManyRows,
    check_header,
    export_cells,
    read_row,
)
from commerce.catalog.bulk_schemas import Job, JobPage, RowError, RowErrors
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.i18n import translate
from foundation.ids import uuid7
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__, "bulk.sql")
#: Rows of one transaction: short enough not to hold back the readers of the outbox.
CHUNK = 100
BATCH = 1_000
NOBODY = UUID(int=0)


class _DryRun(psycopg.Rollback):
    """Undo what a dry run did."""


async def take_in(commerce: Commerce, seller_id: UUID, user_id: UUID, file: BinaryIO, *, is_dry_run: bool) -> Job:
    """Keep a file's rows for their turn.

    Raises:
        BadFile: not CSV in UTF-8, a header of other columns, no rows or too many.
    """
    job_id, rows, digest = uuid7(), 0, hashlib.sha256()
    async with commerce.database.transaction() as connection:
        for batch in _batches(file, digest):
            numbers = [number for number, _ in batch]
            await execute(
                connection, SQL["add_rows"], job_id=job_id, numbers=numbers, cells=[_json(cells) for _, cells in batch]
            )
            rows += len(batch)
            if rows > MOST_ROWS:
                raise TooManyRows
        if rows == 0:
            raise NoRows
        await execute(
            connection, SQL["add_job"], id=job_id, seller_id=seller_id, submitted_by=user_id, is_dry_run=is_dry_run,
            file_sha256=digest.hexdigest(), rows=rows, at=commerce.clock(),
        )  # fmt: skip
        return await _find(connection, seller_id, job_id)


def _json(cells: Mapping[str, str]) -> str:
    return orjson.dumps(cells).decode()


def _batches(file: BinaryIO, digest: "hashlib._Hash") -> Iterator[list[tuple[int, dict[str, str]]]]:
    """Rows with their numbers in the file (the header is row 1), a thousand at a time."""
    for chunk in iter(lambda: file.read(1 << 20), b""):
        digest.update(chunk)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        reader = csv.DictReader(text, restkey="", restval="", strict=True)
        check_header(reader.fieldnames)
        batch: list[tuple[int, dict[str, str]]] = []
        for number, cells in enumerate(reader, 2):
            batch.append((number, {name: value.replace("\0", "") for name, value in cells.items() if name and value}))
            if len(batch) == BATCH:
                yield batch
                batch = []
        if batch:
            yield batch
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadFile from error
    finally:
        text.detach()


async def work_once(commerce: Commerce) -> bool:
    """Duty of the relay: the next rows of the oldest file; False when no file waits."""
    async with commerce.database.transaction() as connection:
        job = await fetch_one(connection, SQL["next_job"])
        if job is None:
            return False
        # The header is row 1 of the file.
        after = job["rows_done"] + 1
        found = await fetch_all(connection, SQL["next_rows"], job_id=job["id"], after_row=after, limit=CHUNK)
        rows = [read_row(one["row_number"], one["cells"]) for one in found]
        await _mark_twins(connection, job["id"], rows)
        async with connection.transaction():
            outcomes = await bulk_apply.apply_rows(connection, job, rows, at=commerce.clock())
            if job["is_dry_run"]:
                raise _DryRun
        await _note(connection, job["id"], outcomes, commerce)
    return True


async def _mark_twins(connection: Connection, job_id: UUID, rows: Sequence[Row]) -> None:
    first = rows[0].number if rows else 0
    known = await fetch_all(
        connection, SQL["earlier_skus"], job_id=job_id, row_number=first, skus=[row.sku for row in rows]
    )
    seen = {one["sku"] for one in known}
    for row in rows:
        if row.sku in seen and row.sku:
            row.problems.append(Problem("sku", TWICE))
        seen.add(row.sku)


async def _note(
    connection: Connection, job_id: UUID, outcomes: Sequence[bulk_apply.Outcome], commerce: Commerce
) -> None:
    problems = [(outcome.row, problem) for outcome in outcomes for problem in outcome.problems]
    await execute(
        connection, SQL["add_errors"], job_id=job_id, numbers=[row for row, _ in problems],
        columns=[one.column for _, one in problems], reasons=[one.reason for _, one in problems],
        params=[_json(one.params) for _, one in problems],
    )  # fmt: skip
    kinds = [outcome.kind for outcome in outcomes]
    counts = {kind: kinds.count(kind) for kind in ("created", "changed", "unchanged", "refused")}
    row = await fetch_one(connection, SQL["advance"], job_id=job_id, at=commerce.clock(), **counts)
    if row and row["state"] == "done":
        await execute(connection, SQL["drop_rows"], job_id=job_id)


async def find_job(commerce: Commerce, seller_id: UUID, job_id: UUID) -> Job:
    """How far a file is.

    Raises:
        NotFound: not the seller's.
    """
    async with commerce.database.connection() as connection:
        return await _find(connection, seller_id, job_id)


async def _find(connection: Connection, seller_id: UUID, job_id: UUID) -> Job:
    row = await fetch_one(connection, SQL["find_job"], job_id=job_id, seller_id=seller_id)
    if row is None:
        raise NotFound
    return Job.model_validate(row)


async def list_jobs(commerce: Commerce, seller_id: UUID, *, limit: int, cursor: str | None) -> JobPage:
    """The seller's files, newest first.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    try:
        before_id = UUID(values[0]) if values else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_jobs"], seller_id=seller_id, before_id=before_id, limit=limit + 1)
    next_cursor = encode_cursor([rows[limit - 1]["job_id"]]) if len(rows) > limit else None
    return JobPage(items=[Job.model_validate(row) for row in rows[:limit]], next_cursor=next_cursor)


async def list_errors(
    commerce: Commerce, seller_id: UUID, job_id: UUID, *, limit: int, cursor: str | None, locale: str
) -> RowErrors:
    """Refused rows of a file with the reasons in the caller's language.

    Raises:
        NotFound, BadCursor.
    """
    values = decode_cursor(cursor, 2)
    try:
        after = {"after_row": int(values[0]) if values else None, "after_column": values[1] if values else None}
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        await _find(connection, seller_id, job_id)
        rows = await fetch_all(
            connection, SQL["list_errors"], job_id=job_id, seller_id=seller_id, limit=limit + 1, **after
        )
    items = [_error(row, locale) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return RowErrors(
        items=items, next_cursor=encode_cursor([last["row_number"], last["column_name"]]) if last else None
    )


def _error(row: Mapping[str, Any], locale: str) -> RowError:
    reason = translate(row["reason"], locale, **row["params"])
    return RowError(row_number=row["row_number"], column=row["column_name"], reason=reason)


async def export(commerce: Commerce, seller_id: UUID) -> AsyncIterator[bytes]:
    """The seller's offers as CSV, a page at a time: whatever their number, memory stays small."""
    after = NOBODY
    # Excel takes UTF-8 for Bangla only after this mark.
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    while True:
        async with commerce.database.connection() as connection:
            rows = await fetch_all(connection, SQL["export"], seller_id=seller_id, after_id=after, limit=BATCH)
        if not rows:
            return
        yield b"".join(_line(export_cells(row)) for row in rows)
        after = rows[-1]["id"]


def _line(cells: Sequence[str]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
