"""Forecasts of past weeks by a twin that had not seen them: what supply replays. Kept in demand's bundle.

Not here: how the twin is trained.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.demand.forecaster import WEEKS_AHEAD, Forecaster
from models.demand.panel import Matrix, Panel, Words

ROLLING = "rolling.npz"
HISTORY_WEEKS = 26
#: Mean and spread are those of the next weeks that an order placed now must cover.
COVERED_WEEKS = 4
#: Width of the 80 % interval of a normal distribution, in standard deviations.
WIDTH_80 = 2 * 1.2816


@dataclass(frozen=True)
class Rolling:
    """By product: weeks before, real units of the replayed weeks, and at each origin the expected week and its spread."""

    keys: Words
    history: Matrix
    demand: Matrix
    mean: Matrix
    sd: Matrix

    def save(self, target: Path) -> None:
        """Write as a NumPy archive without pickle."""
        numbers = {name: values.astype(np.float32) for name, values in vars(self).items() if name != "keys"}
        np.savez(target, keys=self.keys, allow_pickle=False, **numbers)

    @classmethod
    def load(cls, path: Path) -> "Rolling":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as found:
            return cls(found["keys"], *(found[name].astype(float) for name in ("history", "demand", "mean", "sd")))

    def scaled(self, rows: np.ndarray, share: Matrix) -> dict[str, Matrix]:
        """Chosen products, scaled to an offer's share of each."""
        part = share[:, None]
        names = {"history": "history", "demand": "demand", "rolling_mean": "mean", "rolling_sd": "sd"}
        return {target: getattr(self, source)[rows] * part for target, source in names.items()}


def replay(panel: Panel, forecaster: Forecaster, origin: int) -> Rolling:
    """Forecasts at an origin and at each week after it, by a forecaster that learned up to the origin only."""
    means, spreads = [], []
    for week in range(origin, origin + WEEKS_AHEAD):
        found = forecaster.predict(panel, week)
        ahead = slice(0, COVERED_WEEKS)
        means.append(found.mean[:, ahead].mean(axis=1))
        width = found.quantiles[0.9][:, ahead] - found.quantiles[0.1][:, ahead]
        spreads.append(width.mean(axis=1) / WIDTH_80)
    history = panel.units[:, max(0, origin + 1 - HISTORY_WEEKS) : origin + 1]
    demand = panel.units[:, origin + 1 : origin + 1 + WEEKS_AHEAD]
    return Rolling(panel.keys, history, demand, np.column_stack(means), np.column_stack(spreads))
