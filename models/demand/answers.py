"""The published forecast as serving reads it: a NumPy archive without pickle → answers by product or category.

Not here: how it was made, HTTP.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.bundle import BundleRefused, read_bundle

FAMILY = "demand"
ARCHIVE = "forecast.npz"


@dataclass(frozen=True)
class WeekForecast:
    """One week of one series."""

    week_no: int
    starts_on: date
    expected_units: float
    quantiles: Mapping[str, float]


@dataclass(frozen=True)
class SeriesForecast:
    """Weeks ahead of one product or category."""

    key: str
    category_path: str
    weeks: tuple[WeekForecast, ...]


@dataclass(frozen=True)
class Table:
    """Forecasts of one level: keys sorted, units series × weeks × quantiles."""

    keys: npt.NDArray[np.str_]
    categories: npt.NDArray[np.str_]
    units: npt.NDArray[np.float32]
    expected: npt.NDArray[np.float32]


@dataclass(frozen=True)
class ForecastBook:
    """A loaded champion."""

    version: str
    starts_on: date
    levels: tuple[float, ...]
    products: Table
    category_totals: Table

    @classmethod
    def load(cls, folder: Path) -> "ForecastBook":
        """Book of a bundle.

        Raises:
            BundleRefused: the bundle cannot be trusted or read.
        """
        bundle = read_bundle(folder, family=FAMILY)
        try:
            with np.load(bundle.path(ARCHIVE), allow_pickle=False) as found:
                products, totals = (
                    Table(found[f"{n}_keys"], found[f"{n}_categories"], found[f"{n}_units"], found[f"{n}_expected"])
                    for n in ("product", "category")
                )
                levels = tuple(float(level) for level in found["levels"])
            starts_on = date.fromisoformat(bundle.manifest["starts_on"])
        except (KeyError, ValueError, OSError) as error:
            raise BundleRefused(f"{folder} cannot be loaded ({error}): roll back or publish again.") from error
        return cls(bundle.version, starts_on, levels, products, totals)

    def of_product(self, product_id: str, weeks: int) -> SeriesForecast | None:
        """Forecast of a product; None if it is too rare to have one."""
        return self._answer(self.products, product_id, weeks)

    def of_category(self, category_path: str, weeks: int) -> SeriesForecast | None:
        """Forecast of a category ("Department > Category")."""
        return self._answer(self.category_totals, category_path, weeks)

    def _answer(self, table: Table, key: str, weeks: int) -> SeriesForecast | None:
        place = int(np.searchsorted(table.keys, key))
        if place >= len(table.keys) or table.keys[place] != key:
            return None
        found = tuple(
            WeekForecast(
                week_no=week + 1,
                starts_on=self.starts_on + timedelta(days=7 * week),
                expected_units=round(float(table.expected[place, week]), 3),
                quantiles={
                    f"{q:g}": round(float(u), 3) for q, u in zip(self.levels, table.units[place, week], strict=True)
                },
            )
            for week in range(min(weeks, table.units.shape[1]))
        )
        return SeriesForecast(key, str(table.categories[place]), found)


def write_book(target: Path, *, products: Table, category_totals: Table, levels: Sequence[float]) -> None:
    """Write the archive that `ForecastBook.load` reads."""
    arrays = {}
    for name, table in (("product", products), ("category", category_totals)):
        order = np.argsort(table.keys)
        arrays[f"{name}_keys"] = table.keys[order]
        arrays[f"{name}_categories"] = table.categories[order]
        arrays[f"{name}_units"] = table.units[order].astype(np.float32)
        arrays[f"{name}_expected"] = table.expected[order].astype(np.float32)
    np.savez(target, levels=np.asarray(levels), allow_pickle=False, **arrays)
