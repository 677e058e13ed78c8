"""Dagster's own settings (`dagster.yaml`): storage in PostgreSQL, one run at a time, no telemetry. Not here: definitions."""

import os
from pathlib import Path

import yaml

from foundation.settings import Settings


def instance_folder(settings: Settings) -> Path:
    """DAGSTER_HOME of this installation."""
    return settings.folder("dagster")


def write_instance(settings: Settings) -> Path:
    """Write `dagster.yaml`; its folder, which is DAGSTER_HOME."""
    folder = instance_folder(settings)
    config = {
        "storage": {"postgres": {"postgres_url": settings.postgres("getit_dagster")}},
        "local_artifact_storage": {
            "module": "dagster._core.storage.root",
            "class": "LocalArtifactStorage",
            "config": {"base_dir": str(settings.folder("dagster", "artifacts"))},
        },
        "compute_logs": {
            "module": "dagster._core.storage.local_compute_log_manager",
            "class": "LocalComputeLogManager",
            "config": {"base_dir": str(settings.folder("dagster", "logs"))},
        },
        # A run holds the ingest lock and two threads of dbt: a second one beside it would only wait.
        "concurrency": {"runs": {"max_concurrent_runs": 1}},
        "freshness": {"enabled": True},
        "telemetry": {"enabled": False},
        "retention": {
            "schedule": {"purge_after_days": {"skipped": 7, "failure": 30, "success": 7}},
            "sensor": {"purge_after_days": {"skipped": 1, "failure": 30, "success": 7}},
        },
    }
    partial = folder / "dagster.yaml.partial"
    partial.write_text(yaml.safe_dump(config, sort_keys=False))
    os.replace(partial, folder / "dagster.yaml")
    return folder
