"""From probability to action by expected cost in taka. Pure; the amounts are policy and travel in the bundle.

Not here: the probability; rules that overrule it.
"""

from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from models.fraud.calibration import Numbers

Action = Literal["allow", "review", "decline"]


@dataclass(frozen=True, kw_only=True)
class CostTable:
    """What a mistake and a check cost. Prepaid fraud loses the goods; a refused parcel loses two trips and a part."""

    prepaid_loss_ratio: float = 1.0
    cash_loss_ratio: float = 0.08
    cash_loss_poisha: int = 22_000
    review_poisha: int = 4_000
    #: Share of frauds that a reviewer stops.
    review_catch_ratio: float = 0.9
    #: Margin and goodwill lost when an honest order is declined.
    decline_margin_ratio: float = 0.15
    decline_goodwill_poisha: int = 15_000
    #: Below these probabilities nobody is bothered, whatever the amount.
    least_review_probability: float = 0.05
    least_decline_probability: float = 0.6

    def to_json(self) -> dict[str, float]:
        """Form kept in manifests."""
        return asdict(self)


def expected_costs(
    costs: CostTable, probability: Numbers, amount_poisha: Numbers, is_cash: Numbers
) -> tuple[Numbers, Numbers, Numbers]:
    """Expected poisha lost by allowing, reviewing, declining."""
    loss = np.where(
        is_cash > 0,
        costs.cash_loss_poisha + costs.cash_loss_ratio * amount_poisha,
        costs.prepaid_loss_ratio * amount_poisha,
    )
    allow = probability * loss
    review = costs.review_poisha + (1 - costs.review_catch_ratio) * allow
    decline = (1 - probability) * (costs.decline_margin_ratio * amount_poisha + costs.decline_goodwill_poisha)
    return allow, review, decline


def choose(costs: CostTable, *, probability: float, amount_poisha: int, is_cash: bool) -> Action:
    """Action with the least expected cost, within the floors."""
    loss = (
        costs.cash_loss_poisha + costs.cash_loss_ratio * amount_poisha
        if is_cash
        else costs.prepaid_loss_ratio * amount_poisha
    )
    allow = probability * loss
    best: Action = "allow"
    least = allow
    review = costs.review_poisha + (1 - costs.review_catch_ratio) * allow
    if probability >= costs.least_review_probability and review < least:
        best, least = "review", review
    decline = (1 - probability) * (costs.decline_margin_ratio * amount_poisha + costs.decline_goodwill_poisha)
    if probability >= costs.least_decline_probability and decline < least:
        best = "decline"
    return best


def realised_cost(
    costs: CostTable, probability: Numbers, outcomes: Numbers, *, amount_poisha: Numbers, is_cash: Numbers
) -> float:
    """Poisha really lost on orders with known outcomes, had these probabilities chosen the actions."""
    actions = [
        choose(costs, probability=float(p), amount_poisha=int(a), is_cash=bool(c))
        for p, a, c in zip(probability, amount_poisha, is_cash, strict=True)
    ]
    allow, review, decline = expected_costs(costs, outcomes, amount_poisha, is_cash)
    by_action = {"allow": allow, "review": review, "decline": decline}
    return float(sum(by_action[action][index] for index, action in enumerate(actions)))
