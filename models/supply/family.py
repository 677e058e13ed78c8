"""Supply as the pipelines see it: prepare, train, gate, outputs, publish. Not here: how any of it is computed."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from foundation.clock import Clock, system_clock
from models import bundle
from models.demand.answers import FAMILY as DEMAND
from models.family import BundleRef, Candidate, Comparison, Gate, NotEnoughData
from models.supply.answers import FAMILY, PROPOSALS

if TYPE_CHECKING:
    import pyarrow as pa

    from models.supply.dataset import SupplySet
    from models.supply.simulation import Outcome
    from models.supply.training import Trained

BASELINE = "moving_average_order_up_to"


@dataclass(frozen=True)
class SupplyFamily:
    """Order-up-to levels from forecast demand and lead times, the safety factor learned by replay."""

    name: str = FAMILY
    needs: tuple[str, ...] = (DEMAND,)
    marts: tuple[str, ...] = ("fct_stock", "fct_sales_daily_product")
    clock: Clock = system_clock

    def prepare(self, lake: Path, workdir: Path, as_of: datetime) -> Path:  # noqa: ARG002
        """Stock and terms joined with demand's champion, which carries its own date."""
        from models.supply.dataset import write_training_set

        demand = bundle.champion_folder(lake.parent, DEMAND)
        if demand is None:
            raise NotEnoughData("There is no demand forecast yet: train and publish demand first.")
        workdir.mkdir(parents=True, exist_ok=True)
        return write_training_set(lake, demand, workdir / "training_set.parquet")

    def train(self, dataset: Path, workdir: Path, seed: int) -> Candidate:
        """Choose the safety factor on earlier weeks, judge it on later ones, propose orders."""
        from models.supply.dataset import read_training_set
        from models.supply.training import train

        trained_at = self.clock()
        data_version = bundle.file_sha256(dataset)[:16]
        version = bundle.version_name(trained_at, data_version)
        found = read_training_set(dataset)
        trained = train(found)
        folder = workdir / version
        _write_files(folder, found, trained, trained_at.date())
        return Candidate(
            family=FAMILY,
            version=version,
            folder=folder,
            metrics=_metrics(trained.ours) | {"proposals": float(len(trained.proposals.rows))},
            baselines={BASELINE: _metrics(trained.baseline)},
            parameters={"safety_factor": trained.factor, "items": trained.items, "seed": seed},
            card=_card(trained),
            data_version=data_version,
            trained_at=trained_at,
            details={"manifest": {"as_of_on": trained_at.date().isoformat()}},
        )

    def gate(self, candidate: Candidate, champion_bundle: Path | None) -> Gate:  # noqa: ARG002 - the protocol's shape  # noqa: ARG002
        """Cheaper than moving-average order-up-to on the same weeks; proposals age by the day, so no champion is kept."""
        ours, theirs = candidate.metrics["taka_a_week_item"], candidate.baselines[BASELINE]["taka_a_week_item"]
        comparison = Comparison(metric="taka_a_week_item", candidate=ours, against=BASELINE, value=theirs,
                                is_passed=ours < theirs)  # fmt: skip
        verdict = "cheaper than" if comparison.is_passed else "not cheaper than"
        reason = f"{ours:.4f} taka a week and item: {verdict} {BASELINE} with {theirs:.4f}"
        return Gate(is_passed=comparison.is_passed, reasons=(reason,), comparisons=(comparison,))

    def outputs(self, candidate: Candidate) -> "dict[str, pa.Table]":
        """Proposals, and both policies side by side."""
        import pyarrow.parquet as pq

        folder = candidate.folder / "outputs"
        return {name: pq.read_table(folder / f"{name}.parquet") for name in ("supply_proposal", "supply_backtest")}

    def publish(self, candidate: Candidate, gate: Gate, home: Path) -> BundleRef:
        """Write the bundle; champion if the gate was passed."""
        return bundle.publish(candidate, gate, home)


def _metrics(outcome: "Outcome") -> dict[str, float]:
    return {
        "taka_a_week_item": outcome.taka_a_week_item,
        "fill_ratio": outcome.fill_ratio,
        "mean_stock_units": outcome.mean_stock_units,
    }


def _write_files(folder: Path, found: "SupplySet", trained: "Trained", as_of_on: date) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    payload, outputs = folder / bundle.PAYLOAD, folder / "outputs"
    payload.mkdir(parents=True, exist_ok=True)
    outputs.mkdir(parents=True, exist_ok=True)
    rows = _proposal_rows(found, trained)
    (payload / PROPOSALS).write_text(json.dumps(rows))
    (payload / "parameters.json").write_text(json.dumps({"safety_factor": trained.factor}))
    table = pa.Table.from_pylist([{**row, "as_of_on": as_of_on} for row in rows], schema=_schema())
    pq.write_table(table, outputs / "supply_proposal.parquet")
    methods = {"getit": trained.ours, BASELINE: trained.baseline}
    judged = [{"method": name, **_metrics(outcome), "items": trained.items} for name, outcome in methods.items()]
    pq.write_table(pa.Table.from_pylist(judged), outputs / "supply_backtest.parquet")


def _schema() -> "pa.Schema":
    import pyarrow as pa

    words = {"offer_id", "product_id", "seller_id", "reason"}
    whole = {"expected_cost_poisha"}
    names = (
        "offer_id", "product_id", "seller_id", "on_hand", "reserved", "reorder_point", "safety_stock",
        "proposed_quantity", "expected_cost_poisha", "reason",
    )  # fmt: skip
    kinds = [(n, pa.string() if n in words else pa.int64() if n in whole else pa.float64()) for n in names]
    return pa.schema([*kinds, ("as_of_on", pa.date32())])


def _proposal_rows(found: "SupplySet", trained: "Trained") -> list[dict[str, str | float | int]]:
    proposals = trained.proposals
    rows: list[dict[str, str | float | int]] = []
    for place, row in enumerate(proposals.rows):
        available = float(found.on_hand[row] - found.reserved[row])
        rows.append(
            {
                "offer_id": str(found.offer_ids[row]),
                "product_id": str(found.product_ids[row]),
                "seller_id": str(found.seller_ids[row]),
                "on_hand": float(found.on_hand[row]),
                "reserved": float(found.reserved[row]),
                "reorder_point": round(float(proposals.reorder_point[place]), 2),
                "safety_stock": round(float(proposals.safety[place]), 2),
                "proposed_quantity": float(proposals.quantity[place]),
                "expected_cost_poisha": int(proposals.cost_poisha[place]),
                "reason": "out_of_stock" if available <= 0 else "at_or_below_reorder_point",
            }
        )
    return sorted(rows, key=lambda found_row: (-float(found_row["expected_cost_poisha"]), str(found_row["offer_id"])))


def _card(trained: "Trained") -> str:
    ours, theirs = trained.ours, trained.baseline
    return "\n".join(
        (
            "# GetIt supply: safety stock and reorder proposals",
            "",
            f"Replay of real weekly demand over {trained.items} offers, four weeks not used for choosing: "
            f"{ours.taka_a_week_item:.2f} taka a week and item at {ours.fill_ratio:.1%} of demand met; {BASELINE}"
            f" {theirs.taka_a_week_item:.2f} at {theirs.fill_ratio:.1%}.",
            "",
            f"Safety factor {trained.factor:g}, chosen on the four weeks before. Sales stand for demand: what was out of"
            " stock then is not counted. Lead times and costs of the demonstration data are assigned by rule.",
        )
    )
