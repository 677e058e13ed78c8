"""Leaves no instance of Dagster behind for the tests of other folders."""

import gc

import pytest
from dagster._core.storage.defs_state.base import _current_storage


@pytest.fixture(autouse=True, scope="module")
def no_instance_stays():
    """A failed step keeps its instance's context open until it is collected, which then sets a dead one again."""
    yield
    gc.collect()
    _current_storage.set(None)
