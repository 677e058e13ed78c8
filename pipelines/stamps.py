"""Which run made a thing and from which data: stamped on loads, builds, checks, files, tables and models. Not here: these.

A data version is the number of the load (`raw.loads`) that a thing holds; of a model, the hash of its training set.
"""

import dagster as dg
from dagster._core.errors import DagsterInvariantViolationError

BY_HAND = "by hand"
RUN_ID, DATA_VERSION = "getit.run_id", "getit.data_version"


def run_id() -> str:
    """Dagster's id of the run under way in this thread; "by hand" outside of one."""
    try:
        return dg.OpExecutionContext.get().run_id
    except DagsterInvariantViolationError:
        return BY_HAND


def stamp(data_version: object) -> dict[str, str]:
    """Stamp of a file, as key-value metadata."""
    return {RUN_ID: run_id(), DATA_VERSION: str(data_version)}
