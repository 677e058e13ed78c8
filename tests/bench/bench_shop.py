"""A shop to measure: embedded engines, a trained fraud model, the commerce and scoring processes, sellers and buyers.

Not here: what is measured. Everything runs below one temporary folder and ends with the block.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import psycopg

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/bench")]

from conftest import Engine, free_port
from fraud_fixtures import PASSED
from market_rows import END, make_market, write_market

from foundation.ids import uuid7
from foundation.security.keys import root_secret
from foundation.security.tokens import TokenAuthority
from foundation.settings import Settings
from getit.databases import prepare_databases
from getit.engines import valkey_command
from models.fraud.family import FraudFamily
from serving.feeder import Feeder

COUNTING = ["-c", "shared_preload_libraries=pg_stat_statements", "-c", "pg_stat_statements.max=5000"]


class CountingEngine(Engine):
    """PostgreSQL that counts its statements."""

    def command(self) -> list[str]:
        return [*super().command(), *COUNTING]


@dataclass
class BenchShop:
    """The running shop."""

    settings: Settings
    commerce_workers: int
    hub_id: UUID = field(default_factory=uuid7)
    offers: list[list[str]] = field(default_factory=list)
    buyers: list[tuple[UUID, str]] = field(default_factory=list)

    @property
    def port(self) -> int:
        return self.settings.commerce_port

    def sql(self, statement: str, *params: object) -> list[tuple]:
        with psycopg.connect(self.settings.postgres("getit"), autocommit=True) as connection:
            cursor = connection.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def fill(self, *, sellers: int, offers_each: int, buyers: int) -> None:
        """Sellers with offers in plenty, and buyers with tokens."""
        tokens = TokenAuthority(root_secret(self.settings))
        self.buyers = [(user, tokens.issue(user, ["shop"])) for user in (uuid7() for _ in range(buyers))]
        category = uuid7()
        with psycopg.connect(self.settings.postgres("getit")) as connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into catalog.categories (id, path, name_en) values (%s, 'Grocery > Rice', 'Rice')", [category]
            )
            cursor.execute(
                "insert into inventory.hubs (id, code, name, district_code) values (%s, 'H1', 'Tejgaon', 'BD-13')",
                [self.hub_id],
            )
            cursor.executemany(
                "insert into identity.users (id, full_name) values (%s, 'Buyer')", [(user,) for user, _ in self.buyers]
            )
            for number in range(sellers):
                self.offers.append(_add_seller(cursor, number, category, self.hub_id, offers_each))
        self.sql("vacuum analyze")

    def add_hot_offer(self, stock: int) -> str:
        with psycopg.connect(self.settings.postgres("getit")) as connection, connection.cursor() as cursor:
            cursor.execute("select id from catalog.categories limit 1")
            row = cursor.fetchone()
            assert row is not None
            return _add_seller(cursor, len(self.offers) + 1000 + stock, row[0], self.hub_id, 1, stock=stock)[0]

    def reset_statements(self) -> None:
        self.sql("create extension if not exists pg_stat_statements")
        self.sql("select pg_stat_statements_reset()")

    def statements(self) -> dict[str, int]:
        """Statements run in the shop's database since the last reset, with BEGIN and COMMIT."""
        rows = self.sql(
            "select left(query, 60), sum(calls)::int from pg_stat_statements s join pg_database d on d.oid = s.dbid "
            "where d.datname = current_database() and query not like '%%pg_stat_statements%%' group by 1 order by 2 desc"
        )
        return dict(rows)


def _add_seller(
    cursor: psycopg.Cursor, number: int, category: UUID, hub: UUID, offers: int, *, stock: int = 10**8
) -> list[str]:
    seller, ids = uuid7(), [uuid7() for _ in range(offers)]
    products = [uuid7() for _ in range(offers)]
    cursor.execute(
        "insert into sellers.sellers (id, code, name) values (%s, %s, %s)", [seller, f"s{number}", f"Seller {number}"]
    )
    cursor.executemany(
        "insert into catalog.products (id, code, category_id, title_en) values (%s, %s, %s, %s)",
        [(product, str(product), category, f"Rice {number}-{place}") for place, product in enumerate(products)],
    )
    cursor.executemany(
        "insert into catalog.offers (id, product_id, seller_id, price_poisha) values (%s, %s, %s, %s)",
        [
            (offer, product, seller, 10_000 + place)
            for place, (offer, product) in enumerate(zip(ids, products, strict=True))
        ],
    )
    cursor.executemany(
        "insert into inventory.stock (offer_id, hub_id, received, on_hand) values (%s, %s, %s, %s)",
        [(offer, hub, stock, stock) for offer in ids],
    )
    return [str(offer) for offer in ids]


@contextmanager
def bench_shop(*, commerce_workers: int, with_scoring: bool = True) -> Iterator[BenchShop]:
    """A shop without goods; fill it."""
    with tempfile.TemporaryDirectory(prefix="getit-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        names = ("commerce", "serving", "postgres", "valkey", "relay_metrics", "sandbox")
        settings = Settings(home=home, rate_limits=False, **{f"{name}_port": free_port() for name in names})  # type: ignore[arg-type]
        engine = CountingEngine(settings)
        engine.start()
        running: list[subprocess.Popen[bytes]] = []
        try:
            prepare_databases(settings)
            running.append(_start(valkey_command(settings), settings))
            if with_scoring:
                _publish_model(home)
                asyncio.run(_build_features(settings))
                running.append(_web("serving.app:create_app", settings, settings.serving_port, 1))
            running.append(_web("commerce.app:create_app", settings, settings.commerce_port, commerce_workers))
            _wait_ready(settings.commerce_port)
            if with_scoring:
                _wait_ready(settings.serving_port)
            yield BenchShop(settings, commerce_workers)
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait(20)
            engine.abandon()


def _publish_model(home: Path) -> None:
    family = FraudFamily()
    lake = write_market(home / "lake", make_market())
    dataset = family.prepare(lake, home / "work", END)
    family.publish(family.train(dataset, home / "work", seed=7), PASSED, home)


async def _build_features(settings: Settings) -> None:
    feeder = Feeder(settings)
    await feeder.database.open()
    await feeder.build()
    await feeder.database.close()
    await feeder.store.close()


def _start(command: list[str], settings: Settings) -> subprocess.Popen[bytes]:
    values = settings.model_dump(mode="json", exclude_none=True)
    environment = {**os.environ, **{f"GETIT_{key.upper()}": str(value) for key, value in values.items() if value != []}}
    with (settings.folder("logs") / "processes.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def _web(target: str, settings: Settings, port: int, workers: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "uvicorn", target, "--factory", "--host", "127.0.0.1", "--port", str(port), "--workers",
        str(workers), "--no-access-log", "--log-level", "warning", "--no-server-header",
    ]  # fmt: skip
    return _start(command, settings)


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing answers on port {port}")
        time.sleep(0.1)
