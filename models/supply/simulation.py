"""Replenishment on real weekly demand: order each week, receive after the lead time, lose what is not there.

Both policies meet the same demand from the same first stock. Not here: where forecasts and terms come from.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from models.supply.policies import Numbers, demand_over, order_quantity, safety_stock, standard_quantile

REVIEW_WEEKS = 1.0


@dataclass(frozen=True)
class Terms:
    """Terms of each item: lead time in weeks, order minimum and pack, money in poisha, critical fractile."""

    lead_weeks: Numbers
    lead_weeks_sd: Numbers
    minimum: Numbers
    pack: Numbers
    unit_cost_poisha: Numbers
    margin_poisha: Numbers
    fractile: Numbers
    holding_poisha_a_week: Numbers


@dataclass(frozen=True)
class Outcome:
    """What a policy did: taka lost a week and item, share of demand met, average stock."""

    taka_a_week_item: float
    fill_ratio: float
    mean_stock_units: float


#: Target stock of every item when reviewing at the end of a week (index into the simulated weeks; -1 is the start).
Targets = Callable[[int], Numbers]


def target_stock(mean_a_week: Numbers, sd_a_week: Numbers, terms: Terms, *, factor: float = 1.0) -> Numbers:
    """Order-up-to level: expected demand until the next delivery can arrive, plus safety stock."""
    weeks = terms.lead_weeks + REVIEW_WEEKS
    mean, sd = demand_over(mean_a_week, sd_a_week, weeks=weeks, weeks_sd=terms.lead_weeks_sd)
    return mean + safety_stock(factor * standard_quantile(terms.fractile), sd)


def simulate(demand: Numbers, terms: Terms, targets: Targets, *, first_stock: Numbers, weeks: range) -> Outcome:
    """Run the weeks; costs count holding at each week's end and the margin of lost sales."""
    delay = np.maximum(np.ceil(terms.lead_weeks).astype(int), 1)
    stock = first_stock.copy()
    arriving = np.zeros((len(stock), int(delay.max()) + len(weeks) + 1))
    cost, met, held = 0.0, 0.0, 0.0
    for step, week in enumerate(weeks):
        position = stock + arriving[:, step:].sum(axis=1)
        ordered = order_quantity(position, targets(week - 1), minimum=terms.minimum, pack=terms.pack)
        arriving[np.arange(len(stock)), step + delay - 1] += ordered
        sold = np.minimum(stock, demand[:, week])
        cost += float(((demand[:, week] - sold) * terms.margin_poisha).sum())
        stock = stock - sold
        cost += float((stock * terms.holding_poisha_a_week).sum())
        met, held = met + float(sold.sum()), held + float(stock.sum())
        stock = stock + arriving[:, step]
    total = float(demand[:, weeks.start : weeks.stop].sum())
    return Outcome(cost / 100 / len(weeks) / len(stock), met / max(total, 1e-9), held / len(weeks) / len(stock))
