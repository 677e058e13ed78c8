"""Use cases of products that sellers keep: every word of theirs is staged, checked, and shown only when staff confirms it.

Not here: offers on products (see `offers`), the checks themselves (see `checks`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from commerce.audit import use_cases as audit
from commerce.catalog import checks
from commerce.catalog.attributes import definitions
from commerce.catalog.events import change_decided, product_changed
from commerce.catalog.rules import CHANGE_STATES, Attribute, missing_attributes, split_attributes
from commerce.catalog.seller_schemas import Change, ChangePage, NewProduct, OwnProduct, OwnProductPage, ProductWords
from commerce.catalog.versions import Stale
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.outbox import record_events
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__, "changes.sql")
PLAIN = (
    "title_en", "title_bn", "title_hi", "description_en", "description_bn", "description_hi", "brand", "package_size",
)  # fmt: skip


class AttributesMissing(InvalidInput):
    code = "attributes-missing"
    message = "The category requires these attributes: {attributes}."


class NoSuchPicture(InvalidInput):
    code = "no-such-picture"
    message = "A picture is not kept here. Upload it first with POST /v1/media."


class NothingToChange(InvalidInput):
    code = "nothing-to-change"
    message = "The product is like this already."


class ChangePending(Conflict):
    code = "change-pending"
    message = "A change of this product waits for moderation. Withdraw it first, or wait."


class ChangeDecided(Conflict):
    code = "change-decided"
    message = "A change that is {from_status} cannot become {to_status}."


async def create_product(commerce: Commerce, seller_id: UUID, user_id: UUID, request: NewProduct) -> Change:
    """A new product of the seller's, staged: it is for sale once it is confirmed.

    Raises:
        NotFound: no such category. BadAttribute, AttributesMissing, NoSuchPicture.
    """
    async with commerce.database.transaction() as connection:
        change_id = await stage_product(connection, seller_id, user_id, request, at=commerce.clock())
        return await _find(connection, change_id)


async def stage_product(
    connection: Connection,
    seller_id: UUID,
    user_id: UUID,
    request: NewProduct,
    *,
    at: datetime,
    price_poisha: int | None = None,
) -> UUID:
    """As `create_product`, in the caller's transaction; the change's id. `price_poisha`: what the seller will ask."""
    wanted = request.model_dump(exclude_none=True)
    checked = await _checked(connection, wanted, request.category_id)
    product_id = uuid7()
    fields = {name: checked.get(name) for name in PLAIN}
    await execute(
        connection, SQL["add_product"], id=product_id, code=f"s-{product_id.hex[-12:]}", category_id=request.category_id, at=at,
        **{name: fields[name] for name in ("title_en", "title_bn", "brand", "package_size")},
    )  # fmt: skip
    await execute(
        connection, SQL["add_details"], product_id=product_id, owner_seller_id=seller_id,
        attributes=Jsonb(checked.get("attributes", {})),
        **{name: fields[name] for name in PLAIN if name.startswith("description") or name == "title_hi"},
    )  # fmt: skip
    await _add_variants(connection, product_id, checked.get("variants", []), at=at)
    await _put_pictures(connection, product_id, checked.get("pictures"))
    actions = [{"field": name, "before": None, "after": value} for name, value in checked.items()]
    findings = checks.check_words(checked) + await _price_findings(connection, request.category_id, price_poisha)
    staged = {"kind": "create", "actions": actions, "findings": findings, "base_version": 1}
    return await _stage(connection, product_id, seller_id, user_id, staged, at=at)


async def propose_edit(
    commerce: Commerce, seller_id: UUID, user_id: UUID, product_id: UUID, request: ProductWords, *, seen: int
) -> Change:
    """Stage a change of a product the seller keeps; shoppers see the old words until it is confirmed.

    Raises:
        NotFound: not the seller's. Stale, NothingToChange, ChangePending, BadAttribute, AttributesMissing, NoSuchPicture.
    """
    wanted = request.model_dump(exclude_unset=True)
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["own_product"], product_id=product_id, seller_id=seller_id)
        if row is None:
            raise NotFound
        if row["version"] != seen:
            raise Stale(version=row["version"])
        category_id = wanted.get("category_id") or row["category_id"]
        checked = await _checked(connection, {"attributes": row["attributes"], **wanted}, category_id)
        present = {**row, "category_id": str(row["category_id"]), "variants": []}
        actions = [
            {"field": name, "before": present.get(name), "after": value}
            for name, value in checked.items()
            if value != present.get(name)
        ]
        if not actions:
            raise NothingToChange
        prices = await fetch_all(connection, SQL["own_prices"], product_id=product_id, seller_id=seller_id)
        findings = checks.check_words(checked)
        for price in prices[:1]:
            findings += await _price_findings(connection, category_id, price["price_poisha"])
        staged = {"kind": "edit", "actions": actions, "findings": findings, "base_version": seen}
        change_id = await _stage(connection, product_id, seller_id, user_id, staged, at=commerce.clock())
        return await _find(connection, change_id)


async def _checked(connection: Connection, wanted: Mapping[str, Any], category_id: UUID) -> dict[str, Any]:
    """Values as they would be stored, in JSON's types."""
    if await fetch_one(connection, SQL["find_category"], category_id=category_id) is None:
        raise NotFound
    known = await definitions(connection, category_id)
    checked: dict[str, Any] = {name: wanted[name] for name in PLAIN if name in wanted}
    if "title_en" in checked and checked["title_en"] is None:
        del checked["title_en"]
    checked["category_id"] = str(category_id)
    values = split_attributes(known, wanted.get("attributes") or {}, for_variant=False)
    lacking = missing_attributes(known, values, for_variant=False)
    if lacking:
        raise AttributesMissing(attributes=", ".join(lacking))
    checked["attributes"] = values
    if wanted.get("variants"):
        checked["variants"] = [_variant(known, one) for one in wanted["variants"]]
    if wanted.get("pictures") is not None:
        pictures = list(dict.fromkeys(wanted["pictures"]))
        kept = await fetch_all(connection, SQL["known_pictures"], pictures=pictures)
        if len(kept) != len(pictures):
            raise NoSuchPicture
        checked["pictures"] = pictures
    return checked


def _variant(known: Sequence[Attribute], wanted: Mapping[str, object]) -> dict[str, str | int | bool]:
    values = split_attributes(known, wanted, for_variant=True)
    lacking = missing_attributes(known, values, for_variant=True)
    if lacking or not values:
        raise AttributesMissing(attributes=", ".join(lacking or [one.code for one in known if one.is_variant]))
    return values


async def _price_findings(connection: Connection, category_id: UUID, price_poisha: int | None) -> list[checks.Found]:
    if price_poisha is None:
        return []
    row = await fetch_one(connection, SQL["median_price"], category_id=category_id)
    return checks.check_price(price_poisha, row["median"], row["prices"]) if row else []


async def _stage(
    connection: Connection, product_id: UUID, seller_id: UUID, user_id: UUID, staged: Mapping[str, Any], *, at: datetime
) -> UUID:
    row = await fetch_one(
        connection, SQL["add_change"], id=uuid7(), product_id=product_id, seller_id=seller_id, kind=staged["kind"],
        actions=Jsonb(staged["actions"]), findings=Jsonb(staged["findings"]), base_version=staged["base_version"],
        submitted_by=user_id, at=at,
    )  # fmt: skip
    if row is None:
        raise ChangePending
    change_id: UUID = row["id"]
    return change_id


async def _add_variants(
    connection: Connection, product_id: UUID, variants: Sequence[Mapping[str, object]], *, at: datetime
) -> None:
    if variants:
        await execute(
            connection, SQL["add_variants"], product_id=product_id, at=at, ids=[uuid7() for _ in variants],
            attributes=[orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode() for one in variants],
            positions=list(range(len(variants))),
        )  # fmt: skip


async def _put_pictures(connection: Connection, product_id: UUID, pictures: Sequence[str] | None) -> None:
    if pictures is not None:
        await execute(connection, SQL["clear_pictures"], product_id=product_id)
        await execute(connection, SQL["put_pictures"], product_id=product_id, pictures=list(pictures))


async def decide(
    commerce: Commerce, change_id: UUID, state: str, *, actor_id: UUID, reason: str | None = None
) -> Change:
    """Confirm or decline a staged change, as staff. What is confirmed is exactly what was staged.

    Raises:
        NotFound, ChangeDecided. Stale: the product is no longer what the change was made from.
    """
    at = commerce.clock()
    async with commerce.database.transaction() as connection:
        change = await _end(connection, change_id, state, actor_id=actor_id, reason=reason, at=at)
        events = [
            change_decided(
                change_id, product_id=change["product_id"], seller_id=change["seller_id"], state=state, reason=reason
            )
        ]
        if state == "confirmed":
            version = await _apply(connection, change, at=at)
            events.append(product_changed(change["product_id"], seller_id=change["seller_id"], version=version))
        await record_events(connection, events)
        await audit.record(
            connection, actor_id=actor_id, action=f"catalog.change_{state}", subject=("product_change", change_id),
            detail={"product_id": str(change["product_id"]), "findings": len(change["findings"]), "reason": reason},
        )  # fmt: skip
        return await _find(connection, change_id)


async def withdraw(commerce: Commerce, seller_id: UUID, user_id: UUID, change_id: UUID) -> Change:
    """The seller takes a staged change back.

    Raises:
        NotFound: not the seller's. ChangeDecided.
    """
    async with commerce.database.transaction() as connection:
        if await fetch_one(connection, SQL["find_change"], change_id=change_id, seller_id=seller_id) is None:
            raise NotFound
        await _end(connection, change_id, "withdrawn", actor_id=user_id, reason=None, at=commerce.clock())
        return await _find(connection, change_id)


async def _end(
    connection: Connection, change_id: UUID, state: str, *, actor_id: UUID, reason: str | None, at: datetime
) -> Mapping[str, Any]:
    change = await fetch_one(connection, SQL["lock_change"], change_id=change_id)
    if change is None:
        raise NotFound
    if state not in CHANGE_STATES[change["state"]]:
        raise ChangeDecided(from_status=change["state"], to_status=state)
    await execute(
        connection, SQL["decide_change"], change_id=change_id, state=state, reason=reason, decided_by=actor_id, at=at
    )
    return change


async def _apply(connection: Connection, change: Mapping[str, Any], *, at: datetime) -> int:
    product_id = change["product_id"]
    row = await fetch_one(connection, SQL["own_product"], product_id=product_id, seller_id=change["seller_id"])
    if row is None:
        raise NotFound
    if row["version"] != change["base_version"]:
        raise Stale(version=row["version"])
    after = {**row, **{action["field"]: action["after"] for action in change["actions"]}}
    await execute(
        connection, SQL["put_product"], product_id=product_id, category_id=UUID(str(after["category_id"])),
        **{name: after[name] for name in ("title_en", "title_bn", "brand", "package_size")},
    )  # fmt: skip
    done = await fetch_one(
        connection, SQL["put_details"], product_id=product_id, attributes=Jsonb(after["attributes"]),
        **{name: after[name] for name in PLAIN if name.startswith("description") or name == "title_hi"},
    )  # fmt: skip
    await _add_variants(connection, product_id, after.get("variants") or [], at=at)
    await _put_pictures(connection, product_id, after["pictures"])
    return int(done["version"]) if done else 0


async def _find(connection: Connection, change_id: UUID) -> Change:
    row = await fetch_one(connection, SQL["find_change"], change_id=change_id, seller_id=None)
    if row is None:
        raise NotFound
    return Change.model_validate(row)


async def list_changes(
    commerce: Commerce, *, state: str | None, seller_id: UUID | None, limit: int, cursor: str | None
) -> ChangePage:
    """Staged changes, oldest first: of one seller, or of all for staff.

    Raises:
        BadCursor.
    """
    after_id = _uuid_after(cursor)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_changes"], state=state, seller_id=seller_id, after_id=after_id, limit=limit + 1
        )
    next_cursor = encode_cursor([rows[limit - 1]["change_id"]]) if len(rows) > limit else None
    return ChangePage(items=[Change.model_validate(row) for row in rows[:limit]], next_cursor=next_cursor)


async def list_products(commerce: Commerce, seller_id: UUID, *, limit: int, cursor: str | None) -> OwnProductPage:
    """Products the seller keeps, newest first.

    Raises:
        BadCursor.
    """
    before_id = _uuid_after(cursor)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_own_products"], seller_id=seller_id, before_id=before_id, limit=limit + 1
        )
    next_cursor = encode_cursor([rows[limit - 1]["product_id"]]) if len(rows) > limit else None
    return OwnProductPage(items=[OwnProduct.model_validate(row) for row in rows[:limit]], next_cursor=next_cursor)


def _uuid_after(cursor: str | None) -> UUID | None:
    values = decode_cursor(cursor, 1)
    try:
        return UUID(values[0]) if values else None
    except ValueError as error:
        raise BadCursor from error
