"""How a benchmark ends: its figures as a table on the screen and as one flat JSON file. Not here: measuring."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]


def publish(name: str, keys: tuple[str, ...], found: dict[str, Any], *, started_at: str, notes: dict[str, str]) -> None:
    """Write .getit/bench/NAME.json and print it; a key that was not measured is null, its reason under "notes"."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    extra = {key: value for key, value in found.items() if key not in keys}
    document = {key: found.get(key) for key in keys} | extra
    document |= {"commit": commit.stdout.strip(), "started_at": started_at, "cpu_count": os.cpu_count(), "notes": notes}
    folder = ROOT / ".getit" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(document, indent=2))
    table = Table("figure", "value", title=f"bench-{name}")
    for key, value in document.items():
        table.add_row(key, str(value))
    Console().print(table)
