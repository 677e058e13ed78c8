"""Chooses the safety factor on earlier weeks, judges it on later ones beside moving-average order-up-to, and proposes.

Not here: policies, simulation, files.
"""

from dataclasses import dataclass

import numpy as np

from models.supply.dataset import SupplySet
from models.supply.policies import (
    Numbers,
    critical_fractile,
    demand_over,
    order_quantity,
    safety_stock,
    standard_quantile,
    within_budget,
)
from models.supply.simulation import REVIEW_WEEKS, Outcome, Terms, simulate, target_stock

FACTORS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
HOLDING_A_YEAR = 0.30
#: A lost sale also loses some of the shopper's goodwill: margins count this many times.
GOODWILL = 1.5
BASELINE = "moving_average_order_up_to"
MOVING_WEEKS = 13


@dataclass(frozen=True)
class Proposals:
    """One row an offer that should be ordered."""

    rows: np.ndarray
    reorder_point: Numbers
    safety: Numbers
    quantity: Numbers
    cost_poisha: Numbers


@dataclass(frozen=True)
class Trained:
    """Chosen factor and what both policies did on weeks not used for choosing."""

    factor: float
    ours: Outcome
    baseline: Outcome
    items: int
    proposals: Proposals


def terms_of(found: SupplySet) -> Terms:
    """Terms of each offer with its critical fractile over one protection interval."""
    margin = np.maximum(found.price_poisha - found.unit_cost_poisha, 0.05 * found.price_poisha) * GOODWILL
    holding = found.unit_cost_poisha * HOLDING_A_YEAR / 52
    lead, lead_sd = found.lead_days / 7, found.lead_days_sd / 7
    return Terms(
        lead, lead_sd, found.minimum, found.pack, found.unit_cost_poisha, margin,
        critical_fractile(margin, holding * (lead + REVIEW_WEEKS)), holding,
    )  # fmt: skip


def train(found: SupplySet, *, budget_poisha: int | None = None) -> Trained:
    """Choose on the first half of the simulated weeks, judge on the second, propose from the newest forecast."""
    terms = terms_of(found)
    weeks = found.demand.shape[1]
    early, late = range(weeks // 2), range(weeks // 2, weeks)
    factor = min(FACTORS, key=lambda value: _ours(found, terms, value, early).taka_a_week_item)
    ours, baseline = _ours(found, terms, factor, late), _moving_average(found, terms, late)
    return Trained(factor, ours, baseline, len(found.offer_ids), propose(found, terms, factor, budget_poisha))


def _ours(found: SupplySet, terms: Terms, factor: float, weeks: range) -> Outcome:
    def targets(week: int) -> Numbers:
        return target_stock(found.rolling_mean[:, week + 1], found.rolling_sd[:, week + 1], terms, factor=factor)

    return simulate(found.demand, terms, targets, first_stock=_first_stock(found, terms, weeks), weeks=weeks)


def _moving_average(found: SupplySet, terms: Terms, weeks: range) -> Outcome:
    def targets(week: int) -> Numbers:
        mean, sd = _moments(found, week)
        return target_stock(mean, sd, terms)

    return simulate(found.demand, terms, targets, first_stock=_first_stock(found, terms, weeks), weeks=weeks)


def _moments(found: SupplySet, week: int) -> tuple[Numbers, Numbers]:
    known = np.concatenate([found.history, found.demand[:, : week + 1]], axis=1)[:, -MOVING_WEEKS:]
    return known.mean(axis=1), known.std(axis=1)


def _first_stock(found: SupplySet, terms: Terms, weeks: range) -> Numbers:
    mean, sd = _moments(found, weeks.start - 1)
    return np.ceil(target_stock(mean, sd, terms))


def propose(found: SupplySet, terms: Terms, factor: float, budget_poisha: int | None) -> Proposals:
    """Orders that bring each offer whose stock is at or below its reorder point up to target."""
    mean, sd = found.forecast_mean, found.forecast_sd
    lead_mean, lead_sd = demand_over(mean, sd, weeks=terms.lead_weeks, weeks_sd=terms.lead_weeks_sd)
    z = factor * standard_quantile(terms.fractile)
    point = lead_mean + safety_stock(z, lead_sd)
    weeks = terms.lead_weeks + REVIEW_WEEKS
    whole_mean, whole_sd = demand_over(mean, sd, weeks=weeks, weeks_sd=terms.lead_weeks_sd)
    safety = safety_stock(z, whole_sd)
    position = found.on_hand - found.reserved
    wanted = order_quantity(position, whole_mean + safety, minimum=terms.minimum, pack=terms.pack)
    quantity = np.where(position <= point, wanted, 0.0)
    cost = quantity * terms.unit_cost_poisha
    is_chosen = quantity > 0
    if budget_poisha is not None:
        worth = np.minimum(quantity, whole_mean) * terms.margin_poisha
        is_chosen &= within_budget(np.where(is_chosen, cost, np.inf), worth, budget_poisha)
    rows = np.flatnonzero(is_chosen)
    return Proposals(rows, point[rows], safety[rows], quantity[rows], cost[rows])
