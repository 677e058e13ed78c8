"""HTTP routes of the audit log, for administrators: read it, verify its chain."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from commerce.audit.chain import SQL, verify
from commerce.audit.schemas import ChainState, Record, Records
from commerce.web import Shop
from foundation.database import fetch_all
from foundation.security.tokens import Principal
from foundation.web.identity import requires
from foundation.web.pages import Limit, PageCursor, cursor_id, next_cursor

router = APIRouter(prefix="/v1/audit", tags=["audit"])
Admin = Annotated[Principal, Depends(requires("admin"))]
Word = Annotated[str | None, Query(max_length=80)]


@router.get("/records", summary="Who did what, newest first")
async def records(
    shop: Shop,
    _: Admin,
    subject_kind: Word = None,
    subject_id: Word = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> Records:
    async with shop.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_records"], subject_kind=subject_kind, subject_id=subject_id,
            before_id=cursor_id(cursor), limit=limit,
        )  # fmt: skip
    return Records(items=[Record(**row) for row in rows], next_cursor=next_cursor([row["id"] for row in rows], limit))


@router.get("/chain", summary="Whether nobody has changed the log")
async def chain(shop: Shop, _: Admin) -> ChainState:
    found = await verify(shop)
    return ChainState(links=found.links, checkpoints=found.checkpoints, is_whole=found.is_whole, problem=found.problem)
