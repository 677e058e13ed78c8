"""What an evaluation leaves behind: tables for `marts_ml` and the test window for later comparisons. Nothing else."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from models.features.catalogue import FEATURE_NAMES
from models.fraud.splitting import Split
from models.fraud.training import Trained

MEASURES = ("average_precision", "roc_auc", "precision_at_1pct", "recall_at_1pct")


def write_outputs(folder: Path, trained: Trained, split: Split, version: str) -> None:
    """Write every table as Parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(evaluation_table(trained, version), folder / "fraud_evaluation.parquet")
    pq.write_table(score_table(trained, split, version), folder / "fraud_score_history.parquet")
    pq.write_table(test_table(split, trained), folder / "test_window.parquet")


def evaluation_table(trained: Trained, version: str) -> pa.Table:
    """Model and best single rules side by side, same orders."""
    methods: list[tuple[str, dict[str, float], float | None]] = [("model", trained.metrics, None)]
    methods += [(f"rule: {rule.name}", metrics, rule.limit) for rule, metrics in trained.rules[:10]]
    return pa.table(
        {
            "model_version": [version] * len(methods),
            "method": [method for method, _, _ in methods],
            **{measure: [metrics[measure] for _, metrics, _ in methods] for measure in MEASURES},
            "threshold": pa.array([limit for _, _, limit in methods], pa.float64()),
            "is_baseline": [method != "model" for method, _, _ in methods],
            "test_orders": [int(trained.metrics["test_orders"])] * len(methods),
        }
    )


def score_table(trained: Trained, split: Split, version: str) -> pa.Table:
    """Scores of the last labelled weeks by the twin that had not seen them, with the outcome."""
    data = split.test.data
    return pa.table(
        {
            "group_id": data.decision_ids.tolist(),
            "score": trained.test_probability,
            "is_fraud": split.test.outcomes > 0,
            "model_version": [version] * len(data),
            "scored_at": pa.array(data.decided_us, pa.timestamp("us", tz="UTC")),
        }
    )


def test_table(split: Split, trained: Trained) -> pa.Table:
    """Features and outcomes of the test window, with what the evaluated twin said."""
    data = split.test.data
    columns = {name: data.rows[:, index] for index, name in enumerate(FEATURE_NAMES)}
    return pa.table(
        {
            **columns,
            "is_fraud": split.test.outcomes > 0,
            "decided_at": pa.array(data.decided_us, pa.timestamp("us", tz="UTC")),
            "candidate_probability": trained.test_probability,
        }
    )
