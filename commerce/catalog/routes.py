"""HTTP routes of catalog and search: parse, call one use case, answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from commerce.catalog import attributes, use_cases
from commerce.catalog.schemas import Categories, ProductDetail, ProductPage
from commerce.catalog.seller_schemas import Attributes
from commerce.currencies.schemas import shown_in
from commerce.web import Display, Locale, Shop
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1", tags=["catalog"])


@router.get("/products", summary="Browse or search products")
async def browse(  # noqa: PLR0913, PLR0917 - what a shopper may narrow the list by
    shop: Shop,
    locale: Locale,
    display: Display,
    query: Annotated[str | None, Query(min_length=1, max_length=200, description="Words to look for.")] = None,
    category: Annotated[str | None, Query(max_length=300, description="Path of a category, with all below it.")] = None,
    seller_id: UUID | None = None,
    limit: Limit = 20,
    cursor: PageCursor = None,
) -> ProductPage:
    page = await use_cases.browse(
        shop, query=query, category=category, seller_id=seller_id, limit=limit, cursor=cursor, locale=locale
    )
    return shown_in(page, display)


@router.get("/products/{product_id}", summary="One product with its offers, variants and the buy box")
async def product(shop: Shop, locale: Locale, display: Display, product_id: UUID) -> ProductDetail:
    return shown_in(await use_cases.product(shop, product_id, locale=locale), display)


@router.get("/categories", summary="Every category")
async def categories(shop: Shop, locale: Locale) -> Categories:
    return await use_cases.categories(shop, locale=locale)


@router.get("/categories/{category_id}/attributes", summary="What goods of a category are described by")
async def list_attributes(shop: Shop, locale: Locale, category_id: UUID) -> Attributes:
    return await attributes.list_attributes(shop, category_id, locale=locale)
