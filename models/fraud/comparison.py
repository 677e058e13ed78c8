"""Champion against candidate on orders that neither had seen when it learned. Nothing else."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.bundle import Bundle, BundleRefused, read_bundle
from models.features.catalogue import FEATURE_NAMES
from models.fraud.calibration import Calibration, Numbers
from models.fraud.costs import CostTable, realised_cost
from models.fraud.scorer import BOOSTER, FAMILY

LEAST_ORDERS = 300
LEAST_FRAUDS = 10


@dataclass(frozen=True)
class Duel:
    """Taka lost an order by each on the same orders."""

    candidate: float
    champion: float
    orders: int


def duel(champion: Path, test_window: Path, costs: CostTable) -> Duel | None:
    """Compare on the part of the test window that is younger than what the champion learned from.

    Returns:
        None where that part is too small to tell.

    Raises:
        BundleRefused: the champion wants features that are not made any more, or is damaged.
    """
    bundle = read_bundle(champion, family=FAMILY, features=FEATURE_NAMES)
    learned_until = datetime.fromisoformat(bundle.manifest["learned_until"])
    table = pq.read_table(test_window)
    unseen = np.asarray(table["decided_at"].cast(pa.int64()).to_numpy() > learned_until.timestamp() * 1e6)
    table = table.filter(pa.array(unseen))
    outcomes = table["is_fraud"].to_numpy(zero_copy_only=False).astype(float)
    if len(outcomes) < LEAST_ORDERS or outcomes.sum() < LEAST_FRAUDS:
        return None
    theirs = _probability(bundle, table)
    ours = table["candidate_probability"].to_numpy()
    lost = [_taka_an_order(costs, probability, outcomes, table) for probability in (ours, theirs)]
    return Duel(candidate=lost[0], champion=lost[1], orders=len(outcomes))


def _probability(bundle: Bundle, table: pa.Table) -> Numbers:
    import lightgbm as lgb

    rows = np.column_stack([table[name].to_numpy() for name in bundle.feature_names])
    try:
        booster = lgb.Booster(model_file=str(bundle.path(BOOSTER)))
        calibration = Calibration.from_json(bundle.manifest["calibration"])
    except (lgb.basic.LightGBMError, ValueError, KeyError) as error:
        raise BundleRefused(f"{bundle.folder} cannot be scored: publish a new champion.") from error
    return calibration.apply(np.asarray(booster.predict(rows, num_threads=2)))


def _taka_an_order(costs: CostTable, probability: Numbers, outcomes: Numbers, table: pa.Table) -> float:
    amount, is_cash = table["amount_poisha"].to_numpy(), table["is_cod"].to_numpy()
    lost = realised_cost(costs, probability, outcomes, amount_poisha=amount, is_cash=is_cash)
    return lost / 100 / len(outcomes)
