"""HTTP routes of places: the tree that addresses are chosen from, in English and Bangla. Not here: addresses."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Query

from commerce.identity.schemas import Place, PlacePage
from commerce.web import Locale
from foundation.bangladesh import places
from foundation.web.pages import Limit, PageCursor, decode_cursor, encode_cursor

router = APIRouter(prefix="/v1/places", tags=["places"])
DistrictCode = Annotated[str | None, Query(pattern=r"^BD-\d{2}$", description="Only places of this district.")]
DivisionCode = Annotated[str | None, Query(pattern=r"^BD-[A-H]$", description="Only districts of this division.")]


def _page(found: Iterable[Place], *, cursor: str | None, limit: int) -> PlacePage:
    after = decode_cursor(cursor, 1)
    items = [place for place in found if after is None or place.code > after[0]]
    following = encode_cursor([items[limit - 1].code]) if len(items) > limit else None
    return PlacePage(items=items[:limit], next_cursor=following)


def _place(locale: str, code: str, names: tuple[str, str], kind: str, parent: str | None = None) -> Place:
    name = names[1] if locale == "bn" else names[0]
    return Place(code=code, name=name, name_en=names[0], name_bn=names[1], parent_code=parent, kind=kind)


@router.get("/divisions", summary="The eight divisions")
async def divisions(locale: Locale, cursor: PageCursor = None, limit: Limit = 50) -> PlacePage:
    found = (_place(locale, one.code, (one.name_en, one.name_bn), "division") for one in places.divisions())
    return _page(found, cursor=cursor, limit=limit)


@router.get("/districts", summary="The 64 districts")
async def districts(
    locale: Locale, division: DivisionCode = None, cursor: PageCursor = None, limit: Limit = 100
) -> PlacePage:
    found = (
        _place(locale, one.code, (one.name_en, one.name_bn), "district", one.division_code)
        for one in places.districts()
        if division in {None, one.division_code}
    )
    return _page(found, cursor=cursor, limit=limit)


@router.get("/upazilas", summary="Upazilas, and the thanas of the capital")
async def upazilas(
    locale: Locale, district: DistrictCode = None, cursor: PageCursor = None, limit: Limit = 100
) -> PlacePage:
    found = (
        _place(locale, one.code, (one.name_en, one.name_bn), one.kind, one.district_code)
        for one in places.areas()
        if district in {None, one.district_code}
    )
    return _page(found, cursor=cursor, limit=limit)


@router.get("/post-offices", summary="Post offices and their codes")
async def post_offices(
    locale: Locale, district: DistrictCode = None, cursor: PageCursor = None, limit: Limit = 100
) -> PlacePage:
    found = (
        _place(locale, one.post_code, (one.office_en, one.office_bn), "post_office", one.district_code)
        for one in sorted(places.post_offices(), key=lambda office: office.post_code)
        if district in {None, one.district_code}
    )
    return _page(found, cursor=cursor, limit=limit)
