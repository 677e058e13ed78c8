"""One build of the warehouse: choose the window, run dbt, remember what came of it. Not here: dbt itself, Dagster."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from foundation.settings import Settings
from pipelines import quality, transform
from pipelines.partitions import history_start, today
from pipelines.transform import NodeResult
from pipelines.window import Window, due_window, ingested_horizon, last_load


@dataclass(frozen=True)
class Built:
    """The dates a build covered, what became of every model and test in it, and the last load that it read."""

    window: Window
    nodes: tuple[NodeResult, ...]
    load_no: int

    @property
    def is_ok(self) -> bool:
        return all(node.is_ok for node in self.nodes)


def build_warehouse(settings: Settings, *, requested: Window | None = None, select: Sequence[str] = ()) -> Built:
    """Build what is due and what was asked for. Only a whole build that succeeded moves the mark of what is built."""
    started = time.perf_counter()
    with psycopg.connect(settings.postgres("getit_warehouse", role="getit_pipelines")) as warehouse:
        window = due_window(warehouse, first_on=history_start(settings), today=today())
        built_load = quality.last_built(warehouse)
        horizon, load_no = ingested_horizon(warehouse), last_load(warehouse)
    if requested is not None:
        window = window.widened(requested)
    built = Built(window, tuple(transform.build(settings, window, select=select, built_load=built_load)), load_no)
    with psycopg.connect(settings.postgres("getit_warehouse", role="getit_pipelines")) as warehouse:
        _record_tests(warehouse, built)
        if built.is_ok and not select:
            seconds = time.perf_counter() - started
            quality.record_build(
                warehouse,
                load_no=load_no,
                batch_hi=horizon,
                min_on=window.min_on,
                max_on=window.max_on,
                seconds=seconds,
            )
    return built


def _record_tests(warehouse: quality.Connection, built: Built) -> None:
    for node in built.nodes:
        if node.is_test and not node.is_skipped:
            detail = node.message or f"{node.failures or 0} rows"
            quality.record_check(warehouse, "dbt_test", node.name, is_passed=node.is_ok, detail=detail)
