"""The nightly job: raw batches of the lake merged into its tables, old ones deleted. Not here: how (`ingest.compact`)."""

import dagster as dg

from foundation.settings import Settings
from pipelines import store
from pipelines.ingest.compact import compact_all
from pipelines.retries import POLICY, judged

UPKEEP = "upkeep"


@dg.op
@judged
def compact_lake(context: dg.OpExecutionContext, settings: dg.ResourceParam[Settings]) -> None:
    """Compact every table of the lake; a table that died half-way is as it was."""
    for name, rows, gone in compact_all(settings.folder("lake")):
        context.log.info("%s: %s rows, %s batches deleted", name, rows, gone)
    written = store.publish(settings, store.TABLES)
    if written:
        context.log.info("%s files published", written)


@dg.job(name=UPKEEP, executor_def=dg.in_process_executor, op_retry_policy=POLICY)
def upkeep() -> None:
    """Keep the lake small and quick to read."""
    compact_lake()
