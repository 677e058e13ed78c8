"""Applies rows of a seller's file, each in a savepoint of its own: a refused row leaves no trace. Not here: the file's progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from commerce.catalog import changes, offers
from commerce.catalog.attributes import definitions
from commerce.catalog.bulk_rows import MISSING, NO_CATEGORY, NO_PARENT, NO_PRODUCT, Problem, Row
from commerce.catalog.rules import Attribute, split_attributes
from commerce.catalog.seller_schemas import NewOffer, NewProduct
from foundation.database import Connection, fetch_all, fetch_one
from foundation.errors import GetItError
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__, "bulk.sql")
CHANGES = load_statements(__file__, "changes.sql")
# The column that an error of a use case belongs to; others belong to the SKU.
_COLUMN_OF = {
    "bad-list-price": "list_price", "offer-withdrawn": "status", "which-variant": "product_code", "attributes-missing": "category",
}  # fmt: skip


@dataclass
class Outcome:
    """What became of a row."""

    row: int
    kind: str
    problems: list[Problem] = field(default_factory=list)


class _Refused(Exception):
    """A row cannot be applied."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.problem = Problem(column, reason)


async def apply_rows(
    connection: Connection, job: Mapping[str, Any], rows: Sequence[Row], *, at: datetime
) -> list[Outcome]:
    """Apply rows in order; what became of each."""
    skus = sorted({row.sku for row in rows if row.sku})
    known = await fetch_all(connection, SQL["lock_offers"], seller_id=job["seller_id"], skus=skus)
    by_sku = {offer["sku"]: offer for offer in known}
    outcomes = []
    for row in rows:
        if row.problems:
            outcomes.append(Outcome(row.number, "refused", row.problems))
            continue
        try:
            async with connection.transaction():
                outcomes.append(Outcome(row.number, await _apply(connection, job, row, by_sku.get(row.sku), at=at)))
        except _Refused as refused:
            outcomes.append(Outcome(row.number, "refused", [refused.problem]))
        except GetItError as error:
            outcomes.append(Outcome(row.number, "refused", [_problem(error)]))
        except ValidationError as error:
            columns = {str(one["loc"][0]) for one in error.errors()}
            outcomes.append(
                Outcome(row.number, "refused", [Problem(column, changes.NothingToChange.message) for column in columns])
            )
    return outcomes


def _problem(error: GetItError) -> Problem:
    params = {name: str(value) for name, value in error.params.items()}
    column = f"attribute:{params['attribute']}" if "attribute" in params else _COLUMN_OF.get(error.code, "sku")
    return Problem(column, error.template, params)


async def _apply(
    connection: Connection, job: Mapping[str, Any], row: Row, offer: Mapping[str, Any] | None, *, at: datetime
) -> str:
    if offer is not None:
        is_changed = await offers.apply_change(connection, offer, row.terms, job["submitted_by"], at=at)
        return "changed" if is_changed else "unchanged"
    product_id, variant_id = await _product(connection, job, row, at=at)
    terms = {name: value for name, value in row.terms.items() if name != "status"}
    request = NewOffer.model_validate({"product_id": product_id, "variant_id": variant_id, "sku": row.sku, **terms})
    offer_id = await offers.add_offer(connection, job["seller_id"], job["submitted_by"], request, at=at)
    if row.terms.get("status", "active") != "active":
        made = await fetch_one(connection, offers.SQL["lock_offer"], offer_id=offer_id, seller_id=job["seller_id"])
        if made is not None:
            await offers.apply_change(connection, made, {"status": row.terms["status"]}, job["submitted_by"], at=at)
    return "created"


async def _product(
    connection: Connection, job: Mapping[str, Any], row: Row, *, at: datetime
) -> tuple[UUID, UUID | None]:
    """Product and variant that a row's offer is made on; a new product is staged for moderation."""
    seller_id = job["seller_id"]
    if row.product_code or row.parent_sku:
        if row.product_code:
            found = await fetch_one(connection, SQL["product_by_code"], code=row.product_code, seller_id=seller_id)
        else:
            found = await fetch_one(connection, SQL["product_by_sku"], sku=row.parent_sku, seller_id=seller_id)
        if found is None:
            raise _Refused(*(("product_code", NO_PRODUCT) if row.product_code else ("parent_sku", NO_PARENT)))
        known = await definitions(connection, found["category_id"])
        variant = _variant_values(known, row)
        if variant and row.parent_sku:
            await _add_variant(connection, found["id"], variant, at=at)
        return found["id"], await _variant_id(connection, found["id"], variant)
    return await _new_product(connection, job, row, at=at)


def _variant_values(known: Sequence[Attribute], row: Row) -> dict[str, str | int | bool]:
    makes_variants = {one.code for one in known if one.is_variant}
    given = {code: value for code, value in row.attributes.items() if code in makes_variants}
    return split_attributes(known, given, for_variant=True)


async def _new_product(
    connection: Connection, job: Mapping[str, Any], row: Row, *, at: datetime
) -> tuple[UUID, UUID | None]:
    for name, value in (("title_en", row.words.get("title_en")), ("category", row.category)):
        if not value:
            raise _Refused(name, MISSING)
    category = await fetch_one(connection, SQL["category_by_path"], path=row.category)
    if category is None:
        raise _Refused("category", NO_CATEGORY)
    known = await definitions(connection, category["id"])
    variant = _variant_values(known, row)
    plain = {code: value for code, value in row.attributes.items() if code not in variant}
    request = NewProduct.model_validate(
        {**row.words, "category_id": category["id"], "attributes": plain, "variants": [variant] if variant else None}
    )
    price = row.terms.get("price_poisha")
    change_id = await changes.stage_product(
        connection,
        job["seller_id"],
        job["submitted_by"],
        request,
        at=at,
        price_poisha=price if isinstance(price, int) else None,
    )
    change = await fetch_one(connection, CHANGES["find_change"], change_id=change_id, seller_id=None)
    product_id: UUID = change["product_id"] if change else UUID(int=0)
    return product_id, await _variant_id(connection, product_id, variant)


async def _add_variant(connection: Connection, product_id: UUID, values: Mapping[str, object], *, at: datetime) -> None:
    await connection.execute(
        CHANGES["add_variants"],
        {"product_id": product_id, "at": at, "ids": [uuid7()], "attributes": [_json(values)], "positions": [0]},
    )


async def _variant_id(connection: Connection, product_id: UUID, values: Mapping[str, object]) -> UUID | None:
    if not values:
        return None
    row = await fetch_one(connection, SQL["variant_of"], product_id=product_id, attributes=_json(values))
    if row is None:
        raise _Refused("product_code", NO_PRODUCT)
    variant_id: UUID = row["id"]
    return variant_id


def _json(values: Mapping[str, object]) -> str:
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS).decode()
