"""HTTP routes of catalog and search: parse, call one use case, answer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from commerce.catalog import use_cases
from commerce.catalog.schemas import Categories, Product, ProductPage
from commerce.web import Locale, Shop
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1", tags=["catalog"])


@router.get("/products", summary="Browse or search products")
async def browse(
    shop: Shop,
    locale: Locale,
    query: Annotated[str | None, Query(min_length=1, max_length=200, description="Words to look for.")] = None,
    category: Annotated[str | None, Query(max_length=300, description="Path of a category, with all below it.")] = None,
    seller_id: UUID | None = None,
    limit: Limit = 20,
    cursor: PageCursor = None,
) -> ProductPage:
    return await use_cases.browse(
        shop, query=query, category=category, seller_id=seller_id, limit=limit, cursor=cursor, locale=locale
    )


@router.get("/products/{product_id}", summary="One product with its offers")
async def product(shop: Shop, locale: Locale, product_id: UUID) -> Product:
    return await use_cases.product(shop, product_id, locale=locale)


@router.get("/categories", summary="Every category")
async def categories(shop: Shop, locale: Locale) -> Categories:
    return await use_cases.categories(shop, locale=locale)
