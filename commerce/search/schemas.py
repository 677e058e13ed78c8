"""Requests and answers of the search API. Not here: how matches are found."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Sort = Literal["relevance", "price", "-price", "newest", "popular"]
AttributeFilter = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}:.{1,200}$")]


class SearchRequest(BaseModel):
    """What to look for; lists are alternatives, different filters must all hold."""

    model_config = ConfigDict(extra="forbid")

    q: str | None = Field(None, max_length=200, description="Words in English, Bangla or Banglish.")
    category_id: list[UUID] = Field([], max_length=20, description="Categories, each with all below it.")
    brand: list[Annotated[str, StringConstraints(max_length=100)]] = Field([], max_length=20)
    seller_id: list[UUID] = Field([], max_length=20)
    attribute: list[AttributeFilter] = Field(
        [], max_length=20, description="`code:value`; values of several codes must meet in one variant."
    )
    min_price_poisha: int | None = Field(None, ge=0, le=10**12)
    max_price_poisha: int | None = Field(None, ge=0, le=10**12)
    min_rating: int | None = Field(None, ge=1, le=5, description="Stars.")
    in_stock: bool = False
    sort: Sort = "relevance"
    limit: int = Field(20, ge=1, le=50)
    cursor: str | None = Field(None, max_length=400, description="`next_cursor` of the previous answer.")


class Hit(BaseModel):
    product_id: UUID
    title: str
    brand: str | None
    package_size: str | None
    category_path: str
    price_poisha: int | None
    offer_id: UUID | None
    seller_id: UUID | None
    is_in_stock: bool
    rating_centi: int | None
    ratings: int
    picture_url: str | None


class FacetValue(BaseModel):
    value: str
    label: str
    products: int
    is_chosen: bool = False


class Facet(BaseModel):
    name: str
    values: list[FacetValue]


class SearchAnswer(BaseModel):
    """`total` is exact up to 10,000. Facets are counted over the best matches only when `is_estimate` is true."""

    items: list[Hit]
    total: int
    is_total_exact: bool
    is_estimate: bool
    is_partial: bool = Field(description="No product has all words: these have some.")
    facets: list[Facet]
    did_you_mean: str | None
    next_cursor: str | None


class Suggestion(BaseModel):
    phrase: str
    kind: Literal["category", "brand", "title", "word"]


class Suggestions(BaseModel):
    items: list[Suggestion]
