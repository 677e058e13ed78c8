"""Fitting a calibration to held-out scores and outcomes. Not here: applying it (calibration), which scoring does too."""

import numpy as np
from sklearn.isotonic import IsotonicRegression

from models.fraud.calibration import Calibration, Numbers

MOST_KNOTS = 200


def fit_isotonic(scores: Numbers, outcomes: Numbers) -> Calibration:
    """Isotonic regression (Zadrozny & Elkan 2002), smoothed to the centres of its steps so that ranking survives."""
    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores, outcomes).predict(scores)
    raw, probability = [0.0], [0.0]
    for value in np.unique(fitted):
        raw.append(float(scores[fitted == value].mean()))
        probability.append(float(value))
    raw.append(1.0)
    probability.append(max(float(np.max(fitted)), probability[-1]))
    order = np.argsort(raw, kind="stable")
    knots = np.linspace(0, len(order) - 1, min(len(order), MOST_KNOTS)).astype(int)
    kept = order[knots]
    return Calibration(
        tuple(float(raw[i]) for i in kept), tuple(np.maximum.accumulate([probability[i] for i in kept]).tolist())
    )
