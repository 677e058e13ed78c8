"""Use cases of the catalog: browse, search, one product, categories. Reads only; importing writes it for now."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.catalog.schemas import Categories, Category, Product, ProductPage
from commerce.context import Commerce
from commerce.search.rules import search_terms
from foundation.database import fetch_all, fetch_one
from foundation.errors import InvalidInput, NotFound
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__)
SEARCH = load_statements(__file__, "../search/queries.sql")


class NothingToSearch(InvalidInput):
    code = "nothing-to-search"
    message = "The query has no letters or digits. Type a word of the product."


def _product(row: Mapping[str, Any], locale: str) -> Product:
    title = row["title_bn"] if locale == "bn" and row["title_bn"] else row["title_en"]
    return Product(title=title, **{key: row[key] for key in Product.model_fields if key != "title"})


async def browse(
    commerce: Commerce,
    *,
    query: str | None,
    category: str | None,
    seller_id: UUID | None,
    limit: int,
    cursor: str | None,
    locale: str,
) -> ProductPage:
    """One page of products; with a query the best match comes first.

    Raises:
        NothingToSearch, BadCursor.
    """
    after = decode_cursor(cursor, 2)
    narrow = {"category": category, "seller_id": seller_id, "limit": limit + 1}
    try:
        after_id = UUID(after[1]) if after else None
        after_rank = float(after[0]) if after else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        if query is None:
            rows = await fetch_all(connection, SQL["list_products"], after_id=after_id, **narrow)
        else:
            terms = search_terms(query)
            if terms is None:
                raise NothingToSearch
            rows = await fetch_all(
                connection, SEARCH["search_products"], terms=terms, after_rank=after_rank, after_id=after_id, **narrow
            )
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = encode_cursor([last["rank"], last["product_id"]]) if last else None
    return ProductPage(items=[_product(row, locale) for row in rows[:limit]], next_cursor=next_cursor)


async def product(commerce: Commerce, product_id: UUID, *, locale: str) -> Product:
    """One product with its offers.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_product"], product_id=product_id)
    if row is None:
        raise NotFound
    return _product(row, locale)


async def categories(commerce: Commerce, *, locale: str) -> Categories:
    """Every category."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_categories"])
    return Categories(
        items=[
            Category(
                category_id=row["category_id"],
                path=row["path"],
                name=row["name_bn"] if locale == "bn" and row["name_bn"] else row["name_en"],
                products=row["products"],
            )
            for row in rows
        ]
    )
