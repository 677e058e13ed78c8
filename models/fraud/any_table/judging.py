"""How good probabilities were on rows with known outcomes: ranking, capacity, money, calibration, drift, slices. Pure.

Not here: where probabilities come from, the page.
"""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models.fraud.any_table.mapping import Costs
from models.fraud.calibration import Numbers, expected_calibration_error

CURVE_POINTS = 101
MOST_SLICES, LEAST_IN_SLICE = 12, 200


@dataclass(frozen=True)
class Judged:
    """Rows that are judged, in order of time."""

    probability: Numbers
    is_fraud: Numbers
    amount: Numbers
    at_us: npt.NDArray[np.int64]


def ranking(found: Judged, capacity: float) -> dict[str, float]:
    """ROC AUC, average precision; precision and recall when the top share is looked at, of all and of each day."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    top = _top(found.probability, capacity)
    daily = _daily_top(found, capacity)
    frauds, money = found.is_fraud.sum(), (found.is_fraud * found.amount).sum()
    return {
        "rows": float(len(found.is_fraud)),
        "frauds": float(frauds),
        "fraud_ratio": float(found.is_fraud.mean()),
        "roc_auc": float(roc_auc_score(found.is_fraud, found.probability)),
        "average_precision": float(average_precision_score(found.is_fraud, found.probability)),
        "capacity": capacity,
        "precision_at_capacity": float(found.is_fraud[top].mean()),
        "recall_at_capacity": float(found.is_fraud[top].sum() / frauds),
        "amount_recall_at_capacity": float((found.is_fraud * found.amount)[top].sum() / money) if money else 0.0,
        "daily_precision_at_capacity": float(found.is_fraud[daily].mean()),
        "daily_recall_at_capacity": float(found.is_fraud[daily].sum() / frauds),
        "calibration_error": expected_calibration_error(found.probability, found.is_fraud),
    }


def _top(probability: Numbers, share: float) -> npt.NDArray[np.int64]:
    return np.argsort(-probability, kind="stable")[: max(1, round(len(probability) * share))]


def _daily_top(found: Judged, share: float) -> npt.NDArray[np.int64]:
    """The top share of each day: what a team can look at day by day."""
    days = found.at_us // 86_400_000_000
    order = np.lexsort((-found.probability, days))
    starts = np.flatnonzero(np.r_[True, np.diff(days[order]) > 0])
    sizes = np.diff(np.r_[starts, len(order)])
    place = np.arange(len(order)) - np.repeat(starts, sizes)
    return order[place < np.repeat(np.maximum(1, np.round(sizes * share)), sizes)]


def curves(found: Judged) -> dict[str, list[tuple[float, float]]]:
    """Points of the precision-recall and ROC curves, thinned to the same number."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    precision, recall, _ = precision_recall_curve(found.is_fraud, found.probability)
    false, true, _ = roc_curve(found.is_fraud, found.probability)
    grid = np.linspace(0, 1, CURVE_POINTS)
    by_recall = np.interp(grid, recall[::-1], precision[::-1])
    return {
        "precision_recall": [(float(x), float(y)) for x, y in zip(grid, by_recall, strict=True)],
        "roc": [(float(x), float(y)) for x, y in zip(grid, np.interp(grid, false, true), strict=True)],
    }


def calibration(found: Judged, bins: int = 10) -> list[dict[str, float]]:
    """Predicted and observed share in bins of equal size, the surest rows last."""
    order = np.argsort(found.probability, kind="stable")
    return [
        {
            "predicted": float(found.probability[part].mean()),
            "observed": float(found.is_fraud[part].mean()),
            "rows": float(len(part)),
        }
        for part in np.array_split(order, bins)
        if len(part)
    ]


def cost_curve(found: Judged, costs: Costs) -> list[dict[str, float]]:
    """Money lost (what frauds took, and looks) when the top share is looked at, for growing shares."""
    order = np.argsort(-found.probability, kind="stable")
    saved = np.r_[0.0, np.cumsum((found.is_fraud * found.amount)[order])] * costs.caught
    total = float((found.is_fraud * found.amount).sum())
    shares = np.unique(np.r_[0.0, np.geomspace(0.0005, 1.0, 40)])
    looked = np.round(shares * len(order)).astype(int)
    return [
        {"share": float(share), "lost": total - float(saved[count]) + count * costs.review}
        for share, count in zip(shares, looked, strict=True)
    ]


def drift(found: Judged) -> list[dict[str, Any]]:
    """By month: rows, frauds, what was predicted, average precision, and the score's PSI beside the first month."""
    from sklearn.metrics import average_precision_score

    months = found.at_us.astype("datetime64[us]").astype("datetime64[M]")
    first: Numbers | None = None
    told = []
    for month in np.unique(months):
        chosen = months == month
        scores, frauds = found.probability[chosen], found.is_fraud[chosen]
        first = scores if first is None else first
        ranked = float(average_precision_score(frauds, scores)) if 0 < frauds.sum() < len(frauds) else None
        told.append(
            {
                "month": str(month), "rows": int(chosen.sum()), "frauds": int(frauds.sum()), "observed": float(frauds.mean()),
                "predicted": float(scores.mean()), "average_precision": ranked, "psi": population_stability(first, scores),
            }
        )  # fmt: skip
    return told


def population_stability(expected: Numbers, found: Numbers, bins: int = 10) -> float:
    """Population stability index over the deciles of `expected`; above .2 a distribution has moved."""
    edges = np.unique(np.quantile(expected, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = []
    for values in (expected, found):
        counted = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
        shares.append(np.maximum(counted / len(values), 1e-4))
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def slices(found: Judged, groups: MappingOf[str, npt.NDArray[np.str_]]) -> list[dict[str, Any]]:
    """How it does within the larger values of each category."""
    from sklearn.metrics import average_precision_score

    told = []
    for name, values in groups.items():
        known, counted = np.unique(values, return_counts=True)
        for place in np.argsort(-counted)[:MOST_SLICES]:
            chosen = values == known[place]
            frauds = found.is_fraud[chosen]
            if counted[place] < LEAST_IN_SLICE or not 0 < frauds.sum() < len(frauds):
                continue
            told.append(
                {
                    "column": name, "value": str(known[place]), "rows": int(counted[place]), "frauds": int(frauds.sum()),
                    "predicted": float(found.probability[chosen].mean()), "observed": float(frauds.mean()),
                    "average_precision": float(average_precision_score(frauds, found.probability[chosen])),
                }
            )  # fmt: skip
    return told
