"""HTTP routes of pictures: upload, fetch from a URL, show."""

from typing import Annotated

from fastapi import APIRouter, File, Path, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from commerce.catalog import media
from commerce.catalog.images import MAX_BYTES
from commerce.catalog.media import KeptPicture
from commerce.web import Shop
from foundation.web.identity import Caller

router = APIRouter(prefix="/v1/media", tags=["media"])


class FromUrl(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[^\x00-\x20]+$")]


@router.post("", status_code=201, summary="Upload a picture: JPEG, PNG or WebP of at most 5 MB")
async def upload(shop: Shop, caller: Caller, file: Annotated[UploadFile, File()]) -> KeptPicture:
    return await media.keep(shop, caller.user_id, await file.read(MAX_BYTES + 1))


@router.post("/from-url", status_code=201, summary="Keep a picture that a public address names")
async def from_url(shop: Shop, caller: Caller, request: FromUrl) -> KeptPicture:
    return await media.keep_from_url(shop, caller.user_id, request.url)


@router.get(
    "/{sha256}",
    response_class=FileResponse,
    summary="A picture",
    responses={200: {"content": {"image/jpeg": {}, "image/png": {}, "image/webp": {}}}},
)
async def show(shop: Shop, sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]) -> FileResponse:
    path, kind = await media.find(shop, sha256)
    # Named by its bytes: it can never change.
    headers = {
        "cache-control": "public, max-age=31536000, immutable",
        "etag": f'"{sha256}"',
        "content-security-policy": "default-src 'none'",
    }
    return FileResponse(path, media_type=kind, headers=headers)
