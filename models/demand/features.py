"""What a forecaster knows at an origin: features of each series from its own past and its group's, level removed.

Every value comes from weeks up to and including the origin. Not here: targets, learning.
"""

import numpy as np
import numpy.typing as npt

from models.demand.panel import Matrix, Panel
from models.demand.simple import level_of, smooth

Rows = npt.NDArray[np.float32]

LAGS = 8
NAMES: tuple[str, ...] = (
    *(f"lag_{lag}" for lag in range(1, LAGS + 1)),
    *(f"mean_{weeks}" for weeks in (4, 8, 13, 26)), "mean_all", "smooth_10", "smooth_20", "smooth_40",
    "sd_13", "max_13", "median_13", "median_26",
    "sold_share_4", "sold_share_13", "sold_share_26", "weeks_since_sale", "log_level",
    "price_last_to_13", "price_4_to_26", "discount_share_1", "discount_share_4", "discount_share_13",
    "group_last_to_4", "group_4_to_13", "group_13_to_26", "all_last_to_4", "all_4_to_13", "weeks_ahead",
)  # fmt: skip


def origin_features(panel: Panel, origin: int) -> tuple[Rows, Matrix]:
    """Features of every series at an origin (all but `weeks_ahead`), and the level they are relative to."""
    past = panel.until(origin)
    level = level_of(past.units)
    parts = [*_levels(past, level), *_regularity(past, level), *_prices(past), *_groups(past)]
    return np.column_stack(parts).astype(np.float32), level


def with_horizon(rows: Rows, weeks_ahead: int) -> Rows:
    """The rows with their last feature, how many weeks ahead they look."""
    return np.column_stack([rows, np.full(len(rows), weeks_ahead, dtype=np.float32)])


def _mean(history: Matrix, weeks: int) -> Matrix:
    return np.asarray(history[:, -weeks:].mean(axis=1))


def _levels(past: Panel, level: Matrix) -> list[Matrix]:
    units = past.units
    values = [units[:, -lag] for lag in range(1, LAGS + 1)]
    values += [_mean(units, weeks) for weeks in (4, 8, 13, 26)]
    values += [units.mean(axis=1), smooth(units, 0.1), smooth(units, 0.2), smooth(units, 0.4)]
    recent = units[:, -13:]
    values += [recent.std(axis=1), recent.max(axis=1), np.median(recent, axis=1), np.median(units[:, -26:], axis=1)]
    return [value / level for value in values]


def _regularity(past: Panel, level: Matrix) -> list[Matrix]:
    sold = past.units > 0
    shares = [sold[:, -weeks:].mean(axis=1) for weeks in (4, 13, 26)]
    since = np.where(sold.any(axis=1), np.argmax(sold[:, ::-1], axis=1), 99)
    return [*shares, np.minimum(since, 30), np.log(level)]


def _prices(past: Panel) -> list[Matrix]:
    def total(matrix: Matrix, weeks: int) -> Matrix:
        return np.asarray(matrix[:, -weeks:].sum(axis=1))

    def price(weeks: int) -> Matrix:
        units = total(past.units, weeks)
        return np.where(units > 0, total(past.sales, weeks) / np.maximum(units, 1e-9), np.nan)

    def discount_share(weeks: int) -> Matrix:
        gross = total(past.sales, weeks) + total(past.discount, weeks)
        return np.where(gross > 0, total(past.discount, weeks) / np.maximum(gross, 1e-9), 0.0)

    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [price(1) / price(13), price(4) / price(26)]
    finite = [np.where(np.isfinite(ratio), ratio, np.nan) for ratio in ratios]
    return [*finite, discount_share(1), discount_share(4), discount_share(13)]


def _groups(past: Panel) -> list[Matrix]:
    _, member = np.unique(past.groups, return_inverse=True)
    sums = np.zeros((int(member.max()) + 1, past.weeks))
    np.add.at(sums, member, past.units)
    whole = past.units.sum(axis=0, keepdims=True)
    by_group = [ratio[member] for ratio in _trend(sums)]
    return [*by_group, *(np.full(len(past), ratio[0]) for ratio in _trend(whole)[:2])]


def _trend(history: Matrix) -> list[Matrix]:
    last, mean4, mean13, mean26 = history[:, -1], _mean(history, 4), _mean(history, 13), _mean(history, 26)
    return [last / (mean4 + 1), mean4 / (mean13 + 1), mean13 / (mean26 + 1)]
