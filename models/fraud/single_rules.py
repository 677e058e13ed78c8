"""The baseline: every single rule "feature over a limit", its limit chosen on the training window. Not here: the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.fraud.calibration import Numbers

LIMITS_TRIED = 40


@dataclass(frozen=True)
class SingleRule:
    """One comparison; `is_over` tells its direction."""

    feature: str
    limit: float
    is_over: bool = True

    @property
    def name(self) -> str:
        """Words for tables."""
        return f"{self.feature} {'>' if self.is_over else '<='} {self.limit:g}"

    def flags(self, column: Numbers) -> Numbers:
        """1 where the rule holds; a missing value never does."""
        with np.errstate(invalid="ignore"):
            hit = column > self.limit if self.is_over else column <= self.limit
        return (hit & ~np.isnan(column)).astype(float)


def flag_precision(flags: Numbers, outcomes: Numbers) -> float:
    """Average precision of a yes/no score (flagged first, ties at random order): area in closed form."""
    positives = float(outcomes.sum())
    hits, flagged = float((flags * outcomes).sum()), float(flags.sum())
    if positives == 0 or flagged == 0:
        return float(outcomes.mean())
    rest = positives - hits
    return (hits / positives) * (hits / flagged) + (rest / positives) * float(outcomes.mean())


def best_limits(names: Sequence[str], rows: Numbers, outcomes: Numbers) -> list[SingleRule]:
    """For each feature the limit and direction with the best average precision on these rows."""
    return [_best(name, rows[:, index], outcomes) for index, name in enumerate(names)]


def _best(name: str, column: Numbers, outcomes: Numbers) -> SingleRule:
    known = column[~np.isnan(column)]
    if not len(known):
        return SingleRule(name, 0.0)
    limits = np.unique(np.quantile(known, np.linspace(0, 0.999, LIMITS_TRIED)))
    tried = [SingleRule(name, float(limit), is_over) for limit in limits for is_over in (True, False)]
    return max(tried, key=lambda rule: flag_precision(rule.flags(column), outcomes))
