"""Training: LightGBM on the first window, calibration on the next, judgement on the last, then the final fit on all.

Not here: features, the gate, files.
"""

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np

from models.features.catalogue import FEATURE_NAMES
from models.fraud.calibration import Calibration, Numbers, expected_calibration_error
from models.fraud.costs import CostTable, realised_cost
from models.fraud.isotonic import fit_isotonic
from models.fraud.single_rules import SingleRule, best_limits, flag_precision
from models.fraud.splitting import Part, Split

ROUNDS = 300
PARAMETERS: dict[str, str | int | float | bool] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "max_bin": 127,
    "num_threads": 2,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


@dataclass(frozen=True)
class Trained:
    """The final model and what its evaluated twin reached on the last labelled weeks."""

    booster: lgb.Booster
    calibration: Calibration
    costs: CostTable
    metrics: dict[str, float]
    best_rule: SingleRule
    rules: list[tuple[SingleRule, dict[str, float]]]
    test_probability: Numbers


def train(split: Split, seed: int) -> Trained:
    """Evaluate without looking ahead, then learn from everything labelled."""
    costs = CostTable()
    evaluated = fit_booster(split.train, seed)
    held_out = np.asarray(evaluated.predict(split.calibrate.data.rows, num_threads=2))
    calibration = fit_isotonic(held_out, split.calibrate.outcomes)
    raw = np.asarray(evaluated.predict(split.test.data.rows, num_threads=2))
    probability = calibration.apply(raw)
    metrics = ranking_metrics(raw, split.test.outcomes)
    metrics |= probability_metrics(probability, split.test, costs)
    rules = [
        (rule, _judge(rule, split)) for rule in best_limits(FEATURE_NAMES, split.train.data.rows, split.train.outcomes)
    ]
    rules.sort(key=lambda found: -found[1]["average_precision"])
    both = fit_isotonic(
        np.concatenate([held_out, raw]), np.concatenate([split.calibrate.outcomes, split.test.outcomes])
    )
    return Trained(fit_booster(split.everything, seed), both, costs, metrics, rules[0][0], rules, probability)


def fit_booster(part: Part, seed: int) -> lgb.Booster:
    """Booster of one part."""
    data = lgb.Dataset(part.data.rows, part.outcomes, feature_name=list(FEATURE_NAMES))
    return lgb.train({**PARAMETERS, "seed": seed}, data, num_boost_round=ROUNDS)


def ranking_metrics(scores: Numbers, outcomes: Numbers) -> dict[str, float]:
    """Average precision, ROC AUC, precision and recall when the top hundredth is looked at."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    top = np.argsort(-scores, kind="stable")[: max(1, len(scores) // 100)]
    return {
        "average_precision": float(average_precision_score(outcomes, scores)),
        "roc_auc": float(roc_auc_score(outcomes, scores)),
        "precision_at_1pct": float(outcomes[top].mean()),
        "recall_at_1pct": float(outcomes[top].sum() / outcomes.sum()),
    }


def probability_metrics(probability: Numbers, part: Part, costs: CostTable) -> dict[str, float]:
    """Calibration error, and taka lost an order when the cost table acts on these probabilities, beside allowing all."""
    money = {"amount_poisha": part.data.amount_poisha, "is_cash": part.data.is_cash}
    lost = realised_cost(costs, probability, part.outcomes, **money)
    allowed = realised_cost(costs, np.zeros_like(probability), part.outcomes, **money)
    orders = len(probability)
    return {
        "calibration_error": expected_calibration_error(probability, part.outcomes),
        "taka_lost_an_order": lost / 100 / orders,
        "taka_lost_an_order_allowing_all": allowed / 100 / orders,
        "fraud_ratio": float(part.outcomes.mean()),
        "test_orders": float(orders),
    }


def _judge(rule: SingleRule, split: Split) -> dict[str, float]:
    flags = rule.flags(split.test.data.rows[:, FEATURE_NAMES.index(rule.feature)])
    metrics = ranking_metrics(flags, split.test.outcomes)
    return metrics | {"average_precision": flag_precision(flags, split.test.outcomes)}
