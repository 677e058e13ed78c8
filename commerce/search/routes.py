"""HTTP routes of search: parse, call one use case, answer."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from commerce.search import use_cases
from commerce.search.schemas import SearchAnswer, SearchRequest, Suggestions
from commerce.web import Locale, Shop

router = APIRouter(prefix="/v1/search", tags=["search"])


@router.get("", response_model=SearchAnswer, summary="Search products: hits, facets with counts, did you mean")
async def search(shop: Shop, locale: Locale, request: Annotated[SearchRequest, Query()]) -> Response:
    answer = await use_cases.search(shop, request, locale=locale)
    # Checked when it was built: not once more.
    return Response(answer.model_dump_json().encode(), media_type="application/json")


@router.get("/suggestions", summary="Phrases that begin with what is typed")
async def suggestions(
    shop: Shop,
    q: Annotated[str, Query(min_length=1, max_length=100, description="What is typed so far.")],
    limit: Annotated[int, Query(ge=1, le=20)] = 10,
) -> Suggestions:
    return await use_cases.suggest(shop, q, limit=limit)
