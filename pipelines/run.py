"""Run the loop (or part of it) in this process against the persistent instance: `python -m pipelines.run`.

Prints one line per step, for the supervisor and for people: `step <name> start|done|failed|skipped [seconds]`.
Exits 1 if a step or a check fails. Not here: what the steps do.
"""

import argparse
import logging
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import dagster as dg

from foundation.settings import Settings, load_settings
from pipelines.definitions import build_defs
from pipelines.instance import instance_folder
from pipelines.jobs import LOOP, due_keys, partition_tags
from pipelines.manifest import prepare
from pipelines.turns import wait_for_turn

STARTED = "STEP_START"
ENDED = {"STEP_SUCCESS": "done", "STEP_FAILURE": "failed", "STEP_SKIPPED": "skipped"}


class StepLines(logging.Handler):
    """Turns Dagster's step events into lines on standard output."""

    def __init__(self) -> None:
        super().__init__()
        self._started: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Print the line of a step event; ignore everything else."""
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None or event.step_key is None:
            return
        if event.event_type_value == STARTED:
            self._started[event.step_key] = time.perf_counter()
            say(f"step {event.step_key} start")
        elif event.event_type_value in ENDED:
            seconds = time.perf_counter() - self._started.pop(event.step_key, time.perf_counter())
            say(f"step {event.step_key} {ENDED[event.event_type_value]} {max(seconds, 0.0):.1f}")


def say(line: str) -> None:
    """One line, at once: whoever reads the pipe draws progress from it."""
    print(line, flush=True)


@dg.logger
def step_lines(_: dg.InitLoggerContext) -> logging.Logger:
    """Dagster logger of `StepLines`."""
    logger = logging.getLogger("getit.steps")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.handlers = [StepLines()]
    return logger


def run_loop(settings: Settings, *, days: int | None = None, select: Sequence[str] = (), **overrides: Any) -> bool:
    """Run the loop; whether every step and check passed. `overrides` go to `build_defs`.

    Models are trained when they are due, and always when `select` names them.

    Covers the last days, and by itself every date that changed rows belong to: in the first run, all history.
    """
    os.environ.update(DAGSTER_HOME=str(instance_folder(settings)), DAGSTER_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", "400")
    job = build_defs(settings, loggers={"steps": step_lines}, **overrides).resolve_job_def(LOOP)
    with dg.DagsterInstance.get() as instance:
        # One pooled connection instead of a new one for each of thousands of events.
        instance.optimize_for_webserver(statement_timeout=60_000, pool_recycle=600, max_overflow=4)
        wait_for_turn(instance, say)
        result = job.execute_in_process(
            instance=instance,
            tags=partition_tags(days),
            raise_on_error=False,
            asset_selection=_keys(job, select) if select else due_keys(settings, job.asset_layer.selected_asset_keys),
            run_config={"loggers": {"steps": {"config": {}}}},
        )
    failed = [check for check in result.get_asset_check_evaluations() if not check.passed]
    for check in failed:
        say(f"check {check.asset_key.to_user_string()} {check.check_name} failed ({check.severity.value})")
    for event in result.get_step_failure_events():
        say(f"error {event.step_key}: {_cause(event)}")
    return result.success and not any(check.severity == dg.AssetCheckSeverity.ERROR for check in failed)


def _keys(job: dg.JobDefinition, select: Sequence[str]) -> list[dg.AssetKey]:
    """Asset keys of a selection in Dagster's syntax, e.g. `group:fraud` or `raw/orders__orders+`."""
    chosen = dg.AssetSelection.from_string(" or ".join(select))
    return sorted(chosen.resolve(job.asset_layer.asset_graph) & set(job.asset_layer.selected_asset_keys))


def _cause(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip().replace("\n", " ")[:500] if error else "unknown"


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.run", description=__doc__)
    parser.add_argument("--days", type=int, help="rebuild at least the last N business days")
    parser.add_argument("--select", action="append", default=[], help="assets to run, in Dagster's selection syntax")
    options = parser.parse_args(arguments)
    settings = load_settings()
    say("step prepare start")
    started = time.perf_counter()
    prepare(settings)
    say(f"step prepare done {time.perf_counter() - started:.1f}")
    return 0 if run_loop(settings, days=options.days, select=options.select) else 1


if __name__ == "__main__":
    sys.exit(main())
