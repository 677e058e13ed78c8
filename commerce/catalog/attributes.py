"""Use cases of categories and what their goods are described by: definitions, inherited from above. Staff only writes.

Not here: values of products (see `changes`).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.audit import use_cases as audit
from commerce.catalog.rules import Attribute
from commerce.catalog.seller_schemas import (
    AttributeDefinition,
    Attributes,
    Choice,
    MadeCategory,
    NewCategory,
    OwnAttribute,
)
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__, "changes.sql")
DEEPEST = 3


class CategoryExists(Conflict):
    code = "category-exists"
    message = "There is a category of this name here already."


class TooDeep(InvalidInput):
    code = "category-too-deep"
    message = "Categories are at most three levels deep. Choose a parent further up."


class ChoicesMissing(InvalidInput):
    code = "choices-missing"
    message = "An attribute of kind choice needs choices, each code once; other kinds have none."


async def definitions(connection: Connection, category_id: UUID) -> Sequence[Attribute]:
    """Attributes that goods of a category have, its own and inherited ones."""
    return [Attribute.of(row) for row in await fetch_all(connection, SQL["list_attributes"], category_id=category_id)]


async def list_attributes(commerce: Commerce, category_id: UUID, *, locale: str) -> Attributes:
    """Attributes of a category, those that make variants first.

    Raises:
        NotFound: no such category.
    """
    async with commerce.database.connection() as connection:
        if await fetch_one(connection, SQL["find_category"], category_id=category_id) is None:
            raise NotFound
        rows = await fetch_all(connection, SQL["list_attributes"], category_id=category_id)
    rows = sorted(rows, key=lambda row: (not row["is_variant"], row["position"], row["code"]))
    return Attributes(items=[_attribute(row, locale) for row in rows])


def _attribute(row: Mapping[str, Any], locale: str) -> OwnAttribute:
    return OwnAttribute(
        label=row[f"label_{locale}"] or row["label_en"],
        choices=[Choice.model_validate(choice) for choice in row["choices"]],
        **{key: row[key] for key in OwnAttribute.model_fields if key not in {"label", "choices"}},
    )


async def put_attribute(
    commerce: Commerce, category_id: UUID, code: str, definition: AttributeDefinition, *, actor_id: UUID
) -> None:
    """Define an attribute of a category.

    Raises:
        NotFound: no such category. ChoicesMissing.
    """
    codes = [choice.code.casefold() for choice in definition.choices]
    if (definition.kind == "choice") != bool(codes) or len(set(codes)) != len(codes):
        raise ChoicesMissing
    row = definition.model_dump(exclude={"choices"})
    choices = Jsonb([choice.model_dump() for choice in definition.choices])
    async with commerce.database.transaction() as connection:
        if await fetch_one(connection, SQL["find_category"], category_id=category_id) is None:
            raise NotFound
        await execute(
            connection, SQL["put_attribute"], id=uuid7(), category_id=category_id, code=code, choices=choices, **row
        )
        await audit.record(
            connection, actor_id=actor_id, action="catalog.attribute_defined", subject=("category", category_id),
            detail={"code": code, "kind": definition.kind},
        )  # fmt: skip


async def drop_attribute(commerce: Commerce, category_id: UUID, code: str, *, actor_id: UUID) -> None:
    """Take a definition away.

    Raises:
        NotFound: the category itself defines no such attribute.
    """
    async with commerce.database.transaction() as connection:
        if await execute(connection, SQL["drop_attribute"], category_id=category_id, code=code) == 0:
            raise NotFound
        await audit.record(
            connection, actor_id=actor_id, action="catalog.attribute_dropped", subject=("category", category_id),
            detail={"code": code},
        )  # fmt: skip


async def add_category(commerce: Commerce, request: NewCategory, *, actor_id: UUID) -> MadeCategory:
    """A new category below another, or at the top.

    Raises:
        NotFound: no such parent. TooDeep, CategoryExists.
    """
    async with commerce.database.transaction() as connection:
        path = request.name_en
        if request.parent_id is not None:
            parent = await fetch_one(connection, SQL["find_category"], category_id=request.parent_id)
            if parent is None:
                raise NotFound
            if parent["path"].count(" > ") + 1 >= DEEPEST:
                raise TooDeep
            path = f"{parent['path']} > {request.name_en}"
        row = await fetch_one(connection, SQL["add_category"], id=uuid7(), path=path, **request.model_dump())
        if row is None:
            raise CategoryExists
        await audit.record(
            connection, actor_id=actor_id, action="catalog.category_added", subject=("category", row["id"]),
            detail={"path": path},
        )  # fmt: skip
    return MadeCategory(category_id=row["id"], path=path)
