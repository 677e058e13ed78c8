"""Answers of the catalog and search API. Not here: queries."""

from uuid import UUID

from pydantic import BaseModel


class Offer(BaseModel):
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
