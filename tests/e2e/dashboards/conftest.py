"""A small shop with a built warehouse and answers of models, for the pages to show."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from warehouse_fixtures import an_id, history, query, warehouse

from foundation.clock import business_date
from pipelines.build import build_warehouse
from pipelines.ingest.batch import ingest
from pipelines.outputs import write_tables
from pipelines.partitions import remember_history

__all__ = ["history", "query", "warehouse"]

NOW = datetime.now(UTC)


def answers() -> dict[str, pa.Table]:
    """What models would write, for the products of the small shop."""
    monday = business_date(NOW) - timedelta(days=business_date(NOW).weekday())
    weeks = [(monday + timedelta(weeks=number), number + 1) for number in range(8)]
    rows = [(week, number, quantile) for week, number in weeks for quantile in (0.1, 0.5, 0.9)]
    forecast = {
        "week_starts_on": [week for week, _, _ in rows],
        "week_no": [number for _, number, _ in rows],
        "quantile": [quantile for _, _, quantile in rows],
        "units": [10.0 + 10 * quantile for _, _, quantile in rows],
        "expected_units": [15.0] * len(rows),
    }
    product, seller, offer = str(an_id("p", 0)), str(an_id("s", 0)), str(an_id("o", 0))
    return {
        "demand_forecast": pa.table(
            {"product_id": [product] * len(rows), "category_path": ["GROCERY > RICE"] * len(rows), **forecast}
        ),
        "demand_forecast_category": pa.table({"category_path": ["GROCERY > RICE"] * len(rows), **forecast}),
        "demand_backtest": pa.table(
            {
                "level": ["product_week"] * 2, "method": ["getit", "mean4"], "wmape": [0.5, 0.6], "mase": [0.8, 0.9],
                "bias": [0.01, -0.02], "is_baseline": [False, True],
            }
        ),
        "supply_proposal": pa.table(
            {
                "offer_id": [offer], "product_id": [product], "seller_id": [seller], "on_hand": [3], "reserved": [1],
                "reorder_point": [20.0], "safety_stock": [8.0], "proposed_quantity": [48],
                "expected_cost_poisha": [480_000], "reason": ["below the reorder point"],
                "as_of_on": [business_date(NOW)],
            }
        ),
        "fraud_evaluation": pa.table(
            {
                "model_version": ["v1"] * 2, "method": ["model", "rule: amount"], "average_precision": [0.6, 0.2],
                "roc_auc": [0.9, 0.6], "precision_at_1pct": [0.8, 0.3], "recall_at_1pct": [0.2, 0.1],
                "is_baseline": [False, True], "test_orders": [100, 100],
            }
        ),
        "fraud_score_history": pa.table(
            {
                "group_id": [str(an_id("g", number)) for number in range(1, 5)], "score": [0.01, 0.02, 0.9, 0.4],
                "is_fraud": [False, False, True, True], "model_version": ["v1"] * 4, "scored_at": [NOW] * 4,
            }
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def built(warehouse, history):
    """Settings of a shop with two months of sales, decisions, stock and models' answers."""
    for day in range(40):
        for product in range(3):
            history.order(
                day=day, product=product, quantity=1 + day % 5, status="refused" if day % 9 == 0 else "delivered"
            )
    history.execute(
        "insert into inventory.hubs (id, code, name, district_code) values (%s, 'H', 'Hub', 'BD-13')", an_id("h")
    )
    for product, on_hand in enumerate((3, 0, 500)):
        history.execute(
            "insert into inventory.stock (offer_id, hub_id, received, on_hand) values (%s, %s, %s, %s)",
            an_id("o", product), an_id("h"), on_hand, on_hand,
        )  # fmt: skip
        history.execute(
            "insert into inventory.supply_terms (offer_id, lead_time_days_mean, lead_time_days_sd, unit_cost_poisha)"
            " values (%s, 14, 2, 8000)",
            an_id("o", product),
        )
    for group in history.groups[-12:]:
        history.execute(
            "insert into risk.decisions (id, group_id, action, score, reasons, source, model_version, latency_ms, features,"
            " decided_at) values (%s, %s, %s, 0.2, '[]', 'model', 'v1', 3.5, '{}', now())",
            an_id("d", group), group, "review" if group == history.groups[-1] else "allow",
        )  # fmt: skip
    history.report_import()
    remember_history(warehouse)
    ingest(warehouse)
    assert build_warehouse(warehouse).is_ok
    write_tables(warehouse, answers(), data_version="a1")
    return warehouse
