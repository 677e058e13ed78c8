"""Answers of the catalog and search API. Not here: queries."""

from uuid import UUID

from pydantic import BaseModel

from commerce.currencies.schemas import Priced


class Offer(Priced):
    offer_id: UUID
    seller_id: UUID
    seller_name: str
    price_poisha: int
    available: int


class Product(BaseModel):
    product_id: UUID
    code: str
    title: str
    category_path: str
    brand: str | None
    package_size: str | None
    uom: str
    is_synthetic: bool
    offers: list[Offer]


class OfferDetail(Offer):
    """An offer with its terms. `lowest_30d_poisha`: the lowest price in the 30 days before a price shown as reduced."""

    variant_id: UUID | None
    list_price_poisha: int | None
    lowest_30d_poisha: int | None
    condition: str
    handling_days: int


class Variant(BaseModel):
    variant_id: UUID
    attributes: dict[str, str | int | bool]


class BuyBoxAnswer(BaseModel):
    """The offer that is sold unless the buyer picks another: of the product, and of each variant."""

    variant_id: UUID | None
    offer_id: UUID
    reasons: list[str]


class ProductDetail(Product):
    offers: list[OfferDetail]  # type: ignore[assignment]
    description: str | None
    attributes: dict[str, str | int | bool]
    variants: list[Variant]
    pictures: list[str]
    buy_box: list[BuyBoxAnswer]
    rating_centi: int | None
    ratings: int
    version: int


class ProductPage(BaseModel):
    items: list[Product]
    next_cursor: str | None


class Category(BaseModel):
    category_id: UUID
    path: str
    name: str
    products: int


class Categories(BaseModel):
    items: list[Category]
