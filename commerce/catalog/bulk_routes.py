"""HTTP routes of sellers' files: upload, progress, refused rows, export."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Query, UploadFile
from fastapi.responses import StreamingResponse

from commerce.catalog import bulk
from commerce.catalog.bulk_schemas import Job, JobPage, RowErrors
from commerce.web import Locale, OwnSeller, Shop
from foundation.web.identity import Caller
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/seller/catalog", tags=["seller catalogue"])


@router.post("/imports", status_code=202, summary="Send a CSV file of offers and products, at most 50,000 rows")
async def take_in(
    shop: Shop,
    seller_id: OwnSeller,
    caller: Caller,
    file: Annotated[UploadFile, File()],
    dry_run: Annotated[bool, Query(description="Check every row, change nothing.")] = False,
) -> Job:
    return await bulk.take_in(shop, seller_id, caller.user_id, file.file, is_dry_run=dry_run)


@router.get("/imports", summary="The seller's files, newest first")
async def list_jobs(shop: Shop, seller_id: OwnSeller, limit: Limit = 20, cursor: PageCursor = None) -> JobPage:
    return await bulk.list_jobs(shop, seller_id, limit=limit, cursor=cursor)


@router.get("/imports/{job_id}", summary="How far a file is")
async def find_job(shop: Shop, seller_id: OwnSeller, job_id: UUID) -> Job:
    return await bulk.find_job(shop, seller_id, job_id)


@router.get("/imports/{job_id}/errors", summary="Refused rows of a file, with column and reason")
async def list_errors(
    shop: Shop, seller_id: OwnSeller, locale: Locale, job_id: UUID, limit: Limit = 100, cursor: PageCursor = None
) -> RowErrors:
    return await bulk.list_errors(shop, seller_id, job_id, limit=limit, cursor=cursor, locale=locale)


@router.get(
    "/export",
    response_class=StreamingResponse,
    summary="The seller's offers as CSV, as imports take it",
    responses={200: {"content": {"text/csv": {}}}},
)
async def export(shop: Shop, seller_id: OwnSeller) -> StreamingResponse:
    headers = {"content-disposition": 'attachment; filename="offers.csv"'}
    return StreamingResponse(bulk.export(shop, seller_id), media_type="text/csv; charset=utf-8", headers=headers)
