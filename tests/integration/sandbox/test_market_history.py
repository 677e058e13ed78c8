"""The market's weeks come in through the product's importer: whole, closed, with labels late and the truth hidden."""

import itertools
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from sandbox.market import people
from sandbox.market.history import import_history, write_history

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def small_town():
    """A tenth of the people: the rules are the same."""
    patch = pytest.MonkeyPatch()
    patch.setattr(people, "HOUSEHOLDS", 240)
    yield
    patch.undo()


@pytest.fixture(scope="module")
def world(settings):
    with tempfile.TemporaryDirectory(prefix="getit-market-") as folder:
        yield settings.model_copy(update={"home": Path(folder)})


@pytest.fixture(scope="module")
def imported(world, shop, small_town):
    for number in range(40):
        shop.add_offer(stock=50, price_poisha=5_000 + 2_500 * number, seller=number % 4)
    return import_history(world, now=NOW).runs[0]


def test_every_row_comes_in(imported, world):
    table = pq.read_metadata(world.folder("market") / "history.parquet")
    assert imported.is_reconciled
    assert imported.rejected.rows == 0
    assert imported.imported.rows == table.num_rows > 1_000
    assert imported.first_placed_on >= "2025-12-30"


def test_a_repetition_finds_it_done(imported, world, shop):
    before = shop.sql("select count(*) from orders.order_groups")
    assert import_history(world, now=NOW + timedelta(days=3)).runs[0].is_repeated
    assert shop.sql("select count(*) from orders.order_groups") == before


def test_the_same_seed_writes_the_same_weeks(imported, world, tmp_path):
    paths = [tmp_path / f"{number}.parquet" for number in range(2)]
    for path in paths:
        write_history(world, path, now=NOW)
    # The hash of a password is salted: the only thing that differs.
    first, again = (pq.read_table(path).drop_columns("password_hash") for path in paths)
    assert first.equals(again)


def test_nothing_is_known_before_it_could_be(imported, shop):
    late = shop.sql(
        "select l.origin, min(l.known_at - g.placed_at), max(l.known_at) from risk.labels l "
        "join orders.order_groups g on g.id = l.group_id group by 1"
    )
    origins = {origin: (soonest, last) for origin, soonest, last in late}
    assert {"delivered", "refused_parcel", "wallet_dispute", "analyst"} == set(origins)
    assert all(last <= NOW for _, last in origins.values())
    assert origins["refused_parcel"][0] >= timedelta(days=3)
    assert origins["wallet_dispute"][0] >= timedelta(days=5)
    assert origins["analyst"][0] >= timedelta(days=2)


def test_the_last_days_have_hardly_any_labels(imported, shop):
    """As in life: who trains on them as if they were honest trains on what nobody knows yet."""
    shares = shop.sql(
        "select g.placed_at > %s, count(l.group_id)::float / count(*) from orders.order_groups g "
        "left join (select distinct group_id from risk.labels) l on l.group_id = g.id where g.source = 'market' "
        "group by 1 order by 1",
        NOW - timedelta(days=2),
    )
    (_, long_ago), (_, recent) = shares
    assert long_ago > 0.8
    assert recent < 0.5


def test_history_is_closed_and_marked_synthetic(imported, shop):
    states = shop.sql(
        "select o.status, bool_and(g.is_synthetic), max(o.closed_at) <= %s from orders.orders o "
        "join orders.order_groups g on g.id = o.group_id where g.source = 'market' group by 1 order by 1", NOW,
    )  # fmt: skip
    assert states == [(state, True, True) for state in ("cancelled", "delivered", "refused")]


def test_the_truth_is_complete_and_hidden_from_everybody_else(imported, world, shop):
    kinds = dict(shop.sql("select typology, count(*) from sandbox.orders group by 1"))
    assert set(kinds) == {"honest", "stolen_wallet", "parcel_refuser", "coupon_ring"}
    groups = shop.sql("select count(*) from orders.order_groups where source = 'market'")[0][0]
    assert sum(kinds.values()) == groups
    found = shop.sql("select rolname from pg_roles where rolname ~ '^getit_' and not rolsuper")
    roles = [name for (name,) in found]
    assert len(roles) >= 3
    for role, table in itertools.product(roles, ("orders", "live_orders")):
        may = shop.sql("select has_schema_privilege(%s, 'sandbox', 'usage') and has_table_privilege(%s, %s, 'select')",
                       role, role, f"sandbox.{table}")[0][0]  # fmt: skip
        assert may == role.endswith("market"), role


def test_the_shop_itself_may_not_read_the_truth(imported, world):
    with (
        psycopg.connect(world.postgres("getit", role="getit_app")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select * from sandbox.orders")
