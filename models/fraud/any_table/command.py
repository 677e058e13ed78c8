"""`getit fraud train | evaluate | backtest` on any labelled table: what they do and leave behind. Not here: the command line.

`train` writes a folder: boosters, model.json, report.json, report.html. The report judges a twin that saw nothing of the
judged rows; the model that is kept then learns from all labelled rows.
"""

import itertools
import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from models.fraud.any_table import judging, learning
from models.fraud.any_table.judging import Judged
from models.fraud.any_table.learning import Data, Flags, Model, Split
from models.fraud.any_table.mapping import Mapping, TableRefused
from models.fraud.any_table.reading import Table, read_table
from models.fraud.any_table.report import write_report
from models.fraud.calibration import Calibration, Numbers

Progress = Callable[[str], None]
LEAST_FOLD_FRAUDS = 10
SLICED = 3


def train(mapping: Mapping, target: Path, *, seed: int, progress: Progress) -> dict[str, Any]:
    """Learn, judge beside plain LightGBM on the same parts, keep the model; the report.

    Raises:
        TableRefused.
    """
    started = time.perf_counter()
    target.mkdir(parents=True, exist_ok=True)
    progress("reading the table")
    table = read_table(mapping, target / "spill")
    progress("what was known of every row at its moment")
    data = learning.assemble(table)
    split = learning.split_by_time(data, mapping.split)
    model = learning.fit(data, split, seed, progress)
    methods = {"getit": _judged(data, split.test, model.probability(data.rows[split.test]))}
    progress("plain LightGBM on the same rows")
    methods["plain LightGBM"] = _judged(data, split.test, _plain(data, split))
    report = _report("Fraud by mapping: training", table, data, split.test, model, methods, _parts(data, split))
    kept = learning.refit(data, model, seed, progress)
    _save(target, kept, data, mapping)
    report |= {"seconds": round(time.perf_counter() - started, 1), "peak_gib": peak_gib()}
    write_report(target, report)
    return report


def evaluate(folder: Path, mapping: Mapping, target: Path, *, progress: Progress) -> dict[str, Any]:
    """Judge a kept model on the labelled rows that are younger than what it learned from.

    Raises:
        TableRefused: no such model, other columns than it learned from, or no younger rows.
    """
    model, card = _load(folder)
    progress("reading the table")
    table = read_table(mapping, target / "spill")
    data = learning.assemble(table, card["categories"])
    if list(data.labels) != card["inputs"]:
        missing = sorted(set(card["inputs"]) ^ set(data.labels))
        raise TableRefused(f"the table's columns are not those that the model learned from: {', '.join(missing[:10])}.")
    chosen = data.is_labelled & (data.at_us > card["learned_until_us"])
    if not 0 < data.is_fraud[chosen].sum() < chosen.sum():
        raise TableRefused("no labelled rows, or none of both kinds, are younger than what the model learned from.")
    methods = {"getit": _judged(data, chosen, model.probability(data.rows[chosen]))}
    report = _report(
        "Fraud by mapping: evaluation", table, data, chosen, model, methods, {"judged rows": int(chosen.sum())}
    )
    write_report(target, report)
    return report


def backtest(mapping: Mapping, target: Path, *, folds: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Judge on several windows in a row, each by a model that learned only from what was known before it.

    Raises:
        TableRefused.
    """
    table = read_table(mapping, target / "spill")
    data = learning.assemble(table)
    labelled = data.at_us[data.is_labelled]
    edges = np.quantile(labelled, np.linspace(0.5, 1.0, folds + 1)).astype(np.int64)
    found: list[dict[str, Any]] = []
    for number, (begin, end) in enumerate(itertools.pairwise(edges), start=1):
        progress(f"window {number} of {folds}")
        moment = datetime.fromtimestamp(begin / 1e6, UTC)
        split = learning.split_by_time(data, mapping.split.model_copy(update={"test_from": moment}))
        test = split.test & (data.at_us < (end if number < folds else end + 1))
        if data.is_fraud[test].sum() < LEAST_FOLD_FRAUDS:
            raise TableRefused(f"window {number} has fewer than {LEAST_FOLD_FRAUDS} frauds: ask for fewer folds.")
        model = learning.fit(data, split, seed, lambda _: None)
        judged = _judged(data, test, model.probability(data.rows[test]))
        plain = _judged(data, test, _plain(data, split, test))
        found.append({
            "from": moment.isoformat(), "getit": judging.ranking(judged, mapping.capacity),
            "plain LightGBM": judging.ranking(plain, mapping.capacity),
        })  # fmt: skip
    report = {
        "folds": found,
        "mean": {method: _mean([one[method] for one in found]) for method in ("getit", "plain LightGBM")},
    }
    target.mkdir(parents=True, exist_ok=True)
    (target / "backtest.json").write_text(json.dumps(report, indent=1))
    return report


def _mean(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def _plain(data: Data, split: Split, test: Flags | None = None) -> Numbers:
    """The peer: LightGBM as it comes, on the columns of the table alone, the same rows to learn from."""
    taught = split.train | split.calibrate
    own = [place for place, label in enumerate(data.labels) if ": " not in label]
    first_category = len(data.names) - len(data.categories)
    places = [number for number, place in enumerate(own) if place >= first_category]
    dataset = lgb.Dataset(data.rows[taught][:, own], data.is_fraud[taught], categorical_feature=places or "auto")
    booster = lgb.train({"objective": "binary", "num_threads": 2, "verbose": -1}, dataset, num_boost_round=100)
    return np.asarray(booster.predict(data.rows[split.test if test is None else test][:, own], num_threads=2))


def _judged(data: Data, chosen: Flags, probability: Numbers) -> Judged:
    return Judged(probability, data.is_fraud[chosen], data.amount[chosen], data.at_us[chosen])


def _parts(data: Data, split: Split) -> dict[str, Any]:
    parts = {"train": split.train, "calibrate": split.calibrate, "test": split.test}
    return {name: {"rows": int(one.sum()), "frauds": int(data.is_fraud[one].sum())} for name, one in parts.items()}


def _report(
    title: str, table: Table, data: Data, chosen: Flags, model: Model, methods: dict[str, Judged], parts: dict[str, Any]
) -> dict[str, Any]:
    mapping, ours = table.mapping, methods["getit"]
    measured = {name: judging.ranking(one, mapping.capacity) for name, one in methods.items()}
    gain = np.sum([booster.feature_importance("gain") for booster in model.boosters], axis=0)
    order = np.argsort(-gain)[:30]
    notes = [*table.notes, *(f"{count} rows left out: {reason}" for reason, count in table.left_out.items())]
    return {
        "title": title,
        "summary": f"{len(data)} rows, {len(data.names)} inputs, {int(data.is_fraud.sum())} frauds.",
        "parts": parts,
        "methods": measured,
        "curves": judging.curves(ours),
        "calibration": judging.calibration(ours),
        "cost_curve": judging.cost_curve(ours, mapping.costs) if table.has_amount else [],
        "drift": judging.drift(ours),
        "slices": judging.slices(ours, _groups(data, chosen, gain)),
        "importance": [
            {"input": data.labels[place], "share": float(gain[place] / max(gain.sum(), 1e-12))} for place in order
        ],
        "notes": notes,
    }


def _groups(data: Data, chosen: Flags, gain: Numbers) -> dict[str, Any]:
    """Values of the categories that the model looks at most, for the judged rows."""
    first = len(data.names) - len(data.categories)
    values = list(data.categories.items())
    most = sorted(range(len(values)), key=lambda place: -gain[first + place])[:SLICED]
    groups = {}
    for place in most:
        name, known = values[place]
        codes = np.nan_to_num(data.rows[chosen, first + place], nan=-1).astype(int)
        groups[name] = np.asarray([*known, "–"])[codes]
    return groups


def _save(target: Path, model: Model, data: Data, mapping: Mapping) -> None:
    for number, booster in enumerate(model.boosters):
        booster.save_model(str(target / f"booster-{number}.txt"))
    learned = data.at_us[data.is_labelled]
    card = {
        "boosters": len(model.boosters), "kept": model.kept, "calibration": model.calibration.to_json(),
        "categories": data.categories, "inputs": list(data.labels), "learned_until_us": int(learned.max()),
        "mapping": mapping.model_dump(mode="json"),
    }  # fmt: skip
    (target / "model.json").write_text(json.dumps(card, indent=1))


def _load(folder: Path) -> tuple[Model, dict[str, Any]]:
    try:
        card = json.loads((folder / "model.json").read_text())
        boosters = tuple(
            lgb.Booster(model_file=str(folder / f"booster-{number}.txt")) for number in range(card["boosters"])
        )
        return Model(boosters, card["kept"], Calibration.from_json(card["calibration"])), card
    except (OSError, ValueError, KeyError, lgb.basic.LightGBMError) as error:
        raise TableRefused(f"{folder} holds no model that can be read: train one with `getit fraud train`.") from error


def peak_gib() -> float:
    """Most memory that this process ever took, GiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)
