"""Demand as the pipelines see it: prepare, train, gate, outputs, publish. Not here: how any of it is computed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.clock import Clock, system_clock
from models import bundle
from models.demand.answers import FAMILY
from models.family import BundleRef, Candidate, Comparison, Gate, Metrics

if TYPE_CHECKING:
    import pyarrow as pa

    from models.demand.training import Trained

TABLES = ("demand_forecast", "demand_forecast_category", "demand_backtest")
#: The naive method that both levels must beat; the best naive one may at most be this much better.
BASELINE = "ses"
BEST_NAIVE_SLACK = 0.03


@dataclass(frozen=True)
class DemandFamily:
    """LightGBM quantiles over all products and over all categories."""

    name: str = FAMILY
    needs: tuple[str, ...] = ()
    marts: tuple[str, ...] = ("fct_sales_daily_product",)
    clock: Clock = system_clock

    def prepare(self, lake: Path, workdir: Path, as_of: datetime) -> Path:
        """Weekly sales in trailing blocks of seven days."""
        from models.demand.panel import write_weeks

        workdir.mkdir(parents=True, exist_ok=True)
        return write_weeks(lake, workdir / "training_set.parquet", as_of)

    def train(self, dataset: Path, workdir: Path, seed: int) -> Candidate:
        """Back-test, then forecast from all of history."""
        from models.demand.features import NAMES
        from models.demand.panel import read_panels
        from models.demand.reporting import MAIN_BOOSTER, card, starts_on, write_files
        from models.demand.training import train

        trained_at = self.clock()
        data_version = bundle.file_sha256(dataset)[:16]
        version = bundle.version_name(trained_at, data_version)
        trained = train(*read_panels(dataset), seed)
        folder = workdir / version
        write_files(folder, trained, version)
        manifest = {"features": bundle.describe_features(NAMES), "starts_on": starts_on(trained).isoformat()}
        return Candidate(
            family=FAMILY,
            version=version,
            folder=folder,
            metrics=_metrics(trained, "getit"),
            baselines={name: _metrics(trained, name) for name in trained.products.judgement if name != "getit"},
            parameters=_parameters(trained, seed),
            card=card(trained),
            data_version=data_version,
            trained_at=trained_at,
            details={"booster": MAIN_BOOSTER, "features": list(NAMES), "manifest": manifest},
        )

    def gate(self, candidate: Candidate, champion_bundle: Path | None) -> Gate:  # noqa: ARG002 - the docstring says why
        """Better than the named baseline on both levels, near or above the best naive method everywhere.

        A champion is not compared: its forecast ages by the day, and the recipe is judged on the newest weeks.
        """
        comparisons = [c for level in ("product_week", "category_week") for c in _comparisons(candidate, level)]
        failed = [c for c in comparisons if not c.is_passed]
        reasons = tuple(f"{c.metric} {c.candidate:.4f} against {c.against} {c.value:.4f}" for c in failed)
        return Gate(
            is_passed=not failed, reasons=reasons or ("every comparison passed",), comparisons=tuple(comparisons)
        )

    def outputs(self, candidate: Candidate) -> "dict[str, pa.Table]":
        """Forecast by product and by category, and the back-test."""
        import pyarrow.parquet as pq

        folder = candidate.folder / "outputs"
        return {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}

    def publish(self, candidate: Candidate, gate: Gate, home: Path) -> BundleRef:
        """Write the bundle; champion if the gate was passed."""
        return bundle.publish(candidate, gate, home)


def _metrics(trained: "Trained", method: str) -> dict[str, float]:
    levels = {"product_week": trained.products.judgement, "category_week": trained.categories.judgement}
    return {
        f"{measure}_{level}": value
        for level, judgement in levels.items()
        for measure, value in judgement.get(method, {}).items()
    }


def _parameters(trained: "Trained", seed: int) -> dict[str, str | int | float | bool]:
    from models.demand.forecaster import CATEGORIES, PRODUCTS

    recipes = {"product": PRODUCTS, "category": CATEGORIES}
    shape: dict[str, str | int | float | bool] = {"seed": seed, "products": len(trained.products.panel)}
    for name, recipe in recipes.items():
        shape |= {f"{name}_rounds": recipe.rounds, f"{name}_leaves": recipe.leaves, f"{name}_rows": recipe.most_rows}
    return shape


def _comparisons(candidate: Candidate, level: str) -> list[Comparison]:
    metric = f"wmape_{level}"
    ours = candidate.metrics[metric]
    named = candidate.baselines[BASELINE][metric]
    best = min(candidate.baselines, key=lambda name: _of(candidate.baselines[name], metric))
    least = candidate.baselines[best][metric]
    found = ((BASELINE, named, ours < named), (f"best naive: {best}", least, ours <= least * (1 + BEST_NAIVE_SLACK)))
    return [
        Comparison(metric=metric, candidate=ours, against=against, value=value, is_passed=is_passed)
        for against, value, is_passed in found
    ]


def _of(metrics: Metrics, name: str) -> float:
    return metrics.get(name, float("inf"))
