"""Assets of a model family: training set, model, gate (a blocking check), bundle, outputs. Not here: any algorithm.

Wired once, over the list `models.families.families()`: a new family appears in Dagster by being in that list.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from foundation.clock import system_clock
from foundation.settings import Settings
from models import registry
from models.family import Family, Gate, NotEnoughData
from pipelines import candidates
from pipelines.assets.lake import lake_key
from pipelines.automation import MODEL_FRESHNESS, follow_the_training_set, retrain_when_old
from pipelines.outputs import record_version, write_tables
from pipelines.retries import judged
from pipelines.stamps import run_id

GATE = "beats_its_baselines"
Result = dg.MaterializeResult[None]


def model_key(family: Family | str, part: str) -> dg.AssetKey:
    """Asset of one part of a family."""
    return dg.AssetKey(["models", family if isinstance(family, str) else family.name, part])


def family_assets(family: Family) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """The chain of one family."""
    return [
        _training_set(family),
        _model(family),
        _gate(family),
        _bundle(family),
        _registered(family),
        _outputs(family),
    ]


def exported_marts(families: Sequence[Family]) -> list[str]:
    """Marts that any family reads."""
    return sorted({mart for family in families for mart in family.marts})


def _training_set(family: Family) -> dg.AssetsDefinition:
    deps = [lake_key(mart) for mart in family.marts] + [model_key(need, "bundle") for need in family.needs]
    # Skippable: with too little history there is nothing to do, which is no failure.
    spec = dg.AssetSpec(
        model_key(family, "training_set"), deps=deps, skippable=True, group_name=family.name, kinds={"parquet"},
        freshness_policy=MODEL_FRESHNESS, automation_condition=retrain_when_old(),
    )  # fmt: skip

    @dg.multi_asset(name=f"{family.name}_training_set", specs=[spec])
    @judged
    def training_set(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[Result]:
        folder = candidates.work_folder(settings, family.name)
        try:
            dataset = family.prepare(settings.folder("lake"), folder, system_clock())
        except NotEnoughData as reason:
            context.log.warning(str(reason))
            return
        candidates.keep_dataset(folder, dataset)
        yield Result(asset_key=spec.key, metadata={"path": str(dataset), "bytes": dataset.stat().st_size})

    return training_set


def _model(family: Family) -> dg.AssetsDefinition:
    @dg.asset(
        name="model",
        key_prefix=["models", family.name],
        deps=[model_key(family, "training_set")],
        group_name=family.name,
        kinds={"lightgbm"},
        op_tags={"family": family.name},
        freshness_policy=MODEL_FRESHNESS,
        automation_condition=follow_the_training_set(),
    )
    @judged
    def model(settings: dg.ResourceParam[Settings]) -> Result:
        folder = candidates.work_folder(settings, family.name)
        candidate = family.train(candidates.read_dataset(folder), folder, settings.demo_seed)
        candidates.keep_candidate(folder, candidate)
        return Result(
            data_version=dg.DataVersion(candidate.data_version),
            metadata={
                "version": candidate.version,
                "card": dg.MetadataValue.md(candidate.card),
                **_numbers(candidate.metrics),
                **{
                    f"{name}: {key}": value
                    for name, found in candidate.baselines.items()
                    for key, value in found.items()
                },
            },
        )

    return model


def _gate(family: Family) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=model_key(family, "model"),
        name=GATE,
        blocking=True,
        description="A candidate that loses to a naive baseline is not published. Losing to the present champion is no "
        "failure: the champion stays.",
    )
    @judged
    def gate(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
        folder = candidates.work_folder(settings, family.name)
        candidate = candidates.read_candidate(folder)
        verdict = family.gate(candidate, candidates.champion_bundle(settings, family.name))
        candidates.keep_gate(folder, candidate.version, verdict)
        return dg.AssetCheckResult(
            passed=verdict.is_passed or loses_only_to_champion(verdict),
            metadata={
                "version": candidate.version,
                "becomes_champion": verdict.is_passed,
                "reasons": list(verdict.reasons),
                **{
                    f"{found.metric} against {found.against}": f"{found.candidate:.4f} : {found.value:.4f}"
                    for found in verdict.comparisons
                },
            },
        )

    return gate


def loses_only_to_champion(gate: Gate) -> bool:
    """Whether every comparison that failed was with the champion."""
    failed = [found.against for found in gate.comparisons if not found.is_passed]
    return bool(failed) and all(against.startswith("champion") for against in failed)


def _bundle(family: Family) -> dg.AssetsDefinition:
    @dg.asset(
        name="bundle",
        key_prefix=["models", family.name],
        deps=[model_key(family, "model")],
        group_name=family.name,
        automation_condition=follow_the_training_set(),
    )
    @judged
    def bundle(settings: dg.ResourceParam[Settings]) -> Result:
        folder = candidates.work_folder(settings, family.name)
        candidate = candidates.read_candidate(folder)
        gate = candidates.read_gate(folder, candidate.version)
        published = family.publish(candidate, gate, settings.home.absolute())
        candidates.keep_bundle(folder, published)
        record_version(settings, candidate, published)
        return Result(
            data_version=dg.DataVersion(candidate.data_version),
            metadata={
                "version": published.version,
                "is_champion": published.is_champion,
                "folder": str(published.folder),
            },
        )

    return bundle


def _registered(family: Family) -> dg.AssetsDefinition:
    """Apart from the bundle, so that serving gets its model whether or not MLflow is there to hear of it."""

    @dg.asset(
        name="registered_version",
        key_prefix=["models", family.name],
        deps=[model_key(family, "bundle")],
        group_name=family.name,
        kinds={"mlflow"},
        automation_condition=follow_the_training_set(),
    )
    @judged
    def registered_version(settings: dg.ResourceParam[Settings]) -> Result:
        folder = candidates.work_folder(settings, family.name)
        candidate = candidates.read_candidate(folder)
        gate = candidates.read_gate(folder, candidate.version)
        bundle = candidates.read_bundle(folder, candidate.version)
        entry = registry.record(candidate, gate, bundle, tracking_uri=settings.mlflow, run_id=run_id())
        return Result(
            data_version=dg.DataVersion(candidate.data_version),
            metadata={"name": entry.name, "version": entry.version, "alias": entry.alias},
        )

    return registered_version


def _outputs(family: Family) -> dg.AssetsDefinition:
    @dg.asset(
        name="outputs",
        key_prefix=["models", family.name],
        deps=[model_key(family, "bundle")],
        group_name=family.name,
        automation_condition=follow_the_training_set(),
    )
    @judged
    def outputs(settings: dg.ResourceParam[Settings]) -> Result:
        candidate = candidates.read_candidate(candidates.work_folder(settings, family.name))
        written = write_tables(settings, family.outputs(candidate), data_version=candidate.data_version)
        return Result(
            data_version=dg.DataVersion(candidate.data_version),
            metadata={f"rows of {name}": rows for name, rows in written.items()},
        )

    return outputs


def _numbers(metrics: Mapping[str, float]) -> dict[str, Any]:
    return {name: float(value) for name, value in metrics.items()}
