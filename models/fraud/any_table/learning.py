"""Learning from a table: parts in order of time that respect when labels were known, boosters, calibration.

Negatives may be thinned out; probabilities are set right by the exact correction of the prior (Elkan 2001, theorem 2) before
the isotonic map. Not here: reading, judging.
"""

from collections.abc import Callable
from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.fraud.any_table.history import history, spelled
from models.fraud.any_table.mapping import Parts, TableRefused
from models.fraud.any_table.reading import Table, quoted
from models.fraud.calibration import Calibration, Numbers
from models.fraud.isotonic import fit_isotonic

Flags = npt.NDArray[np.bool_]
BAGS, MOST_ROUNDS, PATIENCE = 3, 1500, 80
#: With more honest rows than this, some of them are left out of the boosters' data.
MOST_NEGATIVES = 400_000
LEAST_FRAUDS = 10
PARAMETERS: dict[str, str | int | float | bool] = {
    "objective": "binary", "metric": "average_precision", "learning_rate": 0.03, "num_leaves": 15, "min_data_in_leaf": 40,
    "feature_fraction": 0.5, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 10.0, "max_bin": 255,
    "cat_smooth": 20.0, "num_threads": 2, "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip


@dataclass(frozen=True)
class Data:
    """Rows in order of time. `rows` float32 (n, inputs); categories are codes, NaN where unknown; times in microseconds."""

    rows: npt.NDArray[np.float32]
    names: tuple[str, ...]
    labels: tuple[str, ...]
    categories: dict[str, list[str]]
    ids: npt.NDArray[np.str_]
    at_us: npt.NDArray[np.int64]
    known_us: npt.NDArray[np.int64]
    amount: Numbers
    is_fraud: Numbers
    is_labelled: Flags

    def __len__(self) -> int:
        return len(self.at_us)


@dataclass(frozen=True)
class Split:
    """Which rows teach, calibrate and judge."""

    train: Flags
    calibrate: Flags
    test: Flags
    test_from_us: int


@dataclass(frozen=True)
class Model:
    """Boosters with the same calibration; probability = calibration(mean of their corrected outputs)."""

    boosters: tuple[lgb.Booster, ...]
    kept: float
    calibration: Calibration

    def raw(self, rows: npt.NDArray[np.float32]) -> Numbers:
        """Mean of the boosters, with the prior set right, before the isotonic map."""
        mean = np.mean([np.asarray(booster.predict(rows, num_threads=2)) for booster in self.boosters], axis=0)
        return np.asarray(self.kept * mean / (self.kept * mean + 1 - mean))

    def probability(self, rows: npt.NDArray[np.float32]) -> Numbers:
        """Calibrated probability of fraud."""
        return self.calibration.apply(self.raw(rows))


def assemble(table: Table, categories: dict[str, list[str]] | None = None) -> Data:
    """Inputs of every row. `categories` of a model that exists keep their codes; else the values of this table get some."""
    base = table.database.sql(
        "select _id, epoch_us(_at) as at, coalesce(epoch_us(_known_at), 9223372036854775807) as known, _amount / 100.0 as amount,"
        " coalesce(_is_fraud, false) as is_fraud, _is_fraud is not null as is_labelled from rows order by _row_no"
    ).to_arrow_table()
    known = categories if categories is not None else {name: _values(table, name) for name in table.categories}
    told = history(table)
    width = len(told.column_names) + len(table.numbers) + len(known)
    rows = np.empty((base.num_rows, width), dtype=np.float32)
    names = [*told.column_names, *table.numbers, *known]
    for place, name in enumerate(told.column_names):
        rows[:, place] = _float(told[name])
    for place, name in enumerate(table.numbers, start=len(told.column_names)):
        rows[:, place] = _float(_column(table, f"try_cast({quoted(name)} as float)"))
    for place, (name, values) in enumerate(known.items(), start=width - len(known)):
        rows[:, place] = _codes(_column(table, f"{quoted(name)}::varchar"), values)
    labels = tuple(spelled(name, table.mapping.entities) for name in names)
    return Data(
        rows, tuple(f"input_{place}" for place in range(width)), labels, known, base["_id"].to_numpy().astype(str),
        base["at"].to_numpy(), base["known"].to_numpy(), base["amount"].to_numpy(),
        base["is_fraud"].to_numpy(zero_copy_only=False).astype(float), base["is_labelled"].to_numpy(zero_copy_only=False),
    )  # fmt: skip


def _column(table: Table, expression: str) -> pa.ChunkedArray:
    return table.database.sql(f"select {expression} as v from rows order by _row_no").to_arrow_table()["v"]


def _float(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    return np.asarray(column.cast(pa.float32()).to_numpy(), dtype=np.float32)


def _values(table: Table, name: str) -> list[str]:
    """Values of a category, the frequent first."""
    found = table.database.execute(
        f"select {quoted(name)}::varchar from rows where {quoted(name)} is not null group by 1 order by count(*) desc, 1 limit 2000"
    ).fetchall()
    return [str(row[0]) for row in found]


def _codes(column: pa.ChunkedArray, values: list[str]) -> npt.NDArray[np.float32]:
    codes = pc.index_in(column, value_set=pa.array(values, pa.string()))
    return np.asarray(codes.cast(pa.float32()).fill_null(float("nan")).to_numpy(), dtype=np.float32)


def split_by_time(data: Data, parts: Parts) -> Split:
    """Parts in order of time; whoever teaches has a label that was known before the next part began.

    Raises:
        TableRefused: a part has too few frauds.
    """
    labelled = data.at_us[data.is_labelled]
    test_from = int(np.quantile(labelled, 1 - parts.test))
    if parts.test_from is not None:
        test_from = int(parts.test_from.timestamp() * 1e6)
    before = labelled[labelled < test_from]
    if not len(before):
        raise TableRefused("split.test_from lies before every row: choose a later moment.")
    calibrate_from = int(np.quantile(before, 1 - parts.calibrate))
    train = data.is_labelled & (data.known_us <= calibrate_from) & (data.at_us < calibrate_from)
    calibrate = (
        data.is_labelled & (data.at_us >= calibrate_from) & (data.at_us < test_from) & (data.known_us <= test_from)
    )
    test = data.is_labelled & (data.at_us >= test_from)
    for name, chosen in (("train", train), ("calibrate", calibrate), ("test", test)):
        frauds = int(data.is_fraud[chosen].sum())
        if frauds < LEAST_FRAUDS or frauds == chosen.sum():
            raise TableRefused(
                f"the part {name!r} has {frauds} frauds in {int(chosen.sum())} rows; change `split` or `label.delay`."
            )
    return Split(train, calibrate, test, test_from)


def fit(data: Data, split: Split, seed: int, progress: Callable[[str], None]) -> Model:
    """Boosters of the training part, stopped and calibrated on the next one."""
    chosen, kept = _thinned(data, split.train, seed)
    held_out, outcomes = data.rows[split.calibrate], data.is_fraud[split.calibrate]
    taught = _dataset(data, chosen)
    watched = taught.create_valid(held_out, outcomes)
    boosters = []
    for bag in range(BAGS):
        progress(f"booster {bag + 1} of {BAGS}")
        boosters.append(
            lgb.train(
                {**PARAMETERS, "seed": seed + bag}, taught, num_boost_round=MOST_ROUNDS, valid_sets=[watched],
                callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
            )
        )  # fmt: skip
    plain = Model(tuple(boosters), kept, Calibration((0.0, 1.0), (0.0, 1.0)))
    return Model(plain.boosters, kept, fit_isotonic(plain.raw(held_out), outcomes))


def refit(data: Data, model: Model, seed: int, progress: Callable[[str], None]) -> Model:
    """The model that is kept: the same rounds on everything labelled, the calibration as it was found."""
    chosen, kept = _thinned(data, data.is_labelled, seed)
    taught, boosters = _dataset(data, chosen), []
    for bag, booster in enumerate(model.boosters):
        progress(f"final booster {bag + 1} of {len(model.boosters)}")
        boosters.append(lgb.train({**PARAMETERS, "seed": seed + bag}, taught, num_boost_round=booster.num_trees()))
    return Model(tuple(boosters), kept, model.calibration)


def _dataset(data: Data, chosen: Flags) -> lgb.Dataset:
    places = [place for place in range(len(data.names)) if place >= len(data.names) - len(data.categories)]
    return lgb.Dataset(
        data.rows[chosen], data.is_fraud[chosen], feature_name=list(data.names), categorical_feature=places or "auto",
        free_raw_data=True,
    )  # fmt: skip


def _thinned(data: Data, chosen: Flags, seed: int) -> tuple[Flags, float]:
    """The chosen rows with honest ones left out above the limit; share of the honest that stayed."""
    honest = chosen & (data.is_fraud == 0)
    many = int(honest.sum())
    if many <= MOST_NEGATIVES:
        return chosen, 1.0
    stays = np.random.default_rng(seed).random(len(data)) < MOST_NEGATIVES / many
    thinned = chosen & ((data.is_fraud == 1) | stays)
    return thinned, float((thinned & honest).sum() / many)
