"""What training of demand leaves behind: the book for serving, boosters, tables for `marts_ml`, the card. Nothing else."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.bundle import PAYLOAD
from models.demand.answers import ARCHIVE, Table, write_book
from models.demand.forecaster import QUANTILES, WEEKS_AHEAD
from models.demand.panel import category_of
from models.demand.rolling import ROLLING
from models.demand.training import Level, Trained

MAIN_BOOSTER = "product-0.5-0.txt"
OUTPUTS = "outputs"


def starts_on(trained: Trained) -> date:
    """First day of the first forecast week."""
    return trained.ends_on + timedelta(days=1)


def write_files(folder: Path, trained: Trained, version: str) -> None:
    """Write payload and outputs below a candidate's folder."""
    payload, outputs = folder / PAYLOAD, folder / OUTPUTS
    payload.mkdir(parents=True, exist_ok=True)
    outputs.mkdir(parents=True, exist_ok=True)
    products, categories = _book_tables(trained)
    write_book(payload / ARCHIVE, products=products, category_totals=categories, levels=QUANTILES)
    trained.products.rolling.save(payload / ROLLING)
    for name, level in (("product", trained.products), ("category", trained.categories)):
        for goal, boosters in level.forecaster.boosters.items():
            for number, booster in enumerate(boosters):
                booster.save_model(str(payload / f"{name}-{goal}-{number}.txt"))
    adjustments = {name: vars(level.forecaster.adjustment) for name, level in _levels(trained)}
    (payload / "adjustments.json").write_text(json.dumps(adjustments))
    pq.write_table(forecast_table(trained, products), outputs / "demand_forecast.parquet")
    pq.write_table(category_table(trained, categories), outputs / "demand_forecast_category.parquet")
    pq.write_table(backtest_table(trained, version), outputs / "demand_backtest.parquet")


def _levels(trained: Trained) -> Iterator[tuple[str, Level]]:
    yield "product_week", trained.products
    yield "category_week", trained.categories


def _book_tables(trained: Trained) -> tuple[Table, Table]:
    tables = []
    for level, expected in (
        (trained.products, trained.expected_products),
        (trained.categories, trained.categories.forecast.mean),
    ):
        units = np.stack([level.forecast.quantiles[q] for q in QUANTILES], axis=2).astype(np.float32)
        paths = level.panel.groups if level is trained.products else level.panel.keys
        tables.append(Table(level.panel.keys, paths, units, expected.astype(np.float32)))
    return tables[0], tables[1]


def forecast_table(trained: Trained, products: Table) -> pa.Table:
    """Rows product × week × quantile; `expected_units` repeats on each of a week's quantiles."""
    return pa.table({"product_id": _repeat(products.keys), **_common(trained, products)})


def category_table(trained: Trained, categories: Table) -> pa.Table:
    """The same by category, with the part of it that no single product is forecast for."""
    rest = np.repeat(trained.expected_rest.reshape(-1), len(QUANTILES))
    return pa.table({**_common(trained, categories), "rest_units": rest})


def _repeat(values: np.ndarray) -> list[str]:
    return np.repeat(values, WEEKS_AHEAD * len(QUANTILES)).tolist()


def _common(trained: Trained, table: Table) -> dict[str, object]:
    series, weeks, quantiles = len(table.keys), WEEKS_AHEAD, len(QUANTILES)
    numbers = np.tile(np.repeat(np.arange(1, weeks + 1), quantiles), series)
    first = np.datetime64(starts_on(trained), "D")
    return {
        "category_path": _repeat(category_of(table.categories)),
        "week_starts_on": pa.array((first + 7 * (numbers - 1)).astype("datetime64[D]"), pa.date32()),
        "week_no": pa.array(numbers, pa.int32()),
        "quantile": np.tile(np.asarray(QUANTILES), series * weeks),
        "units": table.units.reshape(-1).astype(float),
        "expected_units": np.repeat(table.expected.reshape(-1), quantiles).astype(float),
    }


def backtest_table(trained: Trained, version: str) -> pa.Table:
    """Methods side by side on the same held-out weeks."""
    rows = [
        {
            "level": name,
            "method": method,
            "series": level.judged_series,
            "weeks_ahead": WEEKS_AHEAD,
            "origin_on": trained.ends_on - timedelta(days=7 * WEEKS_AHEAD),
            **{measure: found.get(measure) for measure in ("wmape", "mase", "bias", "pinball", "coverage80")},
            "is_baseline": method != "getit",
            "model_version": version,
        }
        for name, level in _levels(trained)
        for method, found in level.judgement.items()
    ]
    return pa.Table.from_pylist(rows)


def card(trained: Trained) -> str:
    """Markdown card."""
    lines = ["# GetIt demand: weekly units by product and category, eight weeks ahead", ""]
    for name, level in _levels(trained):
        ours, rivals = level.judgement["getit"], {m: f for m, f in level.judgement.items() if m != "getit"}
        best = min(rivals, key=lambda method: rivals[method]["wmape"])
        adjustment = level.forecaster.adjustment
        lines.append(
            f"{name}: {len(level.panel)} series. Last eight weeks, {level.judged_series} regular series, learned from what"
            f" came before: WMAPE {ours['wmape']:.3f}, best naive ({best}) {rivals[best]['wmape']:.3f}; the 80 % interval"
            f" held {ours['coverage80']:.0%}. Leans {adjustment.weight:.0%} on {adjustment.method}."
        )
        lines.append("")
    lines.append(
        "The median minimises absolute error; sums need `expected_units`, which add up from product to category. One year"
        " of history teaches no yearly season: before feasts, people must correct upwards."
    )
    return "\n".join(lines)
