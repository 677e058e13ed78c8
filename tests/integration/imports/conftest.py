"""Fixtures of the import tests: a merchant with a mapping and files, and a look into the shop's books."""

import contextlib
import csv
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from commerce.imports.report import RunReport
from commerce.imports.use_cases import import_orders

# The present of all imports here, so that no test depends on the day it runs.
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
COLUMNS = {
    "order_id": "order", "line_id": "line", "customer": "customer", "seller": "vendor", "product": "sku",
    "placed_at": "created", "quantity": "qty", "line_total": "total", "payment_method": "method",
}  # fmt: skip
_numbers = itertools.count(1)


@dataclass
class Merchant:
    """One source of order history: its mapping, its files and what the shop knows of it."""

    settings: object
    folder: Path
    source: str
    mapping: dict = field(default_factory=dict)

    @property
    def mapping_path(self) -> Path:
        path = self.folder / f"{self.source}.yaml"
        written = yaml.safe_dump(self.mapping, allow_unicode=True)
        # Not again for each of many at once: one would read what another has just begun to write.
        if not path.exists() or path.read_text() != written:
            path.write_text(written)
        return path

    def csv(self, rows: list[dict], name: str = "orders.csv", delimiter: str = ",") -> Path:
        path = self.folder / name
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def parquet(self, columns: dict[str, pa.Array], name: str = "orders.parquet") -> Path:
        path = self.folder / name
        pq.write_table(pa.table(columns), path)
        return path

    def bring_in(self, *files: Path, now: datetime = NOW) -> RunReport:
        return import_orders(self.settings, mapping_path=self.mapping_path, files=files, now=now).runs[-1]

    def sql(self, statement: str, *params: object) -> list[tuple]:
        with psycopg.connect(self.settings.postgres("getit"), autocommit=True) as connection:
            cursor = connection.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    def sold(self) -> tuple[int, int, int]:
        """Lines, thousandths of units and poisha of this source's orders in the shop."""
        found = self.sql(
            "select count(*), coalesce(sum(l.quantity * 1000), 0)::bigint, coalesce(sum(l.total_poisha), 0)::bigint "
            "from orders.order_lines l join orders.orders o on o.id = l.order_id "
            "join orders.order_groups g on g.id = o.group_id where g.source = %s",
            self.source,
        )
        return found[0]

    def rejects(self, run_id: str) -> dict[int, str]:
        """Row number and reason of every row that was refused in a run."""
        return dict(self.sql("select row_number, reason from imports.rejects where run_id = %s", run_id))

    def groups(self, columns: str) -> list[tuple]:
        return self.sql(f"select {columns} from orders.order_groups where source = %s order by source_ref", self.source)


def line(order: str = "o1", **changes: object) -> dict[str, object]:
    """A good row of a merchant's file, with changes."""
    number = next(_numbers)
    row = {
        "order": order, "line": f"l{number}", "customer": f"buyer of {order}", "vendor": "Karim Store", "sku": "rice-5kg",
        "created": "2026-02-03 17:45:00", "qty": "2", "total": "1250.50", "method": "cod",
    }  # fmt: skip
    return row | changes


@pytest.fixture
def merchant(settings, tmp_path) -> Merchant:
    """A merchant nobody has heard of."""
    return another_merchant(settings, tmp_path)


def another_merchant(settings, folder: Path, **mapping: object) -> Merchant:
    source = f"shop-{next(_numbers)}"
    document = {"version": 1, "source": source, "number_prefix": f"{source}-", "columns": dict(COLUMNS), **mapping}
    return Merchant(settings, folder, source, document)


class Gate:
    """Stops whoever copies order lines, in the middle, until it is opened."""

    KEY = 4_242

    def __init__(self, settings) -> None:
        self._url = settings.postgres("getit")
        self._holder = psycopg.connect(self._url, autocommit=True)
        self._watcher = psycopg.connect(self._url, autocommit=True)

    def shut(self, after_lines: int) -> None:
        self._holder.execute("select pg_advisory_lock(%s)", (self.KEY,))
        self._holder.execute(
            f"""create or replace function public.gate() returns trigger language plpgsql security definer as $$
            begin
                if nextval('public.gate_count') = {after_lines} then perform pg_advisory_xact_lock({self.KEY}); end if;
                return new;
            end $$;
            drop sequence if exists public.gate_count; create sequence public.gate_count;
            create trigger gate before insert on orders.order_lines for each row execute function public.gate()"""
        )

    def wait_for(self, query: str, number: int = 1) -> list[int]:
        """Backends of this database that wait for a lock in a statement like `query`, as soon as there are so many."""
        deadline = time.monotonic() + 60
        while True:
            found = self._watcher.execute(
                "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' "
                "and query ilike %s",
                (query,),
            ).fetchall()
            if len(found) >= number:
                return [pid for (pid,) in found]
            if time.monotonic() > deadline:
                # Or those who wait at the gate would hang the whole run.
                self.open()
                raise AssertionError(f"{len(found)} wait in {query}, not {number}")
            time.sleep(0.02)

    def wait_until_gone(self, pid: int) -> None:
        deadline = time.monotonic() + 60
        while self._watcher.execute("select 1 from pg_stat_activity where pid = %s", (pid,)).fetchone():
            assert time.monotonic() < deadline, "the backend of the dead importer stays"
            time.sleep(0.02)

    def terminate(self, pid: int) -> None:
        self._watcher.execute("select pg_terminate_backend(%s)", (pid,))

    def open(self) -> None:
        self._holder.execute("select pg_advisory_unlock_all()")

    def remove_trigger(self) -> None:
        self.open()
        self._holder.execute("drop trigger if exists gate on orders.order_lines")

    def close(self) -> None:
        self.remove_trigger()
        self._holder.close()
        self._watcher.close()


@pytest.fixture
def gate(settings) -> Iterator[Gate]:
    gate = Gate(settings)
    with contextlib.closing(gate):
        yield gate
