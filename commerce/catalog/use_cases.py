"""Use cases of the catalog that shoppers meet: browse, one product, categories. Reads only. Not here: sellers' writes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.catalog.rules import Contender, buy_box
from commerce.catalog.schemas import BuyBoxAnswer, Categories, Category, Product, ProductDetail, ProductPage
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


async def product(commerce: Commerce, product_id: UUID, *, locale: str) -> ProductDetail:
    """One product with its offers and the buy box.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_product"], product_id=product_id)
    if row is None:
        raise NotFound
    made = {"title", "description", "buy_box"}
    return ProductDetail(
        title=row[f"title_{locale}"] or row["title_en"],
        description=row[f"description_{locale}"] or row["description_en"],
        buy_box=_buy_boxes(row["offers"]),
        **{key: row[key] for key in ProductDetail.model_fields if key not in made},
    )


def _buy_boxes(offers: list[Mapping[str, Any]]) -> list[BuyBoxAnswer]:
    variants = dict.fromkeys([None, *(offer["variant_id"] for offer in offers)])
    found = []
    for variant_id in variants:
        chosen = [offer for offer in offers if variant_id is None or offer["variant_id"] == variant_id]
        box = buy_box([Contender.of(offer) for offer in chosen])
        if box.winner is not None:
            found.append(BuyBoxAnswer(variant_id=variant_id, offer_id=box.winner.offer_id, reasons=list(box.reasons)))
    return found


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
