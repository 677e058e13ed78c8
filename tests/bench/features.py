"""`make bench-features`: extract beside bare COPY, training set beside hand-written SQL, at 1, 3 and 10 times the panel; replay.

Prints a table and writes .getit/bench/features.json (keys and goals: docs/reference/performance.md). Every number is measured in
this run; one that was not is null with its reason under "notes". `GETIT_BENCH_SCALES` (1,3,10) and
`GETIT_BENCH_EXTRACT_SCALES` (1) choose the sizes, `GETIT_REPLAY_EVENTS` (200000) the replay. Not here: correctness of ingest and
dbt (tests/integration/pipelines).
"""

import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/bench")]

from feature_panel import write_lake
from handwritten import training_sql
from report import publish

SCALES = (1, 3, 10)
PARTS = (
    "extract_rows_per_s", "copy_rows_per_s", "dbt_full_seconds", "trainset_seconds", "trainset_duckdb_seconds", "peak_gib",
)  # fmt: skip
REPLAY_KEYS = ("replayed_events", "online_offline_mismatches")
CHANGE_KEYS = ("extract_changes", "extract_missing", "extract_duplicates")
KEYS = (*(f"{part}_x{scale}" for scale in SCALES for part in PARTS), *REPLAY_KEYS, *CHANGE_KEYS)
ABSENT = {
    "extract_rows_per_s": "not asked for: see GETIT_BENCH_EXTRACT_SCALES",
    "copy_rows_per_s": "not asked for: see GETIT_BENCH_EXTRACT_SCALES",
    "dbt_full_seconds": "not measured by this bench yet",
    **dict.fromkeys(CHANGE_KEYS, "not measured by this bench yet"),
}
LINES = 1_469_307
AS_OF = datetime(2019, 1, 1, tzinfo=UTC)
_FILL_LINES = """
insert into orders.order_lines (order_id, line_no, offer_id, product_id, quantity, subtotal_poisha, discount_poisha, total_poisha)
select md5((i / 9)::text)::uuid, i % 9, md5((i % 50000)::text)::uuid, md5((i % 92331)::text)::uuid, 1 + i % 4, i % 900000,
    0, i % 900000 from generate_series({first}, {last}) as i
"""


def chosen(name: str, default: str) -> tuple[int, ...]:
    """Sizes asked for in the environment."""
    return tuple(int(part) for part in os.environ.get(name, default).split(",") if part)


def train_ours(lake: Path, target: Path) -> None:
    from models.fraud.dataset import write_training_set

    write_training_set(lake, target, AS_OF)


def train_by_hand(lake: Path, target: Path) -> None:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"set temp_directory = '{target.parent / 'spill'}'")
        connection.execute(f"copy ({training_sql(lake)} order by placed_at, group_id) to '{target}' (format parquet)")


MEASURED: dict[str, Callable[[Path, Path], None]] = {"ours": train_ours, "hand": train_by_hand}


def child(which: str, lake: Path, target: Path) -> None:
    """One measurement in a process of its own: its peak memory is its own."""
    if which == "ours":
        import models.fraud.dataset  # noqa: F401
    started = time.perf_counter()
    MEASURED[which](lake, target)
    used = resource.getrusage(resource.RUSAGE_SELF)
    found = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "gib": used.ru_maxrss / 2**20,
    }
    print(json.dumps(found))


def in_child(which: str, lake: Path, target: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, which, str(lake), str(target)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-800:])
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def differing(ours: Path, hand: Path) -> int:
    """Values in which the two training sets differ: both must compute the same thing to be compared."""
    import duckdb

    from models.features.catalogue import CHECKOUT

    counted = {"count", "sum", "distinct", "flagged"}
    zero = {a.name for a in CHECKOUT.aggregates if a.aggregation in counted}
    terms = [
        f"count(*) filter (where coalesce(o.{name}, 0) <> coalesce(h.{name}, 0))" if name in zero else
        f"count(*) filter (where (o.{name} is null) <> (h.{name} is null) or abs(o.{name} - h.{name}) > 1e-9 * abs(o.{name}))"
        for name in CHECKOUT.names
    ]  # fmt: skip
    (row,) = duckdb.sql(
        f"select {' + '.join(terms)} from read_parquet('{ours}') o join read_parquet('{hand}') h on o.decision_id = h.group_id"
    ).fetchall()
    return int(row[0])


def measure_training_set(scale: int, folder: Path, found: dict[str, Any]) -> None:
    lake, ours, hand = folder / f"lake{scale}", folder / "ours.parquet", folder / "hand.parquet"
    found[f"lines_x{scale}"] = write_lake(lake, scale)
    # Taken in turns, the better of each: other processes of the machine disturb both alike.
    rounds = [(in_child("ours", lake, ours), in_child("hand", lake, hand)) for _ in range(2 if scale < 10 else 1)]
    for place, name in enumerate(("trainset", "trainset_duckdb")):
        found[f"{name}_seconds_x{scale}"] = round(min(one[place]["seconds"] for one in rounds), 2)
        found[f"{name}_cpu_seconds_x{scale}"] = round(min(one[place]["cpu_seconds"] for one in rounds), 2)
    found[f"peak_gib_x{scale}"] = round(max(one[0]["gib"] for one in rounds), 2)
    found[f"trainset_duckdb_peak_gib_x{scale}"] = round(max(one[1]["gib"] for one in rounds), 2)
    found[f"trainset_differing_values_x{scale}"] = differing(ours, hand)
    shutil.rmtree(lake)


def measure_extract(settings: Any, scale: int, before: int, found: dict[str, Any]) -> None:
    """Order lines, N times the panel's: ingest into an empty warehouse and lake, then a bare COPY of the same rows."""
    import psycopg

    from pipelines.ingest.batch import ingest_between
    from pipelines.ingest.sources import source_tables

    source, warehouse = settings.postgres("getit"), settings.postgres("getit_warehouse")
    table = next(one for one in source_tables() if one.full_name == "orders.order_lines")
    with psycopg.connect(source, autocommit=True) as connection:
        connection.execute(_FILL_LINES.format(first=LINES * before, last=LINES * scale - 1))
        connection.execute("vacuum analyze orders.order_lines")
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute(
            f"drop table if exists {table.raw_name}; drop table if exists raw.extract_cursors; create schema if not exists raw"
        )
    started = time.perf_counter()
    (load,) = ingest_between(source, warehouse, settings.folder("lake") / f"bench{scale}", [table])
    found[f"extract_rows_per_s_x{scale}"] = round(load.rows / (time.perf_counter() - started))
    found[f"copy_rows_per_s_x{scale}"] = _bare_copy(source, warehouse, LINES * scale)


def _bare_copy(source: str, warehouse: str, rows: int) -> int:
    import psycopg

    with psycopg.connect(source) as there, psycopg.connect(warehouse) as here:
        here.execute(
            "create temp table bare (order_id uuid, line_no int, offer_id uuid, product_id uuid, quantity numeric(14, 3),"
            " subtotal_poisha bigint, discount_poisha bigint, total_poisha bigint, changed_xid xid8)"
        )
        started = time.perf_counter()
        with (
            there.cursor().copy("copy orders.order_lines to stdout (format binary)") as reading,
            here.cursor().copy("copy bare from stdin (format binary)") as writing,
        ):
            for block in reading:
                writing.write(block)
        return round(rows / (time.perf_counter() - started))


def measure_replay(settings: Any, found: dict[str, Any]) -> None:
    from feature_replay import history, replay

    replayed = asyncio.run(replay(settings, history(int(os.environ.get("GETIT_REPLAY_EVENTS", "200000")))))
    found["replayed_events"], found["online_offline_mismatches"] = replayed.events, len(replayed.mismatches)
    found["replayed_decisions"], found["replayed_values"] = replayed.decisions, replayed.values
    found["replayed_events_per_s"] = round(replayed.events / replayed.feed_seconds)


def on_engines(folder: Path, work: Callable[[Any], None]) -> None:
    """Run with an embedded PostgreSQL and Valkey of this bench's own."""
    from conftest import Engine, free_port, wait_for_port

    from foundation.settings import Settings
    from getit.databases import prepare_databases
    from getit.engines import engine_environment, valkey_command
    from getit.privileges import before_exec

    home = folder / "home"
    settings = Settings(home=home, postgres_port=free_port(), valkey_port=free_port())  # type: ignore[call-arg]
    engine = Engine(settings)
    engine.start()
    valkey = subprocess.Popen(valkey_command(settings), env=engine_environment(), preexec_fn=before_exec())
    try:
        wait_for_port(settings.valkey_port)
        prepare_databases(settings)
        work(settings)
    finally:
        valkey.terminate()
        valkey.wait(10)
        engine.stop()


def main() -> int:
    started_at = datetime.now(UTC).isoformat(timespec="seconds")
    found: dict[str, Any] = {}
    notes: dict[str, str] = {}
    folder = Path(tempfile.mkdtemp(prefix="getit-bench-"))
    folder.chmod(0o755)

    def attempt(keys: tuple[str, ...], part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:
            missing = [key for key in keys if key not in found] or [keys[0]]
            notes.update({key: f"{type(error).__name__}: {str(error)[:300]}" for key in missing})

    try:
        for scale in chosen("GETIT_BENCH_SCALES", "1,3,10"):
            keys = tuple(f"{part}_x{scale}" for part in PARTS[3:])
            attempt(keys, lambda scale=scale: measure_training_set(scale, folder, found))

        def on(settings: Any) -> None:
            attempt(REPLAY_KEYS, lambda: measure_replay(settings, found))
            before = 0
            for scale in chosen("GETIT_BENCH_EXTRACT_SCALES", "1"):
                keys = tuple(f"{part}_x{scale}" for part in PARTS[:2])
                attempt(keys, lambda scale=scale, before=before: measure_extract(settings, scale, before, found))
                before = scale

        attempt(REPLAY_KEYS, lambda: on_engines(folder, on))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found["load_average"] = round(os.getloadavg()[0], 1)
    for key in KEYS:
        if key not in found:
            notes.setdefault(key, ABSENT.get(key.rpartition("_x")[0] or key, "not asked for: see GETIT_BENCH_SCALES"))
    publish("features", KEYS, found, started_at=started_at, notes=notes)
    return 1 if any("Error" in note for note in notes.values()) else 0


if __name__ == "__main__":
    if len(sys.argv) == 4:
        child(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
        sys.exit(0)
    sys.exit(main())
