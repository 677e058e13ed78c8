"""Rules that decide where no model can: model missing, store down, late. Pure; every rule says why.

With online features they look at velocity and history; without, at the request alone. Sales do not stop: rules review,
and decline only what a store of known fraud speaks against. Not here: the model, the policy of commerce.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from models.features.requests import CheckoutFacts
from models.fraud.costs import Action

VERSION = "rules-1"
NEW_ACCOUNT = timedelta(days=7)

Values = Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """One condition over request and features. `score` is what the order is worth watching, not a probability."""

    code: str
    action: Action
    score: float
    holds: Callable[[CheckoutFacts, Values], bool]


@dataclass(frozen=True)
class RuleDecision:
    """What the rules say: the strongest action, the highest score, every code that fired."""

    action: Action
    score: float
    codes: tuple[str, ...]


def _over(name: str, limit: float) -> Callable[[CheckoutFacts, Values], bool]:
    def holds(_: CheckoutFacts, values: Values) -> bool:
        value = values.get(name, math.nan)
        return not math.isnan(value) and value > limit

    return holds


def _is_new(facts: CheckoutFacts) -> bool:
    return facts.buyer_created_at is None or facts.occurred_at - facts.buyer_created_at < NEW_ACCOUNT


def _large_cash_new(facts: CheckoutFacts, _: Values) -> bool:
    return facts.payment_method == "cod" and _is_new(facts) and facts.amount_poisha > 300_000


def _large_prepaid(facts: CheckoutFacts, _: Values) -> bool:
    return facts.payment_method != "cod" and facts.amount_poisha >= 500_000


RULES: tuple[Rule, ...] = (
    Rule("known_fraud_payer", "decline", 0.95, _over("payer_labelled_flagged_60d", 0)),
    Rule("known_fraud_device", "decline", 0.9, _over("device_labelled_flagged_60d", 1)),
    Rule("known_fraud_phone", "review", 0.7, _over("phone_labelled_flagged_60d", 0)),
    Rule("refused_parcels", "review", 0.6, _over("phone_refused_count_60d", 1)),
    Rule("many_accounts_device", "review", 0.6, _over("device_placed_distinct_buyer_7d", 3)),
    Rule("payer_burst", "review", 0.55, _over("payer_placed_count_1h", 3)),
    Rule("device_burst", "review", 0.5, _over("device_placed_count_1h", 4)),
    Rule("large_cash_new_account", "review", 0.4, _large_cash_new),
    Rule("large_prepaid", "review", 0.35, _large_prepaid),
)
_STRENGTH: dict[Action, int] = {"allow": 0, "review": 1, "decline": 2}
NOTHING_FOUND = "nothing_found"
QUIET_SCORE = 0.01


def decide_by_rules(facts: CheckoutFacts, values: Values) -> RuleDecision:
    """Decision of the rules; `values` may be empty when the feature store is away."""
    fired = [rule for rule in RULES if rule.holds(facts, values)]
    if not fired:
        return RuleDecision("allow", QUIET_SCORE, (NOTHING_FOUND,))
    action = max((rule.action for rule in fired), key=_STRENGTH.__getitem__)
    return RuleDecision(action, max(rule.score for rule in fired), tuple(rule.code for rule in fired[:3]))
