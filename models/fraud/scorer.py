"""The champion as serving uses it: verified bundle → score, action, reasons. Not here: features, HTTP, storage."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from models.bundle import Bundle, BundleRefused, read_bundle
from models.features.catalogue import FEATURE_NAMES
from models.fraud.calibration import Calibration
from models.fraud.costs import Action, CostTable, choose
from models.fraud.native import NativeBooster, NativeLibraryMissing
from models.fraud.reasons import codes_of_contributions

FAMILY = "fraud"
BOOSTER = "booster.txt"


class RowModel(Protocol):
    """What a scorer needs of a booster."""

    def score(self, row: list[float]) -> float: ...

    def contributions(self, row: list[float]) -> list[float]: ...


class PackageBooster:
    """The same through the `lightgbm` package, where its library cannot be loaded by itself."""

    def __init__(self, model_file: Path) -> None:
        import lightgbm

        self._booster = lightgbm.Booster(model_file=str(model_file))

    def score(self, row: list[float]) -> float:
        """Model output of one row."""
        return float(self._booster.predict([row], num_threads=1)[0])

    def contributions(self, row: list[float]) -> list[float]:
        """TreeSHAP value of every feature."""
        return [float(value) for value in self._booster.predict([row], pred_contrib=True, num_threads=1)[0][:-1]]


@dataclass(frozen=True)
class Scored:
    """A decision of the model."""

    score: float
    action: Action
    codes: tuple[str, ...]


@dataclass(frozen=True)
class FraudScorer:
    """A loaded champion."""

    version: str
    names: tuple[str, ...]
    model: RowModel
    calibration: Calibration
    costs: CostTable

    @classmethod
    def load(cls, folder: Path) -> "FraudScorer":
        """Scorer of a bundle.

        Raises:
            BundleRefused: the bundle cannot be trusted or used.
        """
        bundle = read_bundle(folder, family=FAMILY, features=FEATURE_NAMES)
        try:
            calibration = Calibration.from_json(bundle.manifest["calibration"])
            costs = CostTable(**bundle.manifest["thresholds"])
            model = _load_booster(bundle)
            scorer = cls(bundle.version, bundle.feature_names, model, calibration, costs)
            scorer.model.score([0.0] * len(scorer.names))
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise BundleRefused(f"{folder} cannot be loaded ({error}): roll back or publish again.") from error
        return scorer

    def decide(self, values: Mapping[str, float], *, amount_poisha: int, is_cash: bool) -> Scored:
        """Score, action and, unless it is `allow`, the codes of what raised the score."""
        row = [values[name] for name in self.names]
        probability = self.calibration.apply_one(self.model.score(row))
        action = choose(self.costs, probability=probability, amount_poisha=amount_poisha, is_cash=is_cash)
        if action == "allow":
            return Scored(probability, action, ("nothing_found",))
        return Scored(probability, action, codes_of_contributions(self.names, row, self.model.contributions(row)))


def _load_booster(bundle: Bundle) -> RowModel:
    try:
        return NativeBooster(bundle.path(BOOSTER))
    except (NativeLibraryMissing, OSError):
        return PackageBooster(bundle.path(BOOSTER))
