"""Use cases of reviews: write, change, answer, vote, report, moderate. Sums change in the transaction of the review.

A review that names a way around the shop or a prohibited word is held for staff. Not here: questions (see `questions`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.catalog.checks import contact_in, prohibited_in
from commerce.catalog.media import require_kept
from commerce.catalog.versions import Stale
from commerce.context import Commerce
from commerce.reviews.rules import REPORTS_TO_HOLD, check_state, counted
from commerce.reviews.schemas import (
    LinesToReview,
    LineToReview,
    NewReview,
    Rating,
    Review,
    ReviewList,
    ReviewPage,
    ReviewWords,
)
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__)


class ReviewExists(Conflict):
    code = "review-exists"
    message = "You have reviewed this already. Change that review instead."


async def write(commerce: Commerce, author_id: UUID, request: NewReview) -> Review:
    """A review of a line that its author has received.

    Raises:
        NotFound: not a delivered line of the author's. ReviewExists, NoSuchPhoto.
    """
    at = commerce.clock()
    async with commerce.database.transaction() as connection:
        line = await fetch_one(
            connection, SQL["delivered_line"], order_id=request.order_id, line_no=request.line_no, buyer_id=author_id
        )
        if line is None:
            raise NotFound
        await require_kept(connection, request.photos)
        state = state_of(request.body)
        row = await fetch_one(
            connection, SQL["add_review"], id=uuid7(), author_id=author_id, rating=request.rating, body=request.body,
            photos=request.photos, state=state, at=at, **line,
        )  # fmt: skip
        if row is None:
            raise ReviewExists
        await _count(connection, line, before=("held", 1), after=(state, request.rating))
        review = await _find(connection, row["id"])
        await record_events(connection, [_event("review.written", review)])
    return review


def state_of(body: str | None) -> str:
    """State that new words begin in."""
    return "held" if body and (contact_in(body) or prohibited_in(body)) else "published"


async def _count(
    connection: Connection, row: Mapping[str, Any], *, before: tuple[str, int], after: tuple[str, int]
) -> None:
    """Change the sums from what a review was to what it is: (state, rating) each."""
    old, new = counted(*before), counted(*after)
    by_stars = [0] * 5
    by_stars[before[1] - 1] -= old[0]
    by_stars[after[1] - 1] += new[0]
    change = {"ratings": new[0] - old[0], "stars": new[1] - old[1]}
    if not any(by_stars):
        return
    await execute(connection, SQL["start_sums"], product_id=row["product_id"], seller_id=row["seller_id"])
    await execute(connection, SQL["count_product"], product_id=row["product_id"], by_stars=by_stars, **change)
    await execute(connection, SQL["count_seller"], seller_id=row["seller_id"], **change)


def _event(event_type: str, review: Review) -> NewEvent:
    payload = {
        "review_id": str(review.review_id), "product_id": str(review.product_id), "seller_id": str(review.seller_id),
        "rating": review.rating, "state": review.state,
    }  # fmt: skip
    return NewEvent(topic="review", aggregate_id=review.review_id, event_type=event_type, payload=payload)


async def change(commerce: Commerce, author_id: UUID, review_id: UUID, words: ReviewWords, *, seen: int) -> Review:
    """The author's new words on their review. What staff has hidden stays hidden.

    Raises:
        NotFound: not the author's. Stale, NoSuchPhoto.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["lock_review"], review_id=review_id)
        if row is None or row["author_id"] != author_id:
            raise NotFound
        if row["version"] != seen:
            raise Stale(version=row["version"])
        await require_kept(connection, words.photos)
        state = row["state"] if row["state"] != "published" else state_of(words.body)
        await execute(
            connection,
            SQL["change_review"],
            review_id=review_id,
            state=state,
            at=commerce.clock(),
            **words.model_dump(),
        )
        await _count(connection, row, before=(row["state"], row["rating"]), after=(state, words.rating))
        return await _find(connection, review_id)


async def answer(commerce: Commerce, seller_id: UUID, review_id: UUID, body: str) -> Review:
    """The seller's answer below a review of its goods; a new answer takes the place of the old one.

    Raises:
        NotFound: the review is not of this seller, or not in view.
    """
    async with commerce.database.transaction() as connection:
        done = await fetch_one(
            connection, SQL["answer_review"], review_id=review_id, seller_id=seller_id, body=body, at=commerce.clock()
        )
        if done is None:
            raise NotFound
        review = await _find(connection, review_id)
        await record_events(connection, [_event("review.answered", review)])
    return review


async def vote(commerce: Commerce, voter_id: UUID, review_id: UUID, *, is_helpful: bool) -> Review:
    """A person finds a review helpful, or no longer does. Twice changes nothing; one's own does not count.

    Raises:
        NotFound: no such review in view.
    """
    async with commerce.database.transaction() as connection:
        if is_helpful:
            await execute(connection, SQL["add_vote"], review_id=review_id, voter_id=voter_id, at=commerce.clock())
        else:
            await execute(connection, SQL["take_vote"], review_id=review_id, voter_id=voter_id)
        return await _find(connection, review_id, must_show=True)


async def report(commerce: Commerce, reporter_id: UUID, review_id: UUID, reason: str) -> None:
    """A person reports a review; reports of several people take it from view until staff has looked.

    Raises:
        NotFound: no such review in view.
    """
    at = commerce.clock()
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["lock_review"], review_id=review_id)
        if row is None or row["state"] == "hidden":
            raise NotFound
        done = await fetch_one(
            connection, SQL["add_report"], review_id=review_id, reporter_id=reporter_id, reason=reason, at=at
        )
        if done and done["reports"] >= REPORTS_TO_HOLD and row["state"] == "published":
            await _move(connection, row, "held", reason=None, at=at)


async def moderate(
    commerce: Commerce, review_id: UUID, state: str, *, actor_id: UUID, reason: str | None = None
) -> Review:
    """Staff publishes a held or hidden review, or hides one.

    Raises:
        NotFound, IllegalReviewState.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["lock_review"], review_id=review_id)
        if row is None:
            raise NotFound
        check_state(row["state"], state)
        await _move(connection, row, state, reason=reason, at=commerce.clock())
        await audit.record(
            connection,
            actor_id=actor_id,
            action=f"review.{state}",
            subject=("review", review_id),
            detail={"reason": reason},
        )
        review = await _find(connection, review_id)
        await record_events(connection, [_event(f"review.{state}", review)])
    return review


async def _move(
    connection: Connection, row: Mapping[str, Any], state: str, *, reason: str | None, at: datetime
) -> None:
    await execute(connection, SQL["move_review"], review_id=row["id"], state=state, reason=reason, at=at)
    await _count(connection, row, before=(row["state"], row["rating"]), after=(state, row["rating"]))


async def _find(connection: Connection, review_id: UUID, *, must_show: bool = False) -> Review:
    row = await fetch_one(connection, SQL["find_review"], review_id=review_id)
    if row is None or (must_show and row["state"] != "published"):
        raise NotFound
    return _review(row)


def _review(row: Mapping[str, Any]) -> Review:
    return Review.model_validate({**row, "photos": [f"/v1/media/{sha256}" for sha256 in row["photos"]]})


async def list_reviews(
    commerce: Commerce, product_id: UUID, *, rating: int | None, by_help: bool, limit: int, cursor: str | None
) -> ReviewPage:
    """Published reviews of a product with its sums.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 2)
    try:
        after = {"before_helpful": int(values[0]) if values else None, "before_id": UUID(values[1]) if values else None}
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection,
            SQL["list_reviews"],
            product_id=product_id,
            rating=rating,
            by_help=by_help,
            limit=limit + 1,
            **after,
        )
        sums = await fetch_one(connection, SQL["product_rating"], product_id=product_id)
    last = rows[limit - 1] if len(rows) > limit else None
    return ReviewPage(
        rating=Rating.model_validate(sums or {"ratings": 0, "rating_centi": None, "by_stars": [0] * 5}),
        items=[_review(row) for row in rows[:limit]],
        next_cursor=encode_cursor([last["helpful"], last["review_id"]]) if last else None,
    )


async def list_held(commerce: Commerce, *, state: str, limit: int, cursor: str | None) -> ReviewList:
    """Reviews in a state, oldest first, for staff.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    try:
        after_id = UUID(values[0]) if values else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_held"], state=state, after_id=after_id, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    return ReviewList(
        items=[_review(row) for row in rows[:limit]], next_cursor=encode_cursor([last["review_id"]]) if last else None
    )


async def lines_to_review(commerce: Commerce, buyer_id: UUID, *, locale: str) -> LinesToReview:
    """What a buyer has received and not reviewed yet."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["lines_to_review"], buyer_id=buyer_id, limit=100)
    return LinesToReview(
        items=[
            LineToReview(title=row["title_bn"] if locale == "bn" and row["title_bn"] else row["title_en"],
                         **{name: row[name] for name in LineToReview.model_fields if name != "title"})
            for row in rows
        ]
    )  # fmt: skip


async def seller_rating(connection: Connection, seller_id: UUID) -> tuple[int, int | None]:
    """How many ratings a seller has and their mean in hundredths of a star: for scorecards."""
    row = await fetch_one(connection, SQL["seller_rating"], seller_id=seller_id)
    return (row["ratings"], row["rating_centi"]) if row else (0, None)
