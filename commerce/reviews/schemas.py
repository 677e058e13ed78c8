"""Requests and answers of reviews, questions and answers. Not here: who may write them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commerce.catalog.seller_schemas import Sha256

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=r"^[^\x00]+$")]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000, pattern=r"^[^\x00]+$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ReviewWords(_Request):
    rating: int = Field(ge=1, le=5)
    body: Words | None = None
    photos: list[Sha256] = Field([], max_length=6, description="From POST /v1/media.")


class NewReview(ReviewWords):
    order_id: UUID
    line_no: int = Field(ge=1, le=10_000)


class ReportRequest(_Request):
    reason: Literal["abuse", "spam", "false", "personal_data", "other"]


class Hide(_Request):
    reason: Short


class Text(_Request):
    body: Short


class Review(BaseModel):
    """What a buyer said of what they received. Its author is not told: names are nobody's business."""

    review_id: UUID
    product_id: UUID
    seller_id: UUID
    rating: int
    body: str | None
    photos: list[str]
    state: Literal["published", "held", "hidden"]
    seller_answer: str | None
    answered_at: datetime | None
    helpful: int
    version: int
    created_at: datetime


class Rating(BaseModel):
    """Sums over published reviews; `by_stars` from one star to five."""

    ratings: int
    rating_centi: int | None
    by_stars: list[int]


class ReviewPage(BaseModel):
    rating: Rating
    items: list[Review]
    next_cursor: str | None


class ReviewList(BaseModel):
    items: list[Review]
    next_cursor: str | None


class LineToReview(BaseModel):
    order_id: UUID
    line_no: int
    product_id: UUID
    title: str
    delivered_at: datetime


class LinesToReview(BaseModel):
    """The newest hundred."""

    items: list[LineToReview]


class Answer(BaseModel):
    answer_id: UUID
    body: str
    seller_id: UUID | None
    is_buyer: bool
    created_at: datetime


class Question(BaseModel):
    question_id: UUID
    body: str
    created_at: datetime
    answers: list[Answer]


class Entry(BaseModel):
    """A question or an answer, as moderators see it."""

    entry_id: UUID
    kind: Literal["question", "answer"]
    product_id: UUID
    body: str
    state: Literal["published", "held", "hidden"]
    created_at: datetime


class EntryPage(BaseModel):
    items: list[Entry]
    next_cursor: str | None


class QuestionPage(BaseModel):
    items: list[Question]
    next_cursor: str | None


class Written(BaseModel):
    """What was written, and whether all see it or staff looks at it first."""

    id: UUID
    state: Literal["published", "held", "hidden"]
