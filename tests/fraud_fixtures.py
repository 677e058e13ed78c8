"""Fixtures: a fraud model trained once on a small seeded market, and homes in which it is published."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from market_rows import END, make_market, write_market

from models.family import BundleRef, Candidate, Gate
from models.fraud.family import FraudFamily

PASSED = Gate(is_passed=True, reasons=("for a test",), comparisons=())


@dataclass(frozen=True)
class Learned:
    """A candidate and what it learned from."""

    family: FraudFamily
    candidate: Candidate
    dataset: Path
    folder: Path

    def publish(self, home: Path, *, version: str | None = None) -> BundleRef:
        """Publish the candidate as champion, under another version if one is given."""
        return self.family.publish(replace(self.candidate, version=version or self.candidate.version), PASSED, home)


@pytest.fixture(scope="session")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Learned:
    folder = tmp_path_factory.mktemp("fraud")
    lake = write_market(folder / "lake", make_market())
    family = FraudFamily()
    dataset = family.prepare(lake, folder / "work", END)
    return Learned(family, family.train(dataset, folder / "work", seed=7), dataset, folder)
