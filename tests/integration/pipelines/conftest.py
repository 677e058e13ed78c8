"""Fixtures of the pipelines' tests: see `tests/warehouse_fixtures.py`."""

from warehouse_fixtures import history, query, warehouse

__all__ = ["history", "query", "warehouse"]
