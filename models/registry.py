"""MLflow, the one place that knows it: a run with its metrics beside the baselines', a model version, its alias.

Works with a tracking server or a local store. Not here: training, gating, what serving loads (bundles).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.bundle import PAYLOAD
from models.family import BundleRef, Candidate, Gate

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.tracking import MlflowClient

REGISTERED = {"fraud": "getit-fraud", "demand": "getit-demand", "supply": "getit-supply"}
REQUIREMENTS = ("lightgbm", "numpy")


@dataclass(frozen=True, kw_only=True)
class RegisteredVersion:
    """Where a candidate stands in the registry."""

    name: str
    version: str
    run_id: str
    alias: str


def record(
    candidate: Candidate, gate: Gate, bundle: BundleRef, *, tracking_uri: str, run_id: str = "by hand"
) -> RegisteredVersion:
    """Log a candidate once and set its alias: `champion` if its bundle is, else `challenger`."""
    mlflow = _mlflow(tracking_uri)
    client = mlflow.MlflowClient(tracking_uri)
    name = REGISTERED[candidate.family]
    known = _find(client, name, candidate.version)
    version, mlflow_run = known or _log(mlflow, client, candidate, gate, run_id)
    alias = "champion" if bundle.is_champion else "challenger"
    client.set_registered_model_alias(name, alias, version)
    return RegisteredVersion(name=name, version=version, run_id=mlflow_run, alias=alias)


def _mlflow(tracking_uri: str) -> Any:
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("DO_NOT_TRACK", "true")
    import mlflow

    mlflow.set_tracking_uri(tracking_uri)
    return mlflow


def _find(client: "MlflowClient", name: str, version: str) -> tuple[str, str] | None:
    found = client.search_model_versions(f"name = '{name}' and tags.bundle_version = '{version}'")
    return (str(found[0].version), str(found[0].run_id)) if found else None


def _log(mlflow: Any, client: "MlflowClient", candidate: Candidate, gate: Gate, made_by: str) -> tuple[str, str]:
    name = REGISTERED[candidate.family]
    mlflow.set_experiment(name)
    with mlflow.start_run(run_name=candidate.version) as run:
        mlflow.log_params(dict(candidate.parameters))
        mlflow.log_metrics({**candidate.metrics, **_baseline_metrics(candidate.baselines)})
        mlflow.set_tags(
            {
                "family": candidate.family, "data_version": candidate.data_version, "is_promoted": gate.is_passed,
                "pipeline_run": made_by,
            }
        )  # fmt: skip
        mlflow.log_text(candidate.card, "card.md")
        mlflow.log_text(json.dumps({"is_passed": gate.is_passed, "reasons": gate.reasons}, indent=1), "gate.json")
        mlflow.log_artifacts(str(candidate.folder / PAYLOAD), "bundle")
        source = _log_booster(mlflow, candidate)
    _ensure_registered(client, name, candidate.family)
    version = _create_version(client, name, candidate, run, source)
    return version, str(run.info.run_id)


def _baseline_metrics(baselines: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    return {
        f"baseline.{name}.{metric}": value for name, values in baselines.items() for metric, value in values.items()
    }


def _log_booster(mlflow: Any, candidate: Candidate) -> tuple[str, str | None] | None:
    """Log the raw Booster; its URI and model id. The signature is explicit: inferring requirements takes 10 seconds."""
    file_name, names = candidate.details.get("booster"), candidate.details.get("features")
    if not isinstance(file_name, str) or not isinstance(names, list):
        return None
    import lightgbm as lgb
    import mlflow.lightgbm
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    inputs = Schema([ColSpec(DataType.double, str(name)) for name in names])
    signature = ModelSignature(inputs=inputs, outputs=Schema([ColSpec(DataType.double)]))
    booster = lgb.Booster(model_file=str(candidate.folder / PAYLOAD / file_name))
    logged = mlflow.lightgbm.log_model(booster, name="model", signature=signature, pip_requirements=list(REQUIREMENTS))
    return str(logged.model_uri), getattr(logged, "model_id", None)


def _ensure_registered(client: "MlflowClient", name: str, family: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name, description=f"GetIt's {family} model. Serving loads its bundle, not this.")
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _create_version(
    client: "MlflowClient", name: str, candidate: Candidate, run: "Run", source: tuple[str, str | None] | None
) -> str:
    uri, model_id = source or (f"{run.info.artifact_uri}/bundle", None)
    version = client.create_model_version(
        name,
        uri,
        run_id=run.info.run_id,
        model_id=model_id,
        description=candidate.card.splitlines()[0].lstrip("# "),
        tags={"bundle_version": candidate.version, "data_version": candidate.data_version},
    )
    for metric, value in candidate.metrics.items():
        client.set_model_version_tag(name, version.version, f"metric.{metric}", f"{value:.6g}")
    return str(version.version)


def logged_model_folder(name: str, alias: str, *, tracking_uri: str, target: Path) -> Path:
    """Download the model behind an alias, as `mlflow models serve` would take it."""
    mlflow = _mlflow(tracking_uri)
    return Path(mlflow.artifacts.download_artifacts(artifact_uri=f"models:/{name}@{alias}", dst_path=str(target)))
