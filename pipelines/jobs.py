"""Jobs and their schedules: the whole loop every hour, a light one (ingest and warehouse) between. Not here: assets."""

from datetime import timedelta

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from pipelines.partitions import today

LOOP = "loop"
LIGHT = "light"
# Days that a run declares as its partitions; the window it rebuilds grows by itself to every date with late rows.
OVERLAP = timedelta(days=2)
# Runs with this tag train only models that are due; a run started by hand trains what it was asked for.
WHEN_DUE = {"getit/train": "when_due"}


def loop_jobs() -> list[UnresolvedAssetJobDefinition]:
    """The whole loop, and the light one."""
    light = dg.AssetSelection.key_prefixes(["raw"], ["staging"], ["intermediate"], ["marts"])
    return [
        dg.define_asset_job(LOOP, dg.AssetSelection.all(), executor_def=dg.in_process_executor),
        dg.define_asset_job(LIGHT, light, executor_def=dg.in_process_executor),
    ]


def schedules() -> list[dg.ScheduleDefinition]:
    """Every hour the whole loop, every ten minutes between the light one."""
    loop = _schedule(LOOP, "5 * * * *", "Everything from ingest to bundles, every hour.")
    light = _schedule(LIGHT, "15,25,35,45,55 * * * *", "Ingest and warehouse between two loops.")
    return [loop, light]


def partition_tags(days: int | None = None) -> dict[str, str]:
    """Tags that make a run cover the last days up to today in one go."""
    last = today()
    first = last - (OVERLAP if days is None else timedelta(days=days - 1))
    return range_tags(first.isoformat(), last.isoformat())


def range_tags(first: str, last: str) -> dict[str, str]:
    """Tags of a run over a range of partitions."""
    return {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}


def _schedule(job: str, cron: str, description: str) -> dg.ScheduleDefinition:
    def request(_: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(tags={**partition_tags(), **WHEN_DUE})

    return dg.ScheduleDefinition(
        name=f"{job}_schedule",
        job_name=job,
        cron_schedule=cron,
        execution_timezone="Asia/Dhaka",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        execution_fn=request,
        description=description,
    )
