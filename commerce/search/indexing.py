"""Keeps search's documents true to the shop: follows what changed, rebuilds all. Not here: answering queries.

Changes are read as the warehouse reads them: rows whose transaction lies in a closed set below the xid horizon. Nothing
that commits late is lost, nobody who writes pays for it, and rows that came without an event (imports) count too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from commerce.catalog.rules import Contender, buy_box
from commerce.context import Commerce
from commerce.search.rules import BRAND, CATEGORY, TEXT, TITLE, filter_tokens, word_vector
from commerce.search.signals import SIGNALS, Facts
from commerce.search.words import cuts, sound_keys, split_words
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.outbox import Cursor, horizon, load_cursor, save_cursor
from foundation.statements import load_statements

SQL = load_statements(__file__, "indexing.sql")
CONSUMER = "search.documents"
CHUNK = 300
#: More changes than this at once are an import: a rebuild is quicker.
MOST_FOLLOWED = 5_000
NOBODY = UUID(int=0)


async def follow(commerce: Commerce) -> bool:
    """Duty of the relay: bring documents up to date with all that is committed; False when nothing had changed."""
    async with commerce.database.transaction() as connection:
        cursor = await load_cursor(connection, CONSUMER)
        has = await fetch_one(connection, SQL["has_documents"])
        hi = await horizon(connection)
        if cursor is not None and has and has["has_documents"]:
            changed = await _changed(connection, cursor, hi)
            if len(changed) <= MOST_FOLLOWED:
                for start in range(0, len(changed), CHUNK):
                    await index_products(connection, changed[start : start + CHUNK])
                await save_cursor(connection, CONSUMER, hi)
                return False
    await rebuild(commerce)
    return False


async def _changed(connection: Connection, cursor: Cursor, hi: Cursor) -> list[UUID]:
    window = {"lo": str(cursor.xid), "hi": str(hi.xid)}
    if cursor.xid == hi.xid:
        return []
    rows = await fetch_all(connection, SQL["changed_products"], **window, limit=MOST_FOLLOWED + 1)
    if len(rows) <= MOST_FOLLOWED:
        await execute(connection, SQL["add_orders"], **window)
    return [row["id"] for row in rows]


async def rebuild(commerce: Commerce) -> int:
    """Write every document and the vocabulary anew, in small transactions while the shop runs; how many products.

    Documents stay readable meanwhile. What changes during the rebuild is followed afterwards.
    """
    async with commerce.database.transaction() as connection:
        start = await horizon(connection)
    after, done = NOBODY, 0
    while True:
        async with commerce.database.transaction() as connection:
            rows = await fetch_all(connection, SQL["next_products"], after_id=after, limit=CHUNK)
            if rows:
                await index_products(connection, [row["id"] for row in rows], adds_words=False)
        if not rows:
            break
        after, done = rows[-1]["id"], done + len(rows)
    await _count_orders(commerce, start)
    async with commerce.database.transaction() as connection:
        await connection.execute("set local statement_timeout = '10min'")
        await execute(connection, SQL["drop_orphans"])
        await save_cursor(connection, CONSUMER, start)
    await rebuild_words(commerce)
    return done


async def _count_orders(commerce: Commerce, before: Cursor) -> None:
    """Units ordered up to a horizon; orders after it are added by `follow`. A long transaction would hold events back."""
    async with commerce.database.transaction() as connection:
        await connection.execute("set local statement_timeout = '10min'")
        rows = await fetch_all(connection, SQL["ordered_units"], hi=str(before.xid))
    for first in range(0, len(rows), CHUNK):
        part = rows[first : first + CHUNK]
        async with commerce.database.transaction() as connection:
            await execute(
                connection, SQL["set_units"], product_ids=[row["product_id"] for row in part],
                units=[row["units"] for row in part],
            )  # fmt: skip


async def rebuild_words(commerce: Commerce) -> bool:
    """Duty of the relay: the vocabulary, its sounds and the suggestions, from the documents as they are; False: done."""
    async with commerce.database.transaction() as connection:
        await connection.execute("set local statement_timeout = '10min'")
        await connection.execute("set local lock_timeout = '10min'")
        await execute(connection, SQL["lock_words"])
        await execute(connection, SQL["recount_words"])
        silent = [row["word"] for row in await fetch_all(connection, SQL["silent_words"])]
        await _add_sounds(connection, silent)
        sources = await fetch_all(connection, SQL["phrase_sources"])
        await execute(connection, SQL["clear_phrases"])
        typed = [(" ".join(split_words(row["phrase"])), row) for row in sources]
        rows = {(text, row["kind"]): row for text, row in typed if text}
        await execute(
            connection, SQL["add_phrases"], typed=[text for text, _ in rows], kinds=[kind for _, kind in rows],
            phrases=[row["phrase"] for row in rows.values()], weights=[row["weight"] for row in rows.values()],
        )  # fmt: skip
    return False


async def index_products(connection: Connection, product_ids: Sequence[UUID], *, adds_words: bool = True) -> None:
    """Write the documents of products, in the caller's transaction; those no longer for sale go."""
    facts = await fetch_all(connection, SQL["facts"], product_ids=list(product_ids))
    documents = [document(row) for row in facts]
    gone = set(product_ids) - {row["product_id"] for row in facts}
    if gone:
        await execute(connection, SQL["drop_documents"], product_ids=sorted(gone))
    if not documents:
        return
    names = list(documents[0])
    columns: dict[str, object] = {name: [row[name] for row in documents] for name in names}
    await execute(connection, SQL["put_documents"], **columns)
    if adds_words:
        await _add_words(connection, documents)


async def _add_words(connection: Connection, documents: Sequence[Mapping[str, Any]]) -> None:
    counts = Counter(place.split("'")[1] for row in documents for place in row["words"].split(" ") if place)
    words = sorted(counts)
    added = await fetch_all(connection, SQL["add_words"], words=words, counts=[counts[word] for word in words])
    await _add_sounds(connection, [row["word"] for row in added])


async def _add_sounds(connection: Connection, words: Sequence[str]) -> None:
    rows = []
    for word in words:
        if word.isdigit():
            continue
        for key in sound_keys(word):
            rows.append((key, word, False))
            rows += [(cut, word, True) for cut in cuts(key)]
    if rows:
        keys, named, is_cut = zip(*rows, strict=True)
        await execute(connection, SQL["add_sounds"], keys=list(keys), words=list(named), cuts=list(is_cut))


def document(facts: Mapping[str, Any]) -> dict[str, object]:
    """Columns of one document, as the statement `put_documents` names them."""
    box = buy_box([Contender.of(offer) for offer in facts["offers"]])
    # What is sold out still shows what it costs.
    price = (
        box.winner.price_poisha if box.winner else min((one["price_poisha"] for one in facts["offers"]), default=None)
    )
    in_stock = any(offer["available"] > 0 for offer in facts["offers"])
    values = [str(value) for values in (facts["attributes"], *facts["variants"]) for value in values.values()]
    fields = [
        (facts["title_en"], TITLE), (facts["title_bn"], TITLE), (facts["title_hi"], TITLE),
        (facts["brand"], BRAND), (facts["package_size"], BRAND), (" ".join(values), BRAND),
        (facts["category_path"], CATEGORY), (facts["category_bn"], CATEGORY),
        (facts["description_en"], TEXT), (facts["description_bn"], TEXT), (facts["description_hi"], TEXT),
    ]  # fmt: skip
    quality = SIGNALS.quality(
        Facts(
            units_ordered=facts["units_ordered"], is_in_stock=in_stock, price_poisha=price, offers=len(facts["offers"]),
            has_bangla_title=facts["title_bn"] is not None, rating_centi=facts["rating_centi"], ratings=facts["ratings"],
        )
    )  # fmt: skip
    return {
        "product_ids": facts["product_id"],
        "words": word_vector(fields),
        "filters": "\x1f".join(filter_tokens(facts, price_poisha=price, in_stock=in_stock)),
        "variants": orjson.dumps(facts["variants"]).decode(),
        "qualities": quality,
        "prices": price,
        "offer_ids": box.winner.offer_id if box.winner else None,
        "seller_ids": box.winner.seller_id if box.winner else None,
        "stocked": in_stock,
        "units": facts["units_ordered"],
        "stars": facts["rating_centi"],
        "ratings": facts["ratings"],
        "created": facts["created_at"],
    }
