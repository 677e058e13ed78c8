"""Import order history: one transaction a call, everything or nothing; a file that is in comes in no second time.

Not here: what columns mean (mapping), which rows are bad (validate), how tables are shaped (entities, history, stock).
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from commerce.imports import entities, history, stock
from commerce.imports.load import SQL, Connection, copy_table, encrypt_phones, pull_known
from commerce.imports.mapping import Mapping, load_mapping
from commerce.imports.reader import (
    OpenFile,
    Window,
    keep_last_days,
    last_local_date,
    one,
    open_file,
    read_rows,
    working_database,
)
from commerce.imports.report import ImportReport, RunReport, Sums, rejected_by_reason, sums_of, window_sums
from commerce.imports.sources import FileUnusable, Source, fingerprint, locate
from commerce.imports.tables_to_fill import copies, rejects_copy
from commerce.imports.validate import judge
from foundation.clock import DHAKA, business_date, system_clock
from foundation.errors import InvalidInput, Unavailable
from foundation.security.fields import FieldCipher
from foundation.security.keys import root_secret
from foundation.settings import Settings

Progress = Callable[[float, str], None]


class NothingToImport(InvalidInput):
    code = "nothing-to-import"
    message = "Neither the command nor the mapping {name} names a file. Give the files to import."


@dataclass(frozen=True)
class Job:
    """One file to import."""

    settings: Settings
    mapping: Mapping
    beside: Path
    source: Source
    now: datetime
    progress: Progress

    @property
    def mapping_sha256(self) -> str:
        """What is wanted from the file: the mapping, the window and the seed of its rules."""
        wanted = f"{self.mapping.sha256}:{self.settings.retail_days}:{self.settings.demo_seed}"
        return hashlib.sha256(wanted.encode()).hexdigest()

    @property
    def run_id(self) -> UUID:
        """Id of this import: the same for the same file, so that a repetition meets itself."""
        key = f"{self.mapping.source}:{self.source.sha256}:{self.mapping_sha256}"
        digest = hashlib.sha256(key.encode()).digest()
        value = int(self.now.timestamp() * 1000) << 80 | int.from_bytes(digest[:10], "big")
        value = value & ~(0xF << 76) | 0x7 << 76
        return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)


def import_orders(
    settings: Settings,
    *,
    mapping_path: Path,
    files: tuple[Path, ...] = (),
    progress: Progress = lambda _fraction, _what: None,
    now: datetime | None = None,
) -> ImportReport:
    """Import files of order history; every row is imported or listed as rejected with its reason.

    One transaction: a failure or a crash at any point leaves the shop as it was. A file that was imported under the
    same mapping is not read again; of an overlapping file only orders that are new come in.

    Raises:
        MappingError, FileUnusable, UnknownColumn, NothingToImport: the message says what to correct.
        Unavailable: PostgreSQL does not answer.
    """
    started = time.monotonic()
    mapping = load_mapping(mapping_path)
    paths = [*files] or [locate(name, mapping_path.parent) for name in mapping.files]
    if not paths:
        raise NothingToImport(name=str(mapping_path))
    base = Job(settings, mapping, mapping_path.parent, Source(paths[0], ""), now or system_clock(), progress)
    runs = []
    try:
        with psycopg.connect(settings.postgres("getit", role="getit_app"), row_factory=tuple_row) as connection:
            connection.execute("set local synchronous_commit = off")
            connection.execute(SQL["lock_source"], {"source": mapping.source})
            runs = [_import_file(connection, replace(base, source=fingerprint(path))) for path in paths]
            progress(0.97, "committing")
    except psycopg.errors.UniqueViolation as error:
        problem = _clash(error)
        raise FileUnusable(name=", ".join(map(str, paths)), problem=problem) from error
    except psycopg.OperationalError as error:
        raise Unavailable(f"PostgreSQL does not answer ({error}). Start it with `getit up`.") from error
    if not all(run.is_repeated for run in runs):
        _analyze(settings)
    progress(1.0, "done")
    return ImportReport.of(runs, time.monotonic() - started)


def _clash(error: psycopg.errors.UniqueViolation) -> str:
    if error.diag.constraint_name and "number" in error.diag.constraint_name:
        return "its order numbers are taken by another source. Give the mapping a number_prefix of its own."
    return f"it clashes with what the shop has ({error.diag.message_detail}). Nothing was imported."


def _analyze(settings: Settings) -> None:
    with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
        connection.execute(SQL["analyze"])


def _import_file(connection: Connection, job: Job) -> RunReport:
    started = time.monotonic()
    repeated = _find_run(connection, job)
    if repeated is not None:
        return repeated
    duck = working_database(job.settings.demo_seed)
    try:
        job.progress(0.02, "reading the file")
        pull_known(connection, duck, job.mapping)
        opened = open_file(duck, job.source.path, mapping=job.mapping, beside=job.beside)
        window = prepare(opened, job, shift_days=_earlier_shift(connection, job))
        _shape(opened, job)
        report = _report(opened, job, window)
        if not report.is_reconciled:
            raise FileUnusable(name=str(job.source.path), problem="its sums do not reconcile. Nothing was imported.")
        created = _load(connection, opened, job)
    finally:
        duck.close()
    report = report.model_copy(update={"created": created, "seconds": round(time.monotonic() - started, 2)})
    _add_run(connection, job, report)
    return report


def prepare(opened: OpenFile, job: Job, *, shift_days: int | None) -> Window:
    """Read and judge the rows of a file; sets the shift of a rebased history. Needs no database."""
    read_rows(opened)
    now_local = job.now.astimezone(DHAKA).replace(tzinfo=None)
    window = keep_last_days(opened, job.settings.retail_days if job.mapping.rebase else None, now_local=now_local)
    shift = _shift(opened, job, shift_days, now_local)
    opened.duck.execute("set variable shift_days = ?::int", [shift])
    job.progress(0.08, "checking every row")
    judge(opened, now_local=now_local - timedelta(days=shift))
    return window


def _shift(opened: OpenFile, job: Job, earlier: int | None, now_local: datetime) -> int:
    if job.mapping.rebase is None:
        return 0
    if earlier is not None:
        return earlier
    last = last_local_date(opened, now_local=now_local)
    return (business_date(job.now) - timedelta(days=1) - last).days if last else 0


def _shape(opened: OpenFile, job: Job) -> None:
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("customers, sellers, products", lambda: entities.make_entities(opened)),
        ("orders", lambda: history.make_groups(opened)),
        ("parcels", lambda: history.make_parcels(opened, now=job.now)),
        ("order lines", lambda: history.make_lines(opened)),
        ("stock", lambda: stock.make_stock(opened)),
        ("payments", lambda: history.make_payments(opened)),
        ("labels", lambda: history.make_labels(opened)),
        ("ledger", lambda: history.make_ledger(opened, str(job.run_id))),
        ("phone numbers", lambda: encrypt_phones(opened.duck, FieldCipher(root_secret(job.settings)))),
    )
    for number, (what, step) in enumerate(steps):
        job.progress(0.1 + 0.15 * number / len(steps), what)
        step()


def _load(connection: Connection, opened: OpenFile, job: Job) -> dict[str, int]:
    """Fill the shop's tables; rows created in each."""
    planned = [*copies(job.mapping), rejects_copy(str(job.run_id), opened.columns)]
    # Bytes decide how long a table takes; lines and parcels are most of them.
    weights = {"orders.order_lines": 45, "orders.orders": 30, "orders.order_groups": 7, "catalog.products": 8}
    total = sum(weights.get(copy.table, 1) for copy in planned)
    created, done = {}, 0
    for copy in planned:
        job.progress(0.25 + 0.7 * done / total, copy.table)
        created[copy.table.split(".")[1]] = copy_table(connection, opened.duck, copy)
        done += weights.get(copy.table, 1)
    return created


def _report(opened: OpenFile, job: Job, window: Window) -> RunReport:
    duck = opened.duck
    first, last = one(duck, "select min(local_at)::date, max(local_at)::date from rows where reason is null")
    shift = int(one(duck, "select getvariable('shift_days')")[0])
    return RunReport(
        source=job.mapping.source,
        file_name=job.source.path.name,
        run_id=str(job.run_id),
        file=sums_of(duck, "true"),
        imported=_imported(opened),
        rejected=sums_of(duck, "reason is not null"),
        rejected_by_reason=rejected_by_reason(duck),
        outside_window=window_sums(window),
        first_placed_on=str(first + timedelta(days=shift)) if first else None,
        last_placed_on=str(last + timedelta(days=shift)) if last else None,
        shift_days=shift,
    )


def _imported(opened: OpenFile) -> Sums:
    """Sums over the lines that will be loaded, not over the accepted rows: a lost or doubled join shows."""
    raw = one(opened.duck, "select coalesce(sum(raw_milli), 0) from rows where reason is null")[0]
    found = one(
        opened.duck,
        "select count(*), coalesce(sum(quantity_milli), 0), coalesce(sum(amount_poisha), 0) from lines",
    )
    return Sums(
        rows=int(found[0]), quantity_milli=int(found[1]), raw_quantity_milli=int(raw), amount_poisha=int(found[2])
    )


def _find_run(connection: Connection, job: Job) -> RunReport | None:
    row = connection.execute(SQL["find_run"], _key(job)).fetchone()
    return RunReport.model_validate(row[1]).model_copy(update={"is_repeated": True}) if row else None


def _earlier_shift(connection: Connection, job: Job) -> int | None:
    row = connection.execute(SQL["first_shift"], {"source": job.mapping.source}).fetchone()
    return None if row is None else row[0]


def _add_run(connection: Connection, job: Job, report: RunReport) -> None:
    document = Jsonb(report.model_dump(mode="json"))
    row = {**_key(job), "id": job.run_id, "file_name": job.source.path.name, "report": document, "started_at": job.now}
    connection.execute(SQL["add_run"], row)


def _key(job: Job) -> dict[str, object]:
    return {
        "source": job.mapping.source,
        "file_sha256": job.source.sha256,
        "mapping_sha256": job.mapping_sha256,
    }
