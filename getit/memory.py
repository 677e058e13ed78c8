"""Memory of the whole process tree as proportional set size: shared pages are counted once. Linux only."""

import contextlib
import os
from pathlib import Path

import psutil


def tree_memory_bytes(pid: int) -> int:
    """Proportional set size of a process and all its descendants, in bytes."""
    try:
        root = psutil.Process(pid)
        pids = [pid, *(child.pid for child in root.children(recursive=True))]
    except psutil.Error:
        return 0
    return sum(_proportional(member) for member in pids)


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


class MemoryWatch:
    """Remembers the highest value seen."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self.last_bytes = 0

    def sample(self) -> int:
        """Measure this process's tree now."""
        self.last_bytes = tree_memory_bytes(os.getpid())
        self.peak_bytes = max(self.peak_bytes, self.last_bytes)
        return self.last_bytes
