"""Naive forecasts every model must beat, and that a forecaster may lean on: last value, means, exponential smoothing.

Not here: anything that learns.
"""

import numpy as np

from models.demand.panel import Matrix


def smooth(history: Matrix, alpha: float) -> Matrix:
    """Simple exponential smoothing (Brown 1956): level after the last week, started at the first."""
    level = history[:, 0].copy()
    for week in range(1, history.shape[1]):
        level += alpha * (history[:, week] - level)
    return level


def simple_forecasts(history: Matrix) -> dict[str, Matrix]:
    """Flat forecasts by name: one number a series."""
    return {
        "naive_last": history[:, -1],
        "mean4": history[:, -4:].mean(axis=1),
        "mean13": history[:, -13:].mean(axis=1),
        "ses": smooth(history, 0.2),
    }


def level_of(history: Matrix) -> Matrix:
    """Level that features and targets are divided by; never zero."""
    return np.asarray(0.5 * smooth(history, 0.2) + 0.5 * history[:, -13:].mean(axis=1) + 0.05)


def leaning(history: Matrix) -> dict[str, Matrix]:
    """Flat forecasts a model may be pulled towards."""
    flat = simple_forecasts(history)
    quick = smooth(history, 0.4)
    mixed = (flat["mean4"] + flat["ses"] + quick) / 3
    return {"mean4": flat["mean4"], "ses": flat["ses"], "ses40": quick, "mixed": np.asarray(mixed)}
