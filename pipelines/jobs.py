"""Jobs and their schedules: the whole loop every hour, a light one (ingest and warehouse) between, upkeep at night.

Not here: assets, retries.
"""

from collections.abc import Iterable
from datetime import timedelta

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from foundation.clock import DHAKA, system_clock
from foundation.settings import Settings
from pipelines import candidates
from pipelines.assets.upkeep import UPKEEP
from pipelines.automation import RETRAIN_AFTER
from pipelines.partitions import today
from pipelines.retries import POLICY, recent_outcomes, waits_until

LOOP = "loop"
LIGHT = "light"
MODELS = "models"
# Days that a run declares as its partitions; the window it rebuilds grows by itself to every date with late rows.
OVERLAP = timedelta(days=2)


def loop_jobs() -> list[UnresolvedAssetJobDefinition]:
    """The whole loop, and the light one."""
    light = dg.AssetSelection.key_prefixes(["raw"], ["staging"], ["intermediate"], ["marts"])
    return [
        dg.define_asset_job(name, selection, executor_def=dg.in_process_executor, op_retry_policy=POLICY)
        for name, selection in ((LOOP, dg.AssetSelection.all()), (LIGHT, light))
    ]


def schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """Every hour the whole loop, every ten minutes between the light one, at night the upkeep of the lake."""
    loop = _schedule(settings, LOOP, "5 * * * *", "Everything from ingest to bundles, every hour; models when due.")
    light = _schedule(settings, LIGHT, "15,25,35,45,55 * * * *", "Ingest and warehouse between two loops.")
    return [loop, light, _nightly()]


def due_keys(settings: Settings, keys: Iterable[dg.AssetKey]) -> list[dg.AssetKey]:
    """The assets without the chains of models that were trained not long ago: what is not due is not even planned."""
    now, found = system_clock(), list(keys)
    names = {key.path[1] for key in found if key.path[0] == MODELS}
    waiting = {name for name in names if not candidates.is_due(settings, name, now, after=RETRAIN_AFTER)}
    return sorted(key for key in found if key.path[0] != MODELS or key.path[1] not in waiting)


def partition_tags(days: int | None = None) -> dict[str, str]:
    """Tags that make a run cover the last days up to today in one go."""
    last = today()
    first = last - (OVERLAP if days is None else timedelta(days=days - 1))
    return range_tags(first.isoformat(), last.isoformat())


def range_tags(first: str, last: str) -> dict[str, str]:
    """Tags of a run over a range of partitions."""
    return {ASSET_PARTITION_RANGE_START_TAG: first, ASSET_PARTITION_RANGE_END_TAG: last}


def _nightly() -> dg.ScheduleDefinition:
    def request(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        return _pause(context, UPKEEP, (UPKEEP,)) or dg.RunRequest()

    return dg.ScheduleDefinition(
        name=f"{UPKEEP}_schedule", job_name=UPKEEP, cron_schedule="30 3 * * *", execution_timezone="Asia/Dhaka",
        default_status=dg.DefaultScheduleStatus.RUNNING, execution_fn=request,
        description="The lake's batches merged into its tables, every night.",
    )  # fmt: skip


def _pause(context: dg.ScheduleEvaluationContext, job: str, together: tuple[str, ...]) -> dg.SkipReason | None:
    """Why a tick is skipped after failed runs."""
    until = waits_until(job, recent_outcomes(context.instance, together))
    if until is None or system_clock() >= until:
        return None
    return dg.SkipReason(f"Runs failed: tried again from {until.astimezone(DHAKA):%Y-%m-%d %H:%M} (Dhaka).")


def _schedule(settings: Settings, job: str, cron: str, description: str) -> dg.ScheduleDefinition:
    def request(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        pause = _pause(context, job, (LOOP, LIGHT))
        if pause is not None:
            return pause
        assert context.repository_def is not None
        keys = context.repository_def.get_job(job).asset_layer.selected_asset_keys
        return dg.RunRequest(tags=partition_tags(), asset_selection=due_keys(settings, keys))

    return dg.ScheduleDefinition(
        name=f"{job}_schedule",
        job_name=job,
        cron_schedule=cron,
        execution_timezone="Asia/Dhaka",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        execution_fn=request,
        description=description,
    )
