"""How much is read at once: slices of a table that take about the same time, whatever the rows weigh. Not here: reading.

Rows stream from one server to the other, so memory is bounded anyway (one buffer on each side, and a writer that falls
behind stops the reader). A slice bounds how long one statement runs: one that waits on a slow disk or a busy server
becomes smaller, and a quiet one larger.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from pipelines.ingest.sources import SourceTable

LEAST_BLOCKS, MOST_BLOCKS = 256, 1 << 17
# Beyond the last page of any table: rows that came after the size was asked are of later snapshots anyway.
END = (1 << 32) - 1


@dataclass
class Pace:
    """Size of the next slice in pages (8 kB), following the time of the last."""

    blocks: int = 4_096
    target_s: float = 2.0

    def after(self, seconds: float) -> None:
        """Learn from a slice: towards the target, at most fourfold at a time."""
        factor = min(max(self.target_s / max(seconds, 1e-6), 0.25), 4.0)
        self.blocks = min(max(int(self.blocks * factor), LEAST_BLOCKS), MOST_BLOCKS)

    def slices(self, connection: psycopg.Connection[Any], table: SourceTable) -> Iterator[tuple[int, int]]:
        """Pages of the table from first to last; each slice is sized when the one before has been used."""
        row = connection.execute(
            "select pg_relation_size(%s::regclass) / current_setting('block_size')::int", [table.full_name]
        ).fetchone()
        size, first = int(row[0]) if row else 0, 0
        while first + self.blocks < size:
            last, started = first + self.blocks, time.perf_counter()
            yield first, last
            self.after(time.perf_counter() - started)
            first = last
        yield first, END
