"""Bring your own engine: the shop and its extract run on a system PostgreSQL (15 or newer), with no embedded one."""

import os
import re
import shutil
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from conftest import free_port
from shop_fixtures import Shop
from warehouse_fixtures import History

from getit.databases import prepare_databases, wait_for_postgres
from getit.privileges import before_exec, hand_over


def system_postgres() -> Path | None:
    found = [Path(os.path.realpath(name)) for name in [shutil.which("postgres")] if name]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    for program in found:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        match = re.search(r"(\d+)", version)
        if (
            match
            and int(match.group(1)) >= 15
            and (program.parent / "initdb").exists()
            and "embedded" not in str(program)
        ):
            return program.parent
    return None


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """URL of a system PostgreSQL."""
    binaries = system_postgres()
    if binaries is None:
        pytest.skip("no system PostgreSQL 15 or newer on this machine")
    data = tmp_path_factory.mktemp("own") / "data"
    for folder in (data.parent, data.parent.parent, data.parent.parent.parent):
        folder.chmod(0o755)
    data.mkdir(mode=0o700)
    hand_over(data)
    child = {"preexec_fn": before_exec(drops_root=True, death_signal=signal.SIGINT)}
    subprocess.run([binaries / "initdb", "-D", data, "-U", "shopowner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                   check=True, capture_output=True, **child)  # fmt: skip
    port = free_port()
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
        stderr=subprocess.DEVNULL, **child,
    )  # fmt: skip
    yield f"postgresql://shopowner@127.0.0.1:{port}/postgres"
    server.send_signal(signal.SIGINT)
    server.wait(30)


@pytest.fixture(scope="module")
def own_settings(base_settings, own_server):
    return base_settings.model_copy(update={"database_url": own_server, "database_prefix": "own"})


def test_shop_and_extract_run_on_it(own_settings, run, open_api):
    from pipelines.ingest.batch import ingest
    from pipelines.warehouse import prepare_warehouse

    wait_for_postgres(own_settings)
    prepare_databases(own_settings)
    prepare_databases(own_settings)
    prepare_warehouse(own_settings)
    shop = Shop(own_settings)
    shop.sql("insert into catalog.categories (id, path, name_en) values (%s, 'Grocery > Rice', 'Rice')", shop.category)
    shop.sql(
        "insert into inventory.hubs (id, code, name, district_code) values (%s, 'H1', 'Tejgaon', 'BD-13')", shop.hub_id
    )
    offer = shop.add_offer(stock=3)

    async def story():
        async with open_api(own_settings) as api:
            buyer = await api.buyer()
            return [(await buyer.place({offer: 2})).status_code for _ in range(2)]

    assert run(story()) == [201, 409]
    loads = {load.table.full_name: load.rows for load in ingest(own_settings)}
    assert loads["orders.order_groups"] == 1


def test_the_warehouse_on_another_server_than_the_shop(base_settings, engine, own_server, tmp_path, monkeypatch):
    """The shop in the embedded PostgreSQL, the warehouse in the system's: the whole loop is green across the two."""
    from pipelines.manifest import prepare
    from pipelines.run import run_loop

    apart = base_settings.model_copy(
        update={"warehouse_url": own_server, "database_prefix": "apart", "home": tmp_path / "home"}
    )
    wait_for_postgres(apart)
    prepare_databases(apart)
    history = History(apart, start=datetime.now(UTC) - timedelta(days=5))
    history.open_shop()
    for day in range(4):
        history.order(day=day)
    history.report_import()
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home" / "dagster"))
    prepare(apart)

    assert run_loop(apart, model_families=())

    with psycopg.connect(apart.postgres("getit_warehouse")) as warehouse:
        assert warehouse.execute("select count(*), sum(total_poisha) from marts.fct_orders").fetchone() == (4, 80_000)
        assert warehouse.info.port == int(own_server.rsplit(":", 1)[1].split("/")[0])
    with psycopg.connect(apart.server()) as shop:
        names = {row[0] for row in shop.execute("select datname from pg_database where datname like 'apart%'")}
    assert names == {"apart", "apart_dagster", "apart_mlflow"}
