"""What every model family offers to the pipelines: prepare, train, gate, outputs, publish.

Here: the shapes that cross the border to wiring, light to import. Not here: any algorithm, the list of families (families), Dagster,
MLflow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Metrics = Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A trained model that is not published: its files and what it reached beside its baselines."""

    family: str
    version: str
    folder: Path
    metrics: Metrics
    #: Baseline name → the same metric names, measured on the same rows.
    baselines: Mapping[str, Metrics]
    parameters: Mapping[str, str | int | float | bool]
    #: Markdown: what it is for, what it learned from, how good it is, where it must not be used.
    card: str
    data_version: str
    trained_at: datetime
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One measured comparison of a gate."""

    metric: str
    candidate: float
    against: str
    value: float
    is_passed: bool


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Whether a candidate may become champion, and why."""

    is_passed: bool
    reasons: tuple[str, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, kw_only=True)
class BundleRef:
    """A published bundle; `is_champion` tells whether serving takes it."""

    family: str
    version: str
    folder: Path
    is_champion: bool


class Family(Protocol):
    """One model family. Everything a step needs comes in by argument; everything it makes is a file or the answer."""

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]:
        """Families whose champion bundle must exist before `prepare`."""
        ...

    @property
    def marts(self) -> tuple[str, ...]:
        """Mart exports that `prepare` reads below `<lake>/marts`."""
        ...

    def prepare(self, lake: Path, workdir: Path, as_of: datetime) -> Path:
        """Training set as a Parquet file, true at its time: nothing known after `as_of` is in it.

        `lake` is `<home>/lake`; champions of `needs` are read from `<home>/bundles`.

        Raises:
            NotEnoughData: there is not yet enough history to learn from.
        """
        ...

    def train(self, dataset: Path, workdir: Path, seed: int) -> Candidate:
        """Train, calibrate and evaluate; artefacts are written below `workdir`."""
        ...

    def gate(self, candidate: Candidate, champion_bundle: Path | None) -> Gate:
        """Compare with the baselines and with the present champion (re-scored where that is possible)."""
        ...

    def outputs(self, candidate: Candidate) -> "dict[str, pa.Table]":
        """Tables for schema `marts_ml`, by table name. Each holds the candidate's whole new content of that table."""
        ...

    def publish(self, candidate: Candidate, gate: Gate, home: Path) -> BundleRef:
        """Write the bundle below `<home>/bundles/<family>`; make it champion if the gate was passed."""
        ...


class NotEnoughData(ValueError):
    """There is too little history to train: wait for more data or widen the window; the message tells how much."""
