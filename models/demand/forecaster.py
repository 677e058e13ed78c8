"""The forecaster: LightGBM quantiles and mean over all series at once, leaning on a simple forecast where that helps.

Target and features are relative to each series' level; rows weigh as much as their level, so the median model
minimises the summed absolute error (WMAPE) itself. Not here: what is chosen on trial windows, bundles.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from models.demand.features import NAMES, Rows, origin_features, with_horizon
from models.demand.panel import Matrix, Panel
from models.demand.rhythm import rhythm
from models.demand.simple import leaning

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
WEEKS_AHEAD = 8
FIRST_ORIGIN = 12
MEAN = "mean"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one level is learned. The values were chosen on origins before the public back-test."""

    rounds: int
    learning_rate: float
    leaves: int
    least_rows_in_leaf: int
    feature_share: float
    most_rows: int
    #: Boosters of different seeds whose forecasts are averaged.
    seeds: int
    #: How many weeks before the last origin the lean and the width are tried out.
    trials: tuple[int, ...]
    threads: int = 2


PRODUCTS = Recipe(
    rounds=80, learning_rate=0.1, leaves=15, least_rows_in_leaf=200, feature_share=0.6, most_rows=60_000, seeds=1,
    trials=(8,),
)  # fmt: skip
CATEGORIES = Recipe(
    rounds=100, learning_rate=0.06, leaves=8, least_rows_in_leaf=100, feature_share=0.4, most_rows=40_000, seeds=1,
    trials=(4, 8, 12),
)  # fmt: skip


@dataclass(frozen=True)
class Adjustment:
    """What trial windows taught: a pull towards a simple forecast, and how much wider the intervals must be."""

    method: str = "ses"
    weight: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True)
class Forecast:
    """Units by quantile, and their expectation: series × weeks ahead."""

    quantiles: Mapping[float, Matrix]
    mean: Matrix

    def cut(self, weeks: int) -> "Forecast":
        """The first weeks only."""
        return Forecast({q: units[:, :weeks] for q, units in self.quantiles.items()}, self.mean[:, :weeks])


Boosters = Mapping[str, tuple[lgb.Booster, ...]]


@dataclass(frozen=True)
class Forecaster:
    """A fitted level: boosters by quantile ("0.5") and of the mean ("mean"), and their adjustment."""

    boosters: Boosters
    adjustment: Adjustment

    def predict(self, panel: Panel, origin: int) -> Forecast:
        """Forecast of the weeks after an origin; quantiles never cross, nothing is below zero."""
        return adjusted(raw_forecast(self.boosters, panel, origin), panel, origin, self.adjustment)


def train_boosters(
    panel: Panel, origin: int, recipe: Recipe, *, seed: int, quantiles: tuple[float, ...] = QUANTILES
) -> Boosters:
    """Boosters learned from everything up to and including week `origin`."""
    known = panel.until(origin)
    rows, ratio, weight = _training_rows(known.divided(rhythm(known, 0)), origin, recipe, seed)
    data = lgb.Dataset(rows, ratio, weight=weight, feature_name=list(NAMES), free_raw_data=False)
    goals: dict[str, dict[str, str | float]] = {str(q): {"objective": "quantile", "alpha": q} for q in quantiles}
    goals[MEAN] = {"objective": "regression"}
    return {
        name: tuple(_train(data, recipe, seed + number, goal) for number in range(recipe.seeds))
        for name, goal in goals.items()
    }


def raw_forecast(boosters: Boosters, panel: Panel, origin: int) -> Forecast:
    """What the boosters say, sorted by quantile."""
    calm, ahead = _calmed(panel, origin)
    rows, level = origin_features(calm, origin)
    by_name = {name: _average(found, rows, level) * ahead for name, found in boosters.items()}
    names = sorted((name for name in by_name if name != MEAN), key=float)
    # Rearrangement of crossing quantiles: Chernozhukov, Fernández-Val & Galichon 2010.
    ordered = np.sort(np.stack([by_name[name] for name in names]), axis=0)
    return Forecast({float(name): ordered[index] for index, name in enumerate(names)}, by_name[MEAN])


def adjusted(raw: Forecast, panel: Panel, origin: int, adjustment: Adjustment) -> Forecast:
    """The forecast, pulled towards the simple one and stretched around its median."""
    middle = raw.quantiles[0.5]
    calm, ahead = _calmed(panel, origin)
    simple = leaning(calm.units)[adjustment.method][:, None] * ahead[:, : middle.shape[1]]
    pull = adjustment.weight * (simple - middle)
    moved = {
        q: np.maximum(middle + adjustment.stretch * (units - middle) + pull, 0.0) for q, units in raw.quantiles.items()
    }
    return Forecast(moved, np.maximum(raw.mean + pull, 0.0))


def _calmed(panel: Panel, origin: int) -> tuple[Panel, Matrix]:
    """History without the month's rhythm, and the rhythm of the weeks ahead."""
    known = panel.until(origin)
    factors = rhythm(known, WEEKS_AHEAD)
    return known.divided(factors[:, : origin + 1]), factors[:, origin + 1 :]


def _training_rows(panel: Panel, last: int, recipe: Recipe, seed: int) -> tuple[Rows, Rows, Rows]:
    """Features, target ÷ level and weight of (series, origin, weeks ahead) whose outcome lies at or before `last`."""
    parts = list(_sampled(panel, last, recipe.most_rows, np.random.default_rng(seed)))
    rows, target, weight = (np.concatenate([part[i] for part in parts]).astype(np.float32) for i in range(3))
    return rows, target, weight


def _sampled(
    panel: Panel, last: int, most_rows: int, random: np.random.Generator
) -> Iterator[tuple[Rows, Matrix, Matrix]]:
    origins = range(min(FIRST_ORIGIN, last - 1), last)
    pairs = sum(min(WEEKS_AHEAD, last - origin) for origin in origins)
    share = min(1.0, most_rows / max(1, pairs * len(panel)))
    for origin in origins:
        rows, level = origin_features(panel, origin)
        for ahead in range(1, min(WEEKS_AHEAD, last - origin) + 1):
            kept = random.random(len(panel)) < share
            target = panel.units[kept, origin + ahead] / level[kept]
            yield with_horizon(rows[kept], ahead), target, level[kept]


def _train(data: lgb.Dataset, recipe: Recipe, seed: int, goal: Mapping[str, str | float]) -> lgb.Booster:
    parameters = {
        "learning_rate": recipe.learning_rate,
        "num_leaves": recipe.leaves,
        "min_data_in_leaf": recipe.least_rows_in_leaf,
        "feature_fraction": recipe.feature_share,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "max_bin": 63,
        "num_threads": recipe.threads,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
        **goal,
    }
    # min_data_in_leaf takes part in building the data set: the same everywhere, so one data set serves all goals.
    return lgb.train(parameters, data, num_boost_round=recipe.rounds)


def _average(boosters: tuple[lgb.Booster, ...], rows: Rows, level: Matrix) -> Matrix:
    summed = sum(
        np.column_stack([_units(booster, rows, ahead) for ahead in range(1, WEEKS_AHEAD + 1)]) for booster in boosters
    )
    return np.maximum(np.asarray(summed) / len(boosters) * level[:, None], 0.0)


def _units(booster: lgb.Booster, rows: Rows, ahead: int) -> Matrix:
    return np.asarray(booster.predict(with_horizon(rows, ahead), num_threads=2))
