"""Fraud as the pipelines see it: prepare, train, gate, outputs, publish. Not here: how any of it is computed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.clock import Clock, system_clock
from models import bundle
from models.family import BundleRef, Candidate, Comparison, Gate
from models.features.catalogue import FEATURE_NAMES, MARTS
from models.fraud.dataset import write_training_set
from models.fraud.scorer import BOOSTER, FAMILY

if TYPE_CHECKING:
    import pyarrow as pa

    from models.fraud.splitting import Split
    from models.fraud.training import Trained

BASELINE = "best_single_rule"
WORST_CALIBRATION = 0.05
#: A fresher model may cost this much more on one window by chance; growing stale is the greater danger.
CHAMPION_SLACK = 0.05


@dataclass(frozen=True)
class FraudFamily:
    """LightGBM over point-in-time features of buyers, devices, phones, wallets, vouchers and districts."""

    name: str = FAMILY
    needs: tuple[str, ...] = ()
    marts: tuple[str, ...] = MARTS
    clock: Clock = system_clock

    def prepare(self, lake: Path, workdir: Path, as_of: datetime) -> Path:
        """Labelled orders with features as of their moment."""
        workdir.mkdir(parents=True, exist_ok=True)
        return write_training_set(lake, workdir / "training_set.parquet", as_of)

    def train(self, dataset: Path, workdir: Path, seed: int) -> Candidate:
        """Train, calibrate, evaluate on the last labelled weeks."""
        from models.fraud.splitting import read_training_set, split_by_time
        from models.fraud.training import ROUNDS, train

        trained_at = self.clock()
        data_version = bundle.file_sha256(dataset)[:16]
        version = bundle.version_name(trained_at, data_version)
        split = split_by_time(read_training_set(dataset))
        trained = train(split, seed)
        folder = workdir / version
        _write_files(folder, trained, split, version)
        return Candidate(
            family=FAMILY,
            version=version,
            folder=folder,
            metrics=trained.metrics,
            baselines={BASELINE: trained.rules[0][1], "allow_everything": _without(trained)},
            parameters={"rounds": ROUNDS, "seed": seed, "rows": len(split.everything.outcomes), **_shape()},
            card=_card(trained, split),
            data_version=data_version,
            trained_at=trained_at,
            details=_details(trained, split),
        )

    def gate(self, candidate: Candidate, champion_bundle: Path | None) -> Gate:
        """Twice the best single rule, calibrated, cheaper than allowing all, and not dearer than the champion."""
        comparisons = _comparisons(candidate)
        if champion_bundle is not None:
            comparisons += _against_champion(candidate, champion_bundle)
        failed = [c for c in comparisons if not c.is_passed]
        reasons = tuple(f"{c.metric} {c.candidate:.4f} against {c.against} {c.value:.4f}" for c in failed)
        return Gate(
            is_passed=not failed, reasons=reasons or ("every comparison passed",), comparisons=tuple(comparisons)
        )

    def outputs(self, candidate: Candidate) -> "dict[str, pa.Table]":
        """Evaluation by method, and the scores of the last labelled weeks."""
        import pyarrow.parquet as pq

        folder = candidate.folder / "outputs"
        return {name: pq.read_table(folder / f"{name}.parquet") for name in ("fraud_evaluation", "fraud_score_history")}

    def publish(self, candidate: Candidate, gate: Gate, home: Path) -> BundleRef:
        """Write the bundle; champion if the gate was passed."""
        return bundle.publish(candidate, gate, home)


def _shape() -> dict[str, str | int | float | bool]:
    from models.fraud.training import PARAMETERS

    return {name: value for name, value in PARAMETERS.items() if name not in {"verbose", "objective"}}


def _details(trained: "Trained", split: "Split") -> dict[str, object]:
    return {
        "booster": BOOSTER,
        "features": list(FEATURE_NAMES),
        "best_single_rule": trained.best_rule.name,
        "manifest": {
            "features": bundle.describe_features(FEATURE_NAMES),
            "calibration": trained.calibration.to_json(),
            "thresholds": trained.costs.to_json(),
            "best_single_rule": trained.best_rule.name,
            "learned_until": _instant(int(split.everything.data.decided_us.max())),
        },
    }


def _instant(us: int) -> str:
    return datetime.fromtimestamp(us / 1e6, UTC).isoformat()


def _without(trained: "Trained") -> dict[str, float]:
    share = trained.metrics["fraud_ratio"]
    return {"average_precision": share, "taka_lost_an_order": trained.metrics["taka_lost_an_order_allowing_all"]}


def _comparisons(candidate: Candidate) -> list[Comparison]:
    metrics, rule = candidate.metrics, candidate.baselines[BASELINE]
    # Twice the best single rule; where one rule alone is very good, half of the way from it to perfection.
    least = min(2 * rule["average_precision"], (1 + rule["average_precision"]) / 2)
    everything = candidate.baselines["allow_everything"]["taka_lost_an_order"]
    found = (
        ("average_precision", f"twice {BASELINE}", least, metrics["average_precision"] >= least),
        ("taka_lost_an_order", "allow_everything", everything, metrics["taka_lost_an_order"] < everything),
        ("calibration_error", "limit", WORST_CALIBRATION, metrics["calibration_error"] <= WORST_CALIBRATION),
    )
    return [
        Comparison(metric=metric, candidate=metrics[metric], against=against, value=value, is_passed=is_passed)
        for metric, against, value, is_passed in found
    ]


def _against_champion(candidate: Candidate, champion: Path) -> list[Comparison]:
    """Taka lost on orders neither had seen; nothing where they are too few or the champion cannot be read any more."""
    from models.fraud.comparison import duel
    from models.fraud.costs import CostTable

    try:
        found = duel(champion, candidate.folder / "outputs" / "test_window.parquet", CostTable())
    except (bundle.BundleRefused, KeyError):
        return []
    if found is None:
        return []
    is_passed = found.candidate <= found.champion * (1 + CHAMPION_SLACK)
    return [
        Comparison(
            metric="taka_lost_an_order",
            candidate=found.candidate,
            against=f"champion {champion.name}",
            value=found.champion,
            is_passed=is_passed,
        )
    ]


def _write_files(folder: Path, trained: "Trained", split: "Split", version: str) -> None:
    from models.fraud.reporting import write_outputs

    payload = folder / bundle.PAYLOAD
    payload.mkdir(parents=True, exist_ok=True)
    trained.booster.save_model(str(payload / BOOSTER))
    rules = [{"rule": rule.name, **metrics} for rule, metrics in trained.rules[:20]]
    (payload / "single_rules.json").write_text(json.dumps(rules, indent=1))
    write_outputs(folder / "outputs", trained, split, version)


def _card(trained: "Trained", split: "Split") -> str:
    metrics = trained.metrics
    rule = trained.rules[0][1]["average_precision"]
    return "\n".join(
        (
            "# GetIt fraud: probability that a checkout is fraud",
            "",
            f"Learned from {len(split.everything.outcomes)} labelled orders, each with what was known at its moment;"
            f" labels take up to {split.delay_us / 86_400_000_000:.0f} days and are used only once known.",
            "",
            f"Last labelled weeks ({int(metrics['test_orders'])} orders, {metrics['fraud_ratio']:.2%} fraud), by a twin that"
            f" had not seen them: average precision {metrics['average_precision']:.3f}; best single rule"
            f" ({trained.best_rule.name}) {rule:.3f}; calibration error {metrics['calibration_error']:.3f}.",
            "",
            f"Taka lost an order: {metrics['taka_lost_an_order']:.2f} by its decisions,"
            f" {metrics['taka_lost_an_order_allowing_all']:.2f} when everything is allowed.",
            "",
            "Not for: decisions about people outside a checkout; orders declined before delivery have no outcome, so the"
            " model knows only what was let through.",
        )
    )
