"""One run at a time: waits for a run in progress, ends those whose process is gone. Not here: the queue of scheduled runs.

Dagster's daemon counts the runs it finds in progress, also those started by `python -m pipelines.run`; whoever starts
one by hand waits here. A machine that died leaves runs "in progress" for ever, which would block both.
"""

import time
from collections.abc import Callable

import dagster as dg
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES

POLL_S = 1.0
MOST_WAIT_S = 3600.0


class AnotherRun(RuntimeError):
    """A run is in progress and does not end."""


def in_progress(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Runs that have started and not ended; queued ones are not among them."""
    return list(instance.get_runs(dg.RunsFilter(statuses=list(IN_PROGRESS_RUN_STATUSES))))


def wait_for_turn(instance: dg.DagsterInstance, say: Callable[[str], None], *, most_s: float = MOST_WAIT_S) -> None:
    """Return once no run is in progress.

    Raises:
        AnotherRun: one still is after `most_s` seconds.
    """
    started, told = time.monotonic(), set[str]()
    while runs := in_progress(instance):
        first = runs[-1]
        if first.run_id not in told:
            told.add(first.run_id)
            say(f"waiting for run {first.run_id} of job {first.job_name}")
        if time.monotonic() - started > most_s:
            raise AnotherRun(
                f"Run {first.run_id} of job {first.job_name} does not end. Terminate it in Dagster, or stop and start GetIt."
            )
        time.sleep(POLL_S)


def end_orphans(instance: dg.DagsterInstance) -> list[str]:
    """End what is in progress while no process of GetIt runs; ids of the runs. Their partitions are run again when due."""
    ended = in_progress(instance)
    for run in ended:
        instance.report_run_canceled(run, message="The process of this run is gone: the machine or GetIt was stopped.")
    return [run.run_id for run in ended]
