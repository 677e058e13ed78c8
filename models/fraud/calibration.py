"""Calibration: a monotone map from raw score to probability, stored as knots and applied by interpolation.

Not here: the model; thresholds.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

MOST_KNOTS = 200


@dataclass(frozen=True)
class Calibration:
    """Knots of a piecewise linear, non-decreasing map."""

    raw: tuple[float, ...]
    probability: tuple[float, ...]

    def apply(self, scores: Numbers) -> Numbers:
        """Probabilities."""
        return np.interp(scores, self.raw, self.probability)

    def apply_one(self, score: float) -> float:
        """Probability of one score."""
        return float(np.interp(score, self.raw, self.probability))

    def to_json(self) -> dict[str, list[float]]:
        """Form kept in manifests."""
        return {"raw": list(self.raw), "probability": list(self.probability)}

    @classmethod
    def from_json(cls, found: dict[str, list[float]]) -> "Calibration":
        """Calibration kept in a manifest.

        Raises:
            ValueError: knots missing or not in order.
        """
        raw, probability = tuple(found["raw"]), tuple(found["probability"])
        ordered = all(a <= b for values in (raw, probability) for a, b in itertools.pairwise(values))
        if not raw or len(raw) != len(probability) or not ordered:
            raise ValueError("the calibration's knots are not in order: publish the model again.")
        return cls(raw, probability)


def fit_isotonic(scores: Numbers, outcomes: Numbers) -> Calibration:
    """Isotonic regression (Zadrozny & Elkan 2002), smoothed to the centres of its steps so that ranking survives."""
    from sklearn.isotonic import IsotonicRegression

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


def expected_calibration_error(probability: Numbers, outcomes: Numbers, bins: int = 10) -> float:
    """Mean gap between predicted and observed share over bins of equal size."""
    order = np.argsort(probability)
    gaps = [
        abs(probability[part].mean() - outcomes[part].mean()) * len(part)
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return float(np.sum(gaps) / len(order))
