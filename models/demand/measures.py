"""Measures of forecasts: WMAPE, MASE, bias, pinball loss, interval coverage. Not here: what is forecast."""

from collections.abc import Mapping

import numpy as np

from models.demand.panel import Matrix


def wmape(actual: Matrix, forecast: Matrix) -> float:
    """Sum of absolute errors over the sum of actuals."""
    return float(np.abs(actual - forecast).sum() / actual.sum())


def bias_ratio(actual: Matrix, forecast: Matrix) -> float:
    """Forecast total over actual total, less one."""
    return float(forecast.sum() / actual.sum() - 1)


def mase(actual: Matrix, forecast: Matrix, history: Matrix) -> float:
    """Mean absolute scaled error (Hyndman & Koehler 2006), averaged over series whose history varies."""
    scale = np.abs(np.diff(history, axis=1)).mean(axis=1)
    varies = scale > 0
    return float((np.abs(actual - forecast).mean(axis=1)[varies] / scale[varies]).mean())


def pinball(actual: Matrix, quantiles: Mapping[float, Matrix]) -> float:
    """Mean pinball loss over the quantiles, scaled by mean demand."""
    losses = [np.maximum(q * (actual - f), (q - 1) * (actual - f)).mean() for q, f in quantiles.items()]
    return float(np.mean(losses) / actual.mean())


def coverage(actual: Matrix, low: Matrix, high: Matrix) -> float:
    """Share of actuals inside [low, high]."""
    return float(((actual >= low) & (actual <= high)).mean())


def point_measures(actual: Matrix, forecast: Matrix, history: Matrix) -> dict[str, float]:
    """WMAPE, MASE and bias of one method."""
    return {
        "wmape": wmape(actual, forecast),
        "mase": mase(actual, forecast, history),
        "bias": bias_ratio(actual, forecast),
    }
