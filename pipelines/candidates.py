"""The state of a model family between steps, as files: training set, candidate, gate. Not here: what makes them.

Steps may run in different processes and days apart (one asset alone in Dagster's pages), so nothing is handed over in
memory.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from foundation.settings import Settings
from models.family import BundleRef, Candidate, Comparison, Gate

NAMES = {"dataset": "dataset.json", "candidate": "candidate.json", "gate": "gate.json", "bundle": "bundle.json"}


def work_folder(settings: Settings, family: str) -> Path:
    """Folder of a family's unfinished work."""
    return settings.folder("work", family)


def keep_dataset(folder: Path, dataset: Path) -> None:
    """Remember where the training set lies."""
    _write(folder / NAMES["dataset"], {"path": str(dataset)})


def read_dataset(folder: Path) -> Path:
    """The training set last made."""
    return Path(_read(folder / NAMES["dataset"])["path"])


def keep_candidate(folder: Path, candidate: Candidate) -> None:
    """Remember a trained model."""
    record = asdict(candidate)
    record["folder"] = str(candidate.folder)
    record["trained_at"] = candidate.trained_at.isoformat()
    _write(folder / NAMES["candidate"], record)


def read_candidate(folder: Path) -> Candidate:
    """The model last trained."""
    record = _read(folder / NAMES["candidate"])
    record["folder"] = Path(record["folder"])
    record["trained_at"] = datetime.fromisoformat(record["trained_at"])
    return Candidate(**record)


def keep_gate(folder: Path, version: str, gate: Gate) -> None:
    """Remember how a version did at the gate."""
    _write(folder / NAMES["gate"], {"version": version, **asdict(gate)})


def read_gate(folder: Path, version: str) -> Gate:
    """How this version did at the gate.

    Raises:
        LookupError: the last version at the gate was another one.
    """
    record = _read(folder / NAMES["gate"])
    if record.pop("version") != version:
        raise LookupError(f"Version {version} was never at the gate: run the gate check of this model first.")
    comparisons = tuple(Comparison(**found) for found in record["comparisons"])
    return Gate(is_passed=record["is_passed"], reasons=tuple(record["reasons"]), comparisons=comparisons)


def keep_bundle(folder: Path, bundle: BundleRef) -> None:
    """Remember where a version was published."""
    _write(folder / NAMES["bundle"], {**asdict(bundle), "folder": str(bundle.folder)})


def read_bundle(folder: Path, version: str) -> BundleRef:
    """Where this version was published.

    Raises:
        LookupError: it was not.
    """
    record = _read(folder / NAMES["bundle"])
    if record["version"] != version:
        raise LookupError(f"Version {version} was never published: run the bundle step of this model first.")
    record["folder"] = Path(record["folder"])
    return BundleRef(**record)


def is_due(settings: Settings, family: str, now: datetime, *, after: timedelta) -> bool:
    """Whether a family wants training: it has no champion, or its last candidate is older than `after`."""
    folder = work_folder(settings, family)
    if champion_bundle(settings, family) is None or not (folder / NAMES["bundle"]).exists():
        return True
    candidate = read_candidate(folder)
    return read_bundle_version(folder) != candidate.version or now - candidate.trained_at >= after


def read_bundle_version(folder: Path) -> str:
    """Version that was published last."""
    return str(_read(folder / NAMES["bundle"])["version"])


def champion_bundle(settings: Settings, family: str) -> Path | None:
    """Folder of the bundle that serving uses now; None before the first."""
    pointer = settings.home.absolute() / "bundles" / family / "champion.json"
    if not pointer.exists():
        return None
    bundle = pointer.parent / json.loads(pointer.read_text())["version"]
    return bundle if bundle.exists() else None


def _write(path: Path, record: Mapping[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(record, default=str))
    os.replace(partial, path)


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise LookupError(f"{path} is missing: run the step before this one first.")
    record: dict[str, Any] = json.loads(path.read_text())
    return record
