"""Back-fill: the values of new and changed features for every checkout in the lake, computed once a version.

`<lake>/features/checkout/` holds Parquet files of decision_id and some features, and `manifest.json` that says which
version of which feature lies where. Not here: the SQL (`offline`), training sets, the online store (rebuilt by its
feeder when a declaration changes).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from models.features.catalogue import CHECKOUT, REQUEST, all_decisions, mart_sources
from models.features.offline import point_in_time_sql
from models.features.registry import Registered, registered

#: Memory DuckDB may take before it spills to disk.
MEMORY = "4GB"


@dataclass(frozen=True)
class Backfilled:
    """What a back-fill wrote."""

    names: tuple[str, ...]
    rows: int
    file: Path | None


def folder(lake: Path) -> Path:
    """Where back-filled values lie."""
    return lake / "features" / "checkout"


def due(lake: Path) -> tuple[Registered, ...]:
    """Features whose present version was never computed over the lake."""
    known = _manifest(lake)
    declared = set(CHECKOUT.names)
    return tuple(
        one
        for one in registered()
        if one.name in declared and known.get(one.name, {}).get("fingerprint") != one.fingerprint
    )


def backfill(lake: Path, *, as_of: datetime) -> Backfilled:
    """Compute what is due, for every checkout until `as_of`; nothing is computed twice."""
    wanted = due(lake)
    if not wanted:
        return Backfilled((), 0, None)
    names = tuple(one.name for one in wanted)
    target = folder(lake)
    target.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256("".join(one.fingerprint for one in wanted).encode()).hexdigest()[:12]
    file = target / f"{digest}.parquet"
    rows = _write(lake, names, file, as_of)
    manifest = _manifest(lake)
    for one in wanted:
        manifest[one.name] = {"version": str(one.version), "fingerprint": one.fingerprint, "file": file.name,
                              "as_of": as_of.isoformat()}  # fmt: skip
    _store(target / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
    return Backfilled(names, rows, file)


def values_sql(lake: Path, *names: str) -> str:
    """SQL of back-filled features: decision_id and one column a feature.

    Raises:
        KeyError: a feature was never back-filled.
    """
    manifest = _manifest(lake)
    files: dict[str, list[str]] = {}
    for name in names:
        files.setdefault(manifest[name]["file"], []).append(name)
    parts = [
        f"(select decision_id, {', '.join(found)} from read_parquet('{folder(lake)}/{file}'))"
        for file, found in files.items()
    ]
    joined = parts[0] + "".join(f" full join {part} using (decision_id)" for part in parts[1:])
    return f"select decision_id, {', '.join(names)} from {joined}"


def _write(lake: Path, names: tuple[str, ...], file: Path, as_of: datetime) -> int:
    decisions = f"select * from ({all_decisions(lake)}) where decided_at <= timestamptz '{as_of.isoformat()}'"
    sql = point_in_time_sql(CHECKOUT.only(names), mart_sources(lake), decisions, request=("decided_at", *REQUEST))
    unfinished = file.with_suffix(".unfinished")
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute(f"set temp_directory = '{file.parent / 'spill'}'")
        chosen = ", ".join(("decision_id", "decided_at", *names))
        connection.execute(
            f"copy (select {chosen} from ({sql}) order by decided_at) to '{unfinished}' (format parquet)"
        )
        counted = connection.execute(f"select count(*) from read_parquet('{unfinished}')").fetchone()
    unfinished.rename(file)
    return int(counted[0]) if counted else 0


def _manifest(lake: Path) -> dict[str, dict[str, str]]:
    path = folder(lake) / "manifest.json"
    found: Mapping[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    return dict(found)


def _store(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text)
    unfinished.rename(path)
