"""The fraud family on a seeded market: learns, is gated, is published; what serving loads is what was trained."""

import json
from dataclasses import replace

import lightgbm
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.bundle import BundleRefused, champion_version, point_to, read_bundle, roll_back
from models.features.catalogue import FEATURE_NAMES
from models.fraud.native import NativeBooster
from models.fraud.scorer import BOOSTER, FraudScorer


def test_learns_what_the_rules_cannot(learned):
    rule = learned.candidate.baselines["best_single_rule"]
    assert 0.3 < rule["average_precision"] < 0.6
    assert learned.candidate.metrics["average_precision"] > 0.9
    assert learned.family.gate(learned.candidate, None).is_passed


def test_the_gate_refuses_what_learned_nothing(learned, tmp_path):
    """The broken twin: the same rows, labels of other rows."""
    table = pq.read_table(learned.dataset)
    order = np.random.default_rng(1).permutation(len(table))
    labels = [
        name
        for name in table.column_names
        if "known_us" in name or name in {"is_fraud", "label_known_at", "fraud_known_at"}
    ]
    assert labels
    for name in labels:
        table = table.set_column(table.column_names.index(name), name, table[name].take(pa.array(order)))
    pq.write_table(table, tmp_path / "shuffled.parquet")

    gate = learned.family.gate(learned.family.train(tmp_path / "shuffled.parquet", tmp_path, seed=7), None)

    assert not gate.is_passed
    assert gate.reasons


def test_a_worse_candidate_does_not_replace_the_champion(learned, tmp_path):
    champion = learned.publish(tmp_path)
    worse = replace(learned.candidate, metrics={**learned.candidate.metrics, "average_precision": 0.01})
    assert not learned.family.gate(worse, champion.folder).is_passed


class TestBundle:
    def test_what_serving_loads_scores_as_the_package_does(self, learned, tmp_path):
        folder = learned.publish(tmp_path).folder
        booster = lightgbm.Booster(model_file=str(folder / BOOSTER))
        native = NativeBooster(folder / BOOSTER)
        rows = np.random.default_rng(3).normal(2, 3, (300, len(FEATURE_NAMES)))
        rows[rows < -1] = np.nan

        ours = [native.score(row.tolist()) for row in rows]
        assert ours == pytest.approx(booster.predict(rows).tolist(), abs=1e-12)
        shap = booster.predict(rows[:20], pred_contrib=True)[:, :-1]
        for row, expected in zip(rows[:20], shap, strict=True):
            assert native.contributions(row.tolist()) == pytest.approx(expected.tolist(), abs=1e-9)

    def test_one_changed_byte_is_refused(self, learned, tmp_path):
        folder = learned.publish(tmp_path).folder
        content = bytearray((folder / BOOSTER).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / BOOSTER).write_bytes(content)
        with pytest.raises(BundleRefused, match=BOOSTER):
            FraudScorer.load(folder)

    def test_a_truncated_manifest_is_refused(self, learned, tmp_path):
        folder = learned.publish(tmp_path).folder
        text = (folder / "manifest.json").read_text()
        (folder / "manifest.json").write_text(text[: len(text) // 2])
        with pytest.raises(BundleRefused, match="manifest"):
            FraudScorer.load(folder)

    def test_another_order_of_features_is_refused(self, learned, tmp_path):
        folder = learned.publish(tmp_path).folder
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["features"][0], manifest["features"][1] = manifest["features"][1], manifest["features"][0]
        (folder / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(BundleRefused, match="feature"):
            FraudScorer.load(folder)

    def test_features_nobody_makes_are_refused(self, learned, tmp_path):
        folder = learned.publish(tmp_path).folder
        with pytest.raises(BundleRefused, match="retrain"):
            read_bundle(folder, family="fraud", features=FEATURE_NAMES[1:])

    def test_rolls_back_to_the_champion_before(self, learned, tmp_path):
        learned.publish(tmp_path, version="20260101T000000-first")
        learned.publish(tmp_path, version="20260102T000000-second")
        assert champion_version(tmp_path, "fraud") == "20260102T000000-second"

        assert roll_back(tmp_path, "fraud") == "20260101T000000-first"
        assert champion_version(tmp_path, "fraud") == "20260101T000000-first"

    def test_publishing_twice_is_publishing_once(self, learned, tmp_path):
        first = learned.publish(tmp_path)
        stamp = (first.folder / "manifest.json").stat().st_mtime_ns
        learned.publish(tmp_path)
        assert (first.folder / "manifest.json").stat().st_mtime_ns == stamp

    def test_pointing_is_all_or_nothing(self, learned, tmp_path):
        learned.publish(tmp_path)
        point_to(tmp_path, "fraud", "other")
        assert champion_version(tmp_path, "fraud") == "other"
        assert [path.name for path in (tmp_path / "bundles" / "fraud").glob("*.partial")] == []
