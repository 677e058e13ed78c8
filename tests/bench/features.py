"""`make bench-features`: extract beside bare COPY, training set beside hand-written SQL, at 1, 3 and 10 times the panel; replay.

Prints a table and writes .getit/bench/features.json (keys and goals: docs/reference/performance.md). Every number is measured in
this run; one that was not is null with its reason under "notes". `GETIT_BENCH_SCALES` (1,3,10) and
`GETIT_BENCH_WAREHOUSE_SCALES` (1) choose the sizes, `GETIT_REPLAY_EVENTS` (200000) the replay. Not here: correctness of ingest and
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
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/bench")]

from feature_panel import write_lake, write_transactions
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
    **dict.fromkeys(PARTS[:3], "not asked for: see GETIT_BENCH_WAREHOUSE_SCALES"),
    **dict.fromkeys(CHANGE_KEYS, "not measured by this bench yet"),
}
AS_OF = datetime(2019, 1, 1, tzinfo=UTC)


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


def measure_warehouse(settings: Any, scale: int, folder: Path, found: dict[str, Any]) -> None:
    """The panel N times through the product's importer, then ingest beside a bare COPY of the same tables, and all of dbt."""
    from commerce.imports.command import DEFAULT_MAPPING
    from commerce.imports.use_cases import import_orders
    from pipelines.build import build_warehouse
    from pipelines.ingest.batch import ingest
    from pipelines.manifest import prepare

    file = write_transactions(folder / f"transactions{scale}.parquet", scale)
    import_orders(settings, mapping_path=DEFAULT_MAPPING, files=(file,), progress=lambda *_: None)
    prepare(settings)
    started = time.perf_counter()
    loads = ingest(settings)
    rows = sum(load.rows for load in loads)
    found[f"extract_rows_x{scale}"] = rows
    found[f"extract_rows_per_s_x{scale}"] = round(rows / (time.perf_counter() - started))
    found[f"copy_rows_per_s_x{scale}"] = _bare_copy(settings, [load.table.full_name for load in loads])
    started = time.perf_counter()
    built = build_warehouse(settings)
    failed = [f"{node.name}: {node.message}" for node in built.nodes if not node.is_ok]
    if failed:
        raise RuntimeError(f"dbt failed: {'; '.join(failed)[:280]}")
    found[f"dbt_full_seconds_x{scale}"] = round(time.perf_counter() - started, 1)


def _bare_copy(settings: Any, tables: list[str]) -> int:
    """Rows a second of PostgreSQL's own binary COPY from database to database, into tables without index."""
    import psycopg

    rows, seconds = 0, 0.0
    with (
        psycopg.connect(settings.postgres("getit")) as there,
        psycopg.connect(settings.postgres("getit_warehouse")) as here,
    ):
        for table in tables:
            columns = there.execute(
                "select string_agg(format('%%I %%s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum)"
                " from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
                [table],
            ).fetchone()
            assert columns is not None
            here.execute(f"create temp table bare ({columns[0]})")
            started = time.perf_counter()
            with (
                there.cursor().copy(f"copy (select * from {table}) to stdout (format binary)") as reading,
                here.cursor() as writer,
            ):
                with writer.copy("copy bare from stdin (format binary)") as writing:
                    for block in reading:
                        writing.write(block)
                rows += writer.rowcount
            seconds += time.perf_counter() - started
            here.execute("drop table bare")
    return round(rows / seconds)


def measure_replay(settings: Any, found: dict[str, Any]) -> None:
    from feature_replay import history, replay

    replayed = asyncio.run(replay(settings, history(int(os.environ.get("GETIT_REPLAY_EVENTS", "200000")))))
    found["replayed_events"], found["online_offline_mismatches"] = replayed.events, len(replayed.mismatches)
    found["replayed_decisions"], found["replayed_values"] = replayed.decisions, replayed.values
    found["replayed_events_per_s"] = round(replayed.events / replayed.feed_seconds)


def on_engines(home: Path, work: Callable[[Any], None]) -> None:
    """Run with an embedded PostgreSQL and Valkey of this bench's own."""
    from conftest import Engine, free_port, wait_for_port

    from foundation.settings import Settings
    from getit.databases import prepare_databases
    from getit.engines import engine_environment, valkey_command
    from getit.privileges import before_exec

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
        engine.abandon()


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

        attempt(REPLAY_KEYS, lambda: on_engines(folder / "replay", lambda one: measure_replay(one, found)))
        for scale in chosen("GETIT_BENCH_WAREHOUSE_SCALES", "1"):
            keys, place = tuple(f"{part}_x{scale}" for part in PARTS[:3]), folder / f"warehouse{scale}"
            work = partial(measure_warehouse, scale=scale, folder=folder, found=found)
            attempt(keys, lambda place=place, work=work: on_engines(place, work))
            shutil.rmtree(place, ignore_errors=True)
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
