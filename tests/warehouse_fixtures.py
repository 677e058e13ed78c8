"""A small shop history written straight into the commerce tables, and the warehouse beside it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import psycopg
import pytest
from psycopg.types.json import Jsonb

from foundation.settings import Settings
from pipelines.warehouse import prepare_warehouse

SPACE = UUID(int=7)


def an_id(*names: object) -> UUID:
    return uuid5(SPACE, "-".join(map(str, names)))


@dataclass
class History:
    """Writes orders as an import would; `next_no` numbers them through."""

    settings: Settings
    start: datetime
    next_no: int = 0
    groups: list[UUID] = field(default_factory=list)
    source: str = "test"

    def execute(self, statement: str, *params: object) -> list[tuple]:
        with psycopg.connect(self.settings.postgres("getit")) as connection:
            cursor = connection.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def open_shop(self) -> None:
        for name in ("GROCERY > RICE > MINIKET", "FUEL > FUEL > OCTANE"):
            self.execute(
                "insert into catalog.categories (id, path, name_en) values (%s, %s, %s)", an_id("c", name), name, name
            )
        for product, category, uom in (
            (0, "GROCERY > RICE > MINIKET", "each"),
            (1, "GROCERY > RICE > MINIKET", "each"),
            (2, "FUEL > FUEL > OCTANE", "gallon"),
        ):
            seller = product % 2
            self.execute(
                "insert into catalog.products (id, code, category_id, title_en, uom) values (%s, %s, %s, %s, %s)",
                an_id("p", product), f"p{product}", an_id("c", category), f"Product {product}", uom,
            )  # fmt: skip
            self.execute(
                "insert into catalog.offers (id, product_id, seller_id, price_poisha) values (%s, %s, %s, 10000)",
                an_id("o", product), an_id("p", product), an_id("s", seller),
            )  # fmt: skip
        for seller in (0, 1):
            self.execute(
                "insert into sellers.sellers (id, code, name, district_code) values (%s, %s, %s, 'BD-13')",
                an_id("s", seller), f"s{seller}", f"Seller {seller}",
            )  # fmt: skip
        self.execute("insert into identity.users (id, full_name) values (%s, 'Rahima')", an_id("u"))

    def order(self, *, day: int, product: int = 0, quantity: int = 2, status: str = "delivered") -> UUID:
        """One checkout of one order of one line, `day` days after the start, just after midnight in Dhaka."""
        self.next_no += 1
        group, order = an_id("g", self.next_no), an_id("r", self.next_no)
        placed_at = self.start + timedelta(days=day, minutes=self.next_no % 60)
        amount = quantity * 10_000
        self.execute(
            "insert into orders.order_groups (id, number, buyer_id, channel, payment_method, district_code,"
            " subtotal_poisha, total_poisha, source, source_ref, placed_at)"
            " values (%s, %s, %s, 'import', 'cod', 'BD-13', %s, %s, %s, %s, %s)",
            group, f"T{self.next_no}", an_id("u"), amount, amount, self.source, str(self.next_no), placed_at,
        )  # fmt: skip
        self.execute(
            "insert into orders.orders (id, group_id, seller_id, status, subtotal_poisha, total_poisha,"
            " commission_poisha, vat_poisha, placed_at) values (%s, %s, %s, %s, %s, %s, 0, 0, %s)",
            order, group, an_id("s", product % 2), status, amount, amount, placed_at,
        )  # fmt: skip
        self.execute(
            "insert into orders.order_lines (order_id, line_no, offer_id, product_id, quantity, subtotal_poisha,"
            " total_poisha) values (%s, 1, %s, %s, %s, %s, %s)",
            order, an_id("o", product), an_id("p", product), quantity, amount, amount,
        )  # fmt: skip
        self.execute(
            "insert into payments.attempts (id, group_id, provider, state, amount_poisha, merchant_reference, created_at)"
            " values (%s, %s, 'cod', 'captured', %s, %s, %s)",
            an_id("a", self.next_no), group, amount, f"M{self.next_no}", placed_at,
        )  # fmt: skip
        self.groups.append(group)
        return order

    def report_import(self) -> None:
        """The import run that brought all orders so far, with two refused rows. Later orders come from elsewhere."""
        self.source = "later"
        rows, milli, amount = self.execute(
            "select count(*), sum(quantity * 1000)::bigint, sum(total_poisha)::bigint from orders.order_lines"
        )[0]
        imported = {"rows": rows, "quantity_milli": milli, "amount_poisha": amount}
        rejected = {"rows": 2, "quantity_milli": 0, "amount_poisha": 700}
        report = {
            "file": {name: imported[name] + rejected[name] for name in imported},
            "imported": imported,
            "rejected": rejected,
            "rejected_by_reason": [{"reason": "quantity is zero", **rejected}],
        }
        self.execute(
            "insert into imports.runs (id, source, file_name, file_sha256, mapping_sha256, report, started_at, finished_at)"
            " values (%s, 'test', 'orders.csv', 'x', 'y', %s, now(), now())",
            an_id("run"), Jsonb(report),
        )  # fmt: skip
        for number, poisha in ((1, 0), (2, 700)):
            self.execute(
                'insert into imports.rejects (run_id, row_number, reason, quantity_milli, amount_poisha, "row")'
                " values (%s, %s, 'quantity is zero', 0, %s, '{}')",
                an_id("run"), number, poisha,
            )  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with an empty, prepared warehouse and a home of their own."""
    own = settings.model_copy(update={"home": tmp_path_factory.mktemp("home")})
    prepare_warehouse(own)
    return own


@pytest.fixture(scope="module")
def history(warehouse: Settings) -> History:
    # 18:30 UTC is half past midnight of the next day in Dhaka.
    today = datetime.now(UTC).replace(hour=18, minute=30, second=0, microsecond=0)
    shop = History(warehouse, today - timedelta(days=40))
    shop.open_shop()
    return shop


@pytest.fixture(scope="module")
def query(warehouse: Settings) -> Callable[..., list[tuple]]:
    """Rows of a statement in the warehouse, as the pipelines' role."""

    def fetch(statement: str, *params: object) -> list[tuple]:
        with psycopg.connect(warehouse.postgres("getit_warehouse", role="getit_pipelines")) as connection:
            cursor = connection.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    return fetch
