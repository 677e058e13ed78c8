"""How `make test` shares the suite among processes (pytest-xdist). Not here: fixtures.

Tests of a file stay together, because their fixtures live per module; those of the whole product share one installation.
"""

import os
import sys
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

#: The longest first, so that no process ends long before another.
LONG = (
    "tests/e2e", "tests/integration/machine", "tests/security/test_fuzzing.py", "tests/integration/pipelines", "tests/chaos",
    "tests/security",
)  # fmt: skip


def rank(nodeid: str) -> int:
    return next((number for number, prefix in enumerate(LONG) if nodeid.startswith(prefix)), len(LONG))


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return LONG[0] if rank(nodeid) == 0 else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.nodeid))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name what failed at once: the summary of half an hour's run comes late."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.when} of {report.nodeid} failed", file=sys.__stderr__, flush=True)
