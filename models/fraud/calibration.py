"""Calibration: a monotone map from raw score to probability, stored as knots and applied by interpolation.

Not here: fitting it (isotonic), the model, thresholds.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


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


def expected_calibration_error(probability: Numbers, outcomes: Numbers, bins: int = 10) -> float:
    """Mean gap between predicted and observed share over bins of equal size."""
    order = np.argsort(probability)
    gaps = [
        abs(probability[part].mean() - outcomes[part].mean()) * len(part)
        for part in np.array_split(order, bins)
        if len(part)
    ]
    return float(np.sum(gaps) / len(order))
