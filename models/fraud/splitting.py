"""Splits in order of time with the delay of labels respected: each part knows only labels that were known when it ended.

Not here: what is trained.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from models.family import NotEnoughData
from models.features.catalogue import FEATURE_NAMES
from models.fraud.calibration import Numbers

DAY_US = 86_400_000_000
TEST_US = 14 * DAY_US
CALIBRATION_US = 14 * DAY_US
LONGEST_DELAY_US = 21 * DAY_US
SHORTEST_DELAY_US = 2 * DAY_US
LEAST_FRAUDS = 20

Instants = npt.NDArray[np.int64]
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Labelled:
    """Rows of the training set as arrays; instants in microseconds, `NEVER` where there is none."""

    decision_ids: npt.NDArray[np.str_]
    decided_us: Instants
    label_known_us: Instants
    fraud_known_us: Instants
    amount_poisha: Numbers
    is_cash: Numbers
    payment_method: npt.NDArray[np.str_]
    rows: Numbers

    def __len__(self) -> int:
        return len(self.decided_us)

    def take(self, chosen: npt.NDArray[np.bool_]) -> "Labelled":
        """The rows for which `chosen` is true."""
        return Labelled(**{name: values[chosen] for name, values in vars(self).items()})

    def outcomes(self, known_by_us: int) -> Numbers:
        """1 for rows known to be fraud at a moment."""
        return np.asarray(self.fraud_known_us <= known_by_us, dtype=float)


@dataclass(frozen=True)
class Part:
    """Rows with the outcomes that were known when the part was used."""

    data: Labelled
    outcomes: Numbers


@dataclass(frozen=True)
class Split:
    """Train, calibrate, test, in order of time; `everything` is for the final fit."""

    train: Part
    calibrate: Part
    test: Part
    everything: Part
    delay_us: int


def read_training_set(path: Path) -> Labelled:
    """Rows of `dataset.write_training_set`, features in the model's order."""
    table = pq.read_table(path)
    rows = np.column_stack([table[name].cast(pa.float64()).to_numpy() for name in FEATURE_NAMES])
    return Labelled(
        decision_ids=table["decision_id"].to_numpy().astype(str),
        decided_us=_instants(table["decided_at"]),
        label_known_us=_instants(table["label_known_at"]),
        fraud_known_us=_instants(table["fraud_known_at"]),
        amount_poisha=table["amount_poisha"].to_numpy(),
        is_cash=table["is_cod"].to_numpy(),
        payment_method=table["payment_method"].to_numpy().astype(str),
        rows=rows.astype(np.float64),
    )


def _instants(column: pa.ChunkedArray) -> Instants:
    micros = column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    return np.asarray(micros.fill_null(NEVER).to_numpy(), dtype=np.int64)


def split_by_time(data: Labelled) -> Split:
    """Split so that the test window is the last one whose labels have had time to arrive.

    Raises:
        NotEnoughData: a part has no rows or too few frauds.
    """
    end = int(max(data.label_known_us.max(), data.decided_us.max()))
    delay = _label_delay(data)
    test_end = end - delay
    test_start = test_end - TEST_US
    calibration_start = test_start - CALIBRATION_US
    parts = {
        "train": _part(data, int(data.decided_us.min()), calibration_start, known_by=calibration_start),
        "calibrate": _part(data, calibration_start, test_start, known_by=test_start),
        "test": _part(data, test_start, test_end, known_by=end),
        "everything": _part(data, int(data.decided_us.min()), test_end, known_by=end),
    }
    for name, part in parts.items():
        frauds = int(part.outcomes.sum())
        if frauds < LEAST_FRAUDS or frauds == len(part.outcomes):
            raise NotEnoughData(
                f"the part {name!r} has {frauds} frauds in {len(part.outcomes)} orders: wait for labels."
            )
    return Split(**parts, delay_us=delay)


def _part(data: Labelled, start: int, end: int, *, known_by: int) -> Part:
    chosen = (data.decided_us >= start) & (data.decided_us < end) & (data.label_known_us <= known_by)
    rows = data.take(chosen)
    return Part(rows, rows.outcomes(known_by))


def _label_delay(data: Labelled) -> int:
    """How long most frauds take to become known (90 %), within bounds."""
    is_fraud = data.fraud_known_us < NEVER
    delays = data.fraud_known_us[is_fraud] - data.decided_us[is_fraud]
    typical = int(np.quantile(delays, 0.9)) if len(delays) else SHORTEST_DELAY_US
    return min(max(typical, SHORTEST_DELAY_US), LONGEST_DELAY_US)
