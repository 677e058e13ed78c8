"""Training of demand: back-test on the last eight weeks beside naive baselines, then the forecast from all of history.

Not here: the forecaster itself, gate, files.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from models.demand.fitting import Trial, adjustment_of, fit
from models.demand.forecaster import (
    CATEGORIES,
    PRODUCTS,
    WEEKS_AHEAD,
    Adjustment,
    Forecast,
    Forecaster,
    Recipe,
    adjusted,
    raw_forecast,
)
from models.demand.measures import coverage, pinball, point_measures
from models.demand.panel import Matrix, Panel, active_weeks, category_of
from models.demand.reconcile import reconcile
from models.demand.rolling import Rolling, replay
from models.demand.simple import simple_forecasts

#: A product is forecast by itself if it sold in this many of the last `RECENT` weeks; the others are their category's rest.
LEAST_RECENT, RECENT = 8, 26
#: Series that are judged sold in this share of all weeks before the hold-out (the public back-test: 30 of 43).
JUDGED_SHARE = 30 / 43

Flags = npt.NDArray[np.bool_]
Judgement = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Level:
    """One level after training: who is forecast, what, and how the recipe did on the hold-out."""

    panel: Panel
    forecaster: Forecaster
    forecast: Forecast
    judgement: Judgement
    judged_series: int
    rolling: Rolling


@dataclass(frozen=True)
class BackTest:
    """The recipe on the last eight weeks, what these weeks teach the final fit, and forecasts within them."""

    judgement: Judgement
    judged_series: int
    adjustment: Adjustment
    rolling: Rolling


@dataclass(frozen=True)
class Trained:
    """Both levels, coherent: products and rests add up to their categories."""

    products: Level
    categories: Level
    expected_products: npt.NDArray[np.float64]
    expected_rest: npt.NDArray[np.float64]
    ends_on: date


def train(products: Panel, categories: Panel, ends_on: date, seed: int) -> Trained:
    """Train both levels and make them agree."""
    product_level = _train_level(products, _is_active(products, products.weeks - 1), PRODUCTS, seed)
    category_level = _train_level(
        categories, active_weeks(categories, categories.weeks - 1, RECENT) > 0, CATEGORIES, seed
    )
    member = _member(product_level.panel, category_level.panel)
    scaled, rest = reconcile(product_level.forecast.mean, category_level.forecast.mean, member)
    return Trained(product_level, category_level, scaled, rest, ends_on)


def _is_active(panel: Panel, origin: int) -> Flags:
    return np.asarray(active_weeks(panel, origin, RECENT) >= LEAST_RECENT)


def _member(products: Panel, categories: Panel) -> npt.NDArray[np.int64]:
    return np.searchsorted(categories.keys, category_of(products.groups))


def _train_level(panel: Panel, is_forecast: Flags, recipe: Recipe, seed: int) -> Level:
    tested = back_test(panel, recipe, seed)
    chosen = panel.select(is_forecast)
    last = chosen.weeks - 1
    forecaster = fit(chosen, last, recipe, seed=seed, adjustment=tested.adjustment)
    forecast = forecaster.predict(chosen, last)
    return Level(chosen, forecaster, forecast, tested.judgement, tested.judged_series, tested.rolling)


def back_test(panel: Panel, recipe: Recipe, seed: int) -> BackTest:
    """Judge the recipe on the last eight weeks, learned from what came before."""
    origin = panel.weeks - 1 - WEEKS_AHEAD
    known = panel.select(_is_active(panel, origin))
    actual = known.units[:, origin + 1 :]
    forecaster = fit(known, origin, recipe, seed=seed)
    trial = Trial(origin, raw_forecast(forecaster.boosters, known, origin), actual)
    found = adjusted(trial.raw, known, origin, forecaster.adjustment)
    judged = np.asarray(active_weeks(known, origin) >= JUDGED_SHARE * (origin + 1))
    judgement = _judge(known.units[judged, : origin + 1], actual[judged], found, judged)
    rolling = replay(known, forecaster, origin)
    return BackTest(judgement, int(judged.sum()), adjustment_of(known, [trial]), rolling)


def _judge(history: Matrix, actual: Matrix, found: Forecast, judged: Flags) -> Judgement:
    table = {
        name: point_measures(actual, np.repeat(flat[:, None], WEEKS_AHEAD, axis=1), history)
        for name, flat in simple_forecasts(history).items()
    }
    quantiles = {q: units[judged] for q, units in found.quantiles.items()}
    spread = {"pinball": pinball(actual, quantiles), "coverage80": coverage(actual, quantiles[0.1], quantiles[0.9])}
    return table | {"getit": point_measures(actual, quantiles[0.5], history) | spread}
