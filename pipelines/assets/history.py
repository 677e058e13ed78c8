"""Tells Dagster which older partitions a run rebuilt beside those it was started for. Not here: rebuilding them.

A run is started for the last days, before anybody knows how far back late rows reach. Planning each of a year's
partitions of every fact costs Dagster 11 ms an event (48 s); reported afterwards in batches they cost 0.5 ms.
"""

from collections.abc import Iterable
from datetime import date

import dagster as dg
from dagster._core.events import (
    DagsterEvent,
    DagsterEventBatchMetadata,
    DagsterEventType,
    StepMaterializationData,
    generate_event_batch_id,
)


def report_partitions(context: dg.AssetExecutionContext, keys: Iterable[dg.AssetKey], days: Iterable[date]) -> None:
    """Record these dates as materialized by this run; batched where DAGSTER_EVENT_BATCH_SIZE is set."""
    dates = sorted(days)
    for key in sorted(keys):
        batch = generate_event_batch_id()  # type: ignore[no-untyped-call]
        for day in dates:
            context.instance.report_dagster_event(
                _materialized(context.job_name, key, day),
                run_id=context.run.run_id,
                batch_metadata=DagsterEventBatchMetadata(batch, is_end=day == dates[-1]),
            )


def _materialized(job: str, key: dg.AssetKey, day: date) -> DagsterEvent:
    event = dg.AssetMaterialization(key, partition=day.isoformat())
    return DagsterEvent(
        event_type_value=DagsterEventType.ASSET_MATERIALIZATION.value,
        job_name=job,
        event_specific_data=StepMaterializationData(event),
        message=f"Rebuilt {day} of {key.to_user_string()}.",
    )
