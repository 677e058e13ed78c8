"""The month's rhythm: weeks with pay-day sell more. Factors by week, found in the past, known for the future.

Classical decomposition with a calendar known in advance: ratio to the centred mean, regressed (ridge) on the share of a
week's days in each quarter of the month. Not here: what is learned from the series once the rhythm is taken out.
"""

from datetime import date, timedelta

import numpy as np

from models.demand.panel import DAYS, Matrix, Panel

QUARTERS = 4
HALF_WINDOW = 4
#: Ridge of the whole's rhythm and of each group's own: a group is one of many and noisier.
RIDGE_WHOLE, RIDGE_GROUP = 0.3, 3.0
LEAST_FACTOR = 0.5


def quarters_of_month(first_day: date, weeks: int) -> Matrix:
    """Share of each week's days that fall into the quarters of their month: weeks × 4. Week 0 starts on `first_day`."""
    shares = np.zeros((weeks, QUARTERS))
    for number in range(weeks * DAYS):
        day = first_day + timedelta(days=number)
        shares[number // DAYS, min(QUARTERS - 1, (day.day - 1) * QUARTERS // 31)] += 1 / DAYS
    return shares


def rhythm(panel: Panel, weeks_ahead: int) -> Matrix:
    """Factor of every week of the panel and of the weeks after it: series × (weeks + weeks_ahead), about 1."""
    shares = quarters_of_month(panel.first_day, panel.weeks + weeks_ahead)
    _, member = np.unique(panel.groups, return_inverse=True)
    groups = np.zeros((int(member.max()) + 1, panel.weeks))
    np.add.at(groups, member, panel.units)
    whole = _effect(panel.units.sum(axis=0, keepdims=True), shares, RIDGE_WHOLE)
    own = _effect(groups, shares, RIDGE_GROUP)
    return np.asarray(np.maximum(LEAST_FACTOR, 1 + 0.5 * (whole + own[member])))


def _effect(units: Matrix, shares: Matrix, ridge: float) -> Matrix:
    weeks = units.shape[1]
    windows = [units[:, max(0, week - HALF_WINDOW) : week + HALF_WINDOW + 1] for week in range(weeks)]
    around = np.column_stack([window.mean(axis=1) for window in windows])
    deviation = units / np.maximum(around, 1e-9) - 1
    middle = shares[:weeks].mean(axis=0)
    known = shares[:weeks] - middle
    weights = np.linalg.solve(known.T @ known + ridge * np.eye(QUARTERS), known.T @ deviation.T)
    return np.asarray(((shares - middle) @ weights).T)
