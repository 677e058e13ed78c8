"""The bundle: a folder of plain files with a manifest of checksums, and the pointer that makes one of them champion.

No pickle, no code. A bundle is complete or absent (written aside, then renamed), and refused unless every checksum and
the feature schema agree. Not here: what the files mean.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from models.family import BundleRef, Candidate, Gate

MANIFEST = "manifest.json"
POINTER = "champion.json"
#: Folder inside a candidate's folder whose files go into the bundle.
PAYLOAD = "payload"
FORMAT = 1


class BundleRefused(ValueError):
    """The bundle cannot be trusted: publish it again or roll back; the message tells what is wrong."""


@dataclass(frozen=True)
class Bundle:
    """A verified bundle on disk."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def version(self) -> str:
        return str(self.manifest["version"])

    @property
    def feature_names(self) -> tuple[str, ...]:
        return tuple(str(feature["name"]) for feature in self.manifest["features"])

    def path(self, name: str) -> Path:
        """A file that the manifest vouches for.

        Raises:
            BundleRefused: the manifest does not list it.
        """
        if name not in self.manifest["files"]:
            raise BundleRefused(f"{self.folder} has no file {name!r}: publish the model again.")
        return self.folder / name

    def read_json(self, name: str) -> Any:
        """Content of a JSON file of the bundle."""
        return json.loads(self.path(name).read_text())


def describe_features(names: Sequence[str], kind: str = "float64") -> list[dict[str, str]]:
    """Feature list as manifests hold it."""
    return [{"name": name, "type": kind} for name in names]


def features_sha256(features: Sequence[Mapping[str, str]]) -> str:
    """Fingerprint of a feature list: names, types and their order."""
    return hashlib.sha256(json.dumps([[f["name"], f["type"]] for f in features]).encode()).hexdigest()


def file_sha256(path: Path) -> str:
    """Checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version_name(trained_at: datetime, data_version: str) -> str:
    """Version of a bundle: when it was trained and on what, sortable."""
    return f"{trained_at:%Y%m%dT%H%M%S}-{data_version[:8]}"


def git_sha() -> str:
    """Commit of the running code, "unknown" outside a repository."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except OSError:
        return "unknown"
    return found.stdout.strip() if found.returncode == 0 and found.stdout.strip() else "unknown"


def publish(candidate: Candidate, gate: Gate, home: Path) -> BundleRef:
    """Write a candidate's bundle; make it champion if the gate was passed. Publishing the same version twice is one."""
    shelf = home / "bundles" / candidate.family
    shelf.mkdir(parents=True, exist_ok=True)
    folder = shelf / candidate.version
    if not folder.exists():
        _write(candidate, gate, folder)
    read_bundle(folder, family=candidate.family)
    if gate.is_passed:
        point_to(home, candidate.family, candidate.version)
    return BundleRef(family=candidate.family, version=candidate.version, folder=folder, is_champion=gate.is_passed)


def _write(candidate: Candidate, gate: Gate, folder: Path) -> None:
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
    try:
        files = {}
        for source in sorted((candidate.folder / PAYLOAD).iterdir()):
            shutil.copyfile(source, aside / source.name)
            files[source.name] = file_sha256(aside / source.name)
        (aside / MANIFEST).write_text(json.dumps(_manifest(candidate, gate, files), indent=1, sort_keys=True))
        for path in aside.iterdir():
            _flush(path)
        aside.chmod(0o755)
        os.replace(aside, folder)
        _flush(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _manifest(candidate: Candidate, gate: Gate, files: Mapping[str, str]) -> dict[str, Any]:
    extra = candidate.details.get("manifest", {})
    extra = dict(extra) if isinstance(extra, Mapping) else {}
    features = extra.pop("features", [])
    return {
        "format": FORMAT,
        "family": candidate.family,
        "version": candidate.version,
        "created_at": candidate.trained_at.isoformat(),
        "git_sha": git_sha(),
        "data_version": candidate.data_version,
        "features": features,
        "features_sha256": features_sha256(features),
        "metrics": dict(candidate.metrics),
        "baselines": {name: dict(values) for name, values in candidate.baselines.items()},
        "parameters": dict(candidate.parameters),
        "gate": {"is_passed": gate.is_passed, "reasons": list(gate.reasons)},
        "card": candidate.card,
        "files": dict(files),
        "calibration": None,
        "thresholds": None,
        **extra,
    }


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_bundle(folder: Path, *, family: str, features: Sequence[str] | None = None) -> Bundle:
    """Verify a bundle: format, family, every checksum, its own feature fingerprint and, if given, the caller's features.

    Raises:
        BundleRefused: truncated, changed, of another family, or made for other features.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        files, listed = manifest["files"], manifest["features"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleRefused(f"{folder} has no readable manifest: publish the model again.") from error
    if manifest.get("format") != FORMAT or manifest.get("family") != family:
        raise BundleRefused(f"{folder} is not a {family} bundle of format {FORMAT}: publish the model again.")
    for name, checksum in files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file() or file_sha256(path) != checksum:
            raise BundleRefused(f"{path} is missing or not what was published: roll back or publish again.")
    bundle = Bundle(folder, manifest)
    if features_sha256(listed) != manifest.get("features_sha256"):
        raise BundleRefused(f"{folder}: the feature list was changed after publishing: publish the model again.")
    unknown = [name for name in bundle.feature_names if features is not None and name not in features]
    if unknown:
        raise BundleRefused(f"{folder} wants features that this program does not make ({', '.join(unknown)}): retrain.")
    return bundle


def point_to(home: Path, family: str, version: str) -> None:
    """Make a published version champion, remembering the one before it."""
    shelf = home / "bundles" / family
    current = champion_version(home, family)
    if current == version:
        return
    aside = shelf / f"{POINTER}.{os.getpid()}.partial"
    aside.write_text(json.dumps({"version": version, "previous": current}))
    _flush(aside)
    os.replace(aside, shelf / POINTER)
    _flush(shelf)


def champion_version(home: Path, family: str) -> str | None:
    """Version that serving should use; None before the first."""
    return _pointer(home, family).get("version")


def champion_folder(home: Path, family: str) -> Path | None:
    """Folder of the champion's bundle; None before the first."""
    version = champion_version(home, family)
    return None if version is None else home / "bundles" / family / version


def roll_back(home: Path, family: str) -> str:
    """Make the previous champion champion again; its version.

    Raises:
        BundleRefused: there is none, or it cannot be trusted.
    """
    previous = _pointer(home, family).get("previous")
    if previous is None:
        raise BundleRefused(f"{family} has no earlier champion to go back to: publish another version instead.")
    read_bundle(home / "bundles" / family / previous, family=family)
    point_to(home, family, previous)
    return previous


def _pointer(home: Path, family: str) -> dict[str, str | None]:
    try:
        found: dict[str, str | None] = json.loads((home / "bundles" / family / POINTER).read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise BundleRefused(f"{POINTER} of {family} is not readable: publish the model again.") from error
    return found
