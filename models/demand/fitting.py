"""Fitting: try the recipe on earlier windows, choose lean and interval width there, then learn from all of history.

Not here: the boosters themselves, evaluation on the held-out window.
"""

from dataclasses import dataclass, replace

import numpy as np

from models.demand.forecaster import (
    FIRST_ORIGIN,
    WEEKS_AHEAD,
    Adjustment,
    Forecast,
    Forecaster,
    Recipe,
    adjusted,
    raw_forecast,
    train_boosters,
)
from models.demand.measures import wmape
from models.demand.panel import Matrix, Panel
from models.demand.simple import leaning

WEIGHTS = (0.0, 0.25, 0.5)
LOW, HIGH = 0.1, 0.9
STRETCHES = (0.8, 2.0)
#: Losses this close are the same; then the simpler forecast gets the greater say (Breiman's one-standard-error rule).
INDIFFERENCE = 0.01


@dataclass(frozen=True)
class Trial:
    """The recipe at an earlier origin, with what came after."""

    origin: int
    raw: Forecast
    actual: Matrix


def fit(panel: Panel, origin: int, recipe: Recipe, *, seed: int, adjustment: Adjustment | None = None) -> Forecaster:
    """Learn from everything up to and including week `origin`; without an adjustment, find one on earlier windows."""
    known = panel.until(origin)
    if adjustment is None:
        trials = [_try(known, origin, back, recipe, seed) for back in recipe.trials if _is_long_enough(origin - back)]
        adjustment = adjustment_of(known, trials)
    return Forecaster(train_boosters(known, origin, recipe, seed=seed), adjustment)


def _is_long_enough(trial_origin: int) -> bool:
    return trial_origin >= FIRST_ORIGIN + WEEKS_AHEAD


def _try(panel: Panel, origin: int, back: int, recipe: Recipe, seed: int) -> Trial:
    at = origin - back
    ahead = min(WEEKS_AHEAD, back)
    boosters = train_boosters(panel, at, replace(recipe, seeds=1), seed=seed, quantiles=(LOW, 0.5, HIGH))
    raw = raw_forecast(boosters, panel, at).cut(ahead)
    return Trial(at, raw, panel.units[:, at + 1 : at + 1 + ahead])


def adjustment_of(panel: Panel, trials: list[Trial]) -> Adjustment:
    """Lean with the least loss over the trials, then the interval width that would have held."""
    if not trials:
        return Adjustment()
    losses = {
        choice: float(np.mean([_loss(panel, trial, choice) for trial in trials]))
        for choice in (Adjustment(method, weight) for method in leaning(panel.units) for weight in WEIGHTS)
    }
    near = [choice for choice, loss in losses.items() if loss <= min(losses.values()) * (1 + INDIFFERENCE)]
    best = max(near, key=lambda choice: (choice.weight, -losses[choice]))
    return replace(best, stretch=_stretch(panel, trials, best))


def _loss(panel: Panel, trial: Trial, choice: Adjustment) -> float:
    return wmape(trial.actual, adjusted(trial.raw, panel, trial.origin, choice).quantiles[0.5])


def _stretch(panel: Panel, trials: list[Trial], choice: Adjustment) -> float:
    """Factor by which the 80 % interval must grow to hold 80 % of what came (split conformal, scaled residuals)."""
    ratios = []
    for trial in trials:
        found = adjusted(trial.raw, panel, trial.origin, choice).quantiles
        error = trial.actual - found[0.5]
        width = np.where(error > 0, found[HIGH] - found[0.5], found[0.5] - found[LOW])
        ratios.append((np.abs(error) / np.maximum(width, 1e-9)).ravel())
    needed = float(np.quantile(np.concatenate(ratios), HIGH - LOW))
    return float(np.clip(needed, *STRETCHES))
