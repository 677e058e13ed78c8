"""HTTP routes of reviews, questions and answers: parse, call one use case, answer."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from commerce.catalog.versions import SeenVersion
from commerce.reviews import questions, use_cases
from commerce.reviews.schemas import (
    Entry,
    EntryPage,
    Hide,
    LinesToReview,
    NewReview,
    QuestionPage,
    ReportRequest,
    Review,
    ReviewList,
    ReviewPage,
    ReviewWords,
    Text,
    Written,
)
from commerce.web import Locale, OwnSeller, Shop
from foundation.security.tokens import Principal
from foundation.web.identity import Caller, requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1", tags=["reviews"])
Moderator = Annotated[Principal, Depends(requires("moderate", "admin"))]


@router.get("/products/{product_id}/reviews", summary="What buyers say of a product")
async def list_reviews(
    shop: Shop,
    product_id: UUID,
    rating: Annotated[int | None, Query(ge=1, le=5)] = None,
    sort: Annotated[Literal["newest", "helpful"], Query()] = "newest",
    limit: Limit = 20,
    cursor: PageCursor = None,
) -> ReviewPage:
    return await use_cases.list_reviews(
        shop, product_id, rating=rating, by_help=sort == "helpful", limit=limit, cursor=cursor
    )


@router.get("/reviews/open", summary="What the caller has received and not reviewed yet")
async def lines_to_review(shop: Shop, caller: Caller, locale: Locale) -> LinesToReview:
    return await use_cases.lines_to_review(shop, caller.user_id, locale=locale)


@router.post("/reviews", status_code=201, summary="Review a line that was delivered")
async def write(shop: Shop, caller: Caller, request: NewReview) -> Review:
    return await use_cases.write(shop, caller.user_id, request)


@router.put("/reviews/{review_id}", summary="Change one's own review")
async def change(shop: Shop, caller: Caller, review_id: UUID, request: ReviewWords, seen: SeenVersion) -> Review:
    return await use_cases.change(shop, caller.user_id, review_id, request, seen=seen)


@router.put("/reviews/{review_id}/helpful", summary="Find a review helpful")
async def vote(shop: Shop, caller: Caller, review_id: UUID) -> Review:
    return await use_cases.vote(shop, caller.user_id, review_id, is_helpful=True)


@router.delete("/reviews/{review_id}/helpful", summary="Take one's vote back")
async def take_vote(shop: Shop, caller: Caller, review_id: UUID) -> Review:
    return await use_cases.vote(shop, caller.user_id, review_id, is_helpful=False)


@router.post("/reviews/{review_id}/reports", status_code=204, summary="Report a review")
async def report(shop: Shop, caller: Caller, review_id: UUID, request: ReportRequest) -> None:
    await use_cases.report(shop, caller.user_id, review_id, request.reason)


@router.put("/seller/reviews/{review_id}/answer", summary="Answer a review in the seller's name")
async def answer_review(shop: Shop, seller_id: OwnSeller, review_id: UUID, request: Text) -> Review:
    return await use_cases.answer(shop, seller_id, review_id, request.body)


@router.get("/moderation/reviews", summary="Reviews that wait for staff, oldest first")
async def list_held(
    shop: Shop,
    _: Moderator,
    state: Annotated[Literal["held", "hidden"], Query()] = "held",
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> ReviewList:
    return await use_cases.list_held(shop, state=state, limit=limit, cursor=cursor)


@router.post("/moderation/reviews/{review_id}/publish", summary="Publish a held or hidden review")
async def publish(shop: Shop, moderator: Moderator, review_id: UUID) -> Review:
    return await use_cases.moderate(shop, review_id, "published", actor_id=moderator.user_id)


@router.post("/moderation/reviews/{review_id}/hide", summary="Take a review from view, saying why")
async def hide(shop: Shop, moderator: Moderator, review_id: UUID, request: Hide) -> Review:
    return await use_cases.moderate(shop, review_id, "hidden", actor_id=moderator.user_id, reason=request.reason)


@router.get("/moderation/questions", summary="Questions and answers that wait for staff, oldest first")
async def list_entries(
    shop: Shop,
    _: Moderator,
    state: Annotated[Literal["held", "hidden"], Query()] = "held",
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> EntryPage:
    return await questions.list_entries(shop, state=state, limit=limit, cursor=cursor)


@router.post("/moderation/questions/{entry_id}/publish", summary="Publish a held or hidden question or answer")
async def publish_entry(shop: Shop, moderator: Moderator, entry_id: UUID) -> Entry:
    return await questions.moderate(shop, entry_id, "published", actor_id=moderator.user_id)


@router.post("/moderation/questions/{entry_id}/hide", summary="Take a question or answer from view, saying why")
async def hide_entry(shop: Shop, moderator: Moderator, entry_id: UUID, request: Hide) -> Entry:
    return await questions.moderate(shop, entry_id, "hidden", actor_id=moderator.user_id, reason=request.reason)


@router.get("/products/{product_id}/questions", summary="Questions on a product with their answers")
async def list_questions(shop: Shop, product_id: UUID, limit: Limit = 20, cursor: PageCursor = None) -> QuestionPage:
    return await questions.list_questions(shop, product_id, limit=limit, cursor=cursor)


@router.post("/products/{product_id}/questions", status_code=201, summary="Ask about a product")
async def ask(shop: Shop, caller: Caller, product_id: UUID, request: Text) -> Written:
    return await questions.ask(shop, caller.user_id, product_id, request.body)


@router.post("/questions/{question_id}/answers", status_code=201, summary="Answer a question")
async def answer_question(shop: Shop, caller: Caller, question_id: UUID, request: Text) -> Written:
    return await questions.answer(shop, caller.user_id, question_id, request.body)


@router.post("/seller/questions/{question_id}/answers", status_code=201, summary="Answer in the seller's name")
async def answer_as_seller(
    shop: Shop, seller_id: OwnSeller, caller: Caller, question_id: UUID, request: Text
) -> Written:
    return await questions.answer(shop, caller.user_id, question_id, request.body, seller_id=seller_id)
