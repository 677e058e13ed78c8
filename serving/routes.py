"""HTTP routes of scoring: parse, call, answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from foundation.errors import InvalidInput, NotFound, Unavailable
from foundation.web.identity import requires
from foundation.web.pages import Limit, PageCursor, decode_cursor, encode_cursor
from foundation.web.problems import caller_locale
from models.demand.answers import ForecastBook
from models.supply.answers import ProposalBook
from serving.champions import Champion
from serving.decide import Scoring
from serving.schemas import Forecast, Proposals, ScoreAnswer, ScoreRequest, Week

router = APIRouter(prefix="/v1")
Locale = Annotated[str, Depends(caller_locale)]
# A score tells what the model knows of a buyer, a proposal what a seller will buy: neither is for the public.
MAY_SCORE = Depends(requires("score", "risk"))
MAY_PLAN = Depends(requires("inventory"))


class NoForecastYet(Unavailable):
    code = "no-model-yet"
    message = "No model has been published yet. Run the pipelines, then ask again."


class WhichSeries(InvalidInput):
    code = "which-series"
    message = "Name a product_id or a category_path, not both."


class NoForecast(NotFound):
    code = "no-forecast"
    message = "There is no forecast for it: it is unknown or sold too rarely."


@router.post(
    "/fraud/score",
    response_model=ScoreAnswer,
    tags=["fraud"],
    summary="Decide on a checkout, once per event_id",
    dependencies=[MAY_SCORE],
)
async def score(request: Request, locale: Locale, question: ScoreRequest) -> Response:
    scoring: Scoring = request.app.state.scoring
    return Response(await scoring.score(question, locale=locale), media_type="application/json")


@router.get(
    "/demand/forecast",
    tags=["demand"],
    summary="Weekly demand quantiles of a product or category",
    dependencies=[MAY_PLAN],
)
async def forecast(
    request: Request,
    product_id: Annotated[str | None, Query(max_length=64)] = None,
    category_path: Annotated[str | None, Query(max_length=300)] = None,
    horizon_weeks: Annotated[int, Query(ge=1, le=8)] = 8,
) -> Forecast:
    champion: Champion[ForecastBook] = request.app.state.demand
    book = champion.current
    if book is None:
        raise NoForecastYet
    if (product_id is None) == (category_path is None):
        raise WhichSeries
    found = (
        book.of_product(product_id, horizon_weeks)
        if product_id
        else book.of_category(category_path or "", horizon_weeks)
    )
    if found is None:
        raise NoForecast
    weeks = [Week.model_validate(week, from_attributes=True) for week in found.weeks]
    return Forecast(key=found.key, category_path=found.category_path, model_version=book.version, weeks=weeks)


@router.get("/supply/proposals", tags=["supply"], summary="What to buy, most urgent first", dependencies=[MAY_PLAN])
async def proposals(
    request: Request,
    seller_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> Proposals:
    champion: Champion[ProposalBook] = request.app.state.supply
    book = champion.current
    if book is None:
        raise NoForecastYet
    after = decode_cursor(cursor, 1)
    start = int(after[0]) if after and after[0].isdigit() else 0
    found = book.page(seller_id, start=start, size=limit + 1)
    next_cursor = encode_cursor([start + limit]) if len(found) > limit else None
    return Proposals(model_version=book.version, items=[dict(row) for row in found[:limit]], next_cursor=next_cursor)
