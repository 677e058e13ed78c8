"""Inventory policies as pure functions with explicit inputs; each names its source. Works on numbers and on arrays.

Not here: where demand and lead times come from.
"""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

_NORMAL = NormalDist()


def critical_fractile(underage: Numbers, overage: Numbers) -> Numbers:
    """Share of cases in which demand should be met: underage / (underage + overage).

    Source: Arrow, Harris & Marschak 1951 (the newsvendor).
    """
    return np.asarray(underage / np.maximum(underage + overage, 1e-12))


def standard_quantile(share: Numbers) -> Numbers:
    """Quantile of the standard normal distribution; shares are kept within [.5, .999]."""
    bounded = np.clip(share, 0.5, 0.999)
    unique, inverse = np.unique(np.round(bounded, 4), return_inverse=True)
    return np.array([_NORMAL.inv_cdf(float(value)) for value in unique])[inverse]


def demand_over(
    mean_a_week: Numbers, sd_a_week: Numbers, *, weeks: Numbers, weeks_sd: Numbers
) -> tuple[Numbers, Numbers]:
    """Mean and standard deviation of demand over a protection interval of uncertain length.

    Source: Silver, Pyke & Thomas 2017, section 6.10: var = E(L) var(d) + E(d)² var(L).
    """
    mean = mean_a_week * weeks
    variance = weeks * sd_a_week**2 + (mean_a_week * weeks_sd) ** 2
    return mean, np.sqrt(variance)


def safety_stock(factor: Numbers, sd_over_interval: Numbers) -> Numbers:
    """Units kept against uncertainty: factor × standard deviation over the protection interval.

    Source: Silver, Pyke & Thomas 2017, section 6.7.
    """
    return np.maximum(factor * sd_over_interval, 0.0)


def order_quantity(position: Numbers, target: Numbers, *, minimum: Numbers, pack: Numbers) -> Numbers:
    """Units to order up to a target: whole packs, at least the supplier's minimum, nothing where stock suffices.

    Source: (R, S) policy, Silver, Pyke & Thomas 2017, section 6.5; rounding up to packs after the minimum.
    """
    missing = target - position
    wanted = np.where(missing > 0, np.maximum(missing, minimum), 0.0)
    return np.ceil(np.round(wanted / pack, 9)) * pack


def economic_quantity(demand_a_year: Numbers, order_cost: Numbers, holding_a_unit_year: Numbers) -> Numbers:
    """Order size with the least ordering and holding cost: sqrt(2 D K / h).

    Source: Harris 1913.
    """
    return np.sqrt(2 * demand_a_year * order_cost / np.maximum(holding_a_unit_year, 1e-12))


def within_budget(cost: Numbers, worth: Numbers, budget: float) -> npt.NDArray[np.bool_]:
    """Which orders to place when money is short: by worth per taka, whole orders only, never over the budget.

    Source: greedy bound of the knapsack problem, Dantzig 1957.
    """
    ranked = np.argsort(-worth / np.maximum(cost, 1e-12), kind="stable")
    chosen = np.zeros(len(cost), dtype=bool)
    left = budget
    for index in ranked:
        if cost[index] <= left:
            chosen[index] = True
            left -= float(cost[index])
    return chosen
