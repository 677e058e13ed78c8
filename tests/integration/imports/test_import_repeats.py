"""Importing again, at the same time, or interrupted in the middle: everything comes in once, or nothing does."""

import io
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rich.console import Console

from commerce.imports import command
from commerce.imports.sources import FileUnusable
from foundation.errors import Unavailable

from .conftest import another_merchant, line

ROOT = Path(__file__).parents[3]
TABLES = ("orders.order_groups", "orders.orders", "orders.order_lines", "payments.attempts", "ledger.entries",
          "imports.rejects", "imports.runs", "catalog.products", "sellers.sellers", "identity.users")  # fmt: skip


@pytest.fixture
def rows(merchant) -> list[dict]:
    """Enough good and bad rows, with a seller and goods of their own."""
    seller = merchant.source
    good = [line(f"o{n // 3}", vendor=seller, sku=f"{seller}-{n % 7}", qty=1 + n % 4, total=n) for n in range(600)]
    return [*good, line("bad", qty="0", vendor=seller), line("bad", total="?", vendor=seller)]


def counts(merchant) -> dict[str, int]:
    return {table: merchant.sql(f"select count(*) from {table}")[0][0] for table in TABLES}


SOLD = (600, sum(1000 * (1 + n % 4) for n in range(600)), 100 * sum(range(600)))


def test_the_same_file_imports_nothing_twice_and_repeats_its_report(merchant, rows):
    first = merchant.bring_in(merchant.csv(rows))
    before = counts(merchant)
    again = merchant.bring_in(merchant.csv(rows))
    renamed = merchant.bring_in(merchant.csv(rows, "copy of orders.csv"))
    assert not first.is_repeated
    for repeated in (again, renamed):
        assert repeated.is_repeated
        assert repeated.model_copy(update={"is_repeated": False}) == first
    assert counts(merchant) == before
    assert merchant.sold() == SOLD


def test_comments_and_layout_of_the_mapping_do_not_make_it_another(merchant, rows):
    path = merchant.csv(rows)
    merchant.bring_in(path)
    merchant.mapping = dict(reversed(merchant.mapping.items()))
    assert merchant.bring_in(path).is_repeated


def test_of_an_overlapping_file_only_new_orders_come_in(merchant, rows):
    merchant.bring_in(merchant.csv(rows))
    longer = [*rows, line("new", total="7"), line("new", total="8")]
    report = merchant.bring_in(merchant.csv(longer, "next month.csv"))
    reasons = {item.reason: item.rows for item in report.rejected_by_reason}
    assert reasons["order already imported"] == 600
    assert report.imported.rows == 2
    assert report.is_reconciled
    assert merchant.sold() == (602, SOLD[1] + 4000, SOLD[2] + 1500)


def test_a_bad_row_that_was_corrected_comes_in_with_the_corrected_file(merchant):
    bad = line("o2", total="?")
    merchant.bring_in(merchant.csv([line("o1"), bad]))
    report = merchant.bring_in(merchant.csv([line("o1"), bad | {"total": "5"}]))
    assert report.imported.rows == 1
    assert merchant.sold()[2] == 125_050 + 500


def start_command(merchant, path, child_environment) -> subprocess.Popen[str]:
    arguments = ["-m", "getit", "import", "orders", str(path), "--mapping", str(merchant.mapping_path)]
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=child_environment(merchant.settings) | {"NO_COLOR": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


COPYING = 'copy "orders"."order_lines"%'


def test_killed_in_the_middle_of_the_copy_it_leaves_nothing_and_the_next_run_completes(
    merchant, rows, gate, child_environment
):
    path, before = merchant.csv(rows), counts(merchant)
    gate.shut(after_lines=300)
    child = start_command(merchant, path, child_environment)
    (backend,) = gate.wait_for(COPYING)
    child.send_signal(signal.SIGKILL)
    assert child.wait(30) == -signal.SIGKILL
    child.stdout.close()
    gate.open()
    gate.wait_until_gone(backend)
    assert counts(merchant) == before, "half an import stayed"
    gate.remove_trigger()

    second = start_command(merchant, path, child_environment)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 0, said
    assert "file = imported + rejected, exactly" in said
    assert merchant.sold() == SOLD


def test_when_the_database_goes_away_the_command_says_so_and_nothing_stays(merchant, rows, gate):
    path, before = merchant.csv(rows), counts(merchant)
    gate.shut(after_lines=300)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(merchant.bring_in, path)
        gate.terminate(*gate.wait_for(COPYING))
        with pytest.raises(Unavailable, match="PostgreSQL does not answer"):
            running.result(60)
    gate.remove_trigger()
    assert counts(merchant) == before
    assert merchant.bring_in(path).imported.rows == 600
    assert merchant.sold() == SOLD


def test_two_imports_at_once_bring_it_in_once(merchant, rows, gate):
    path, longer = merchant.csv(rows), merchant.csv([*rows, line("new", total="1")], "longer.csv")
    merchant.mapping_path  # noqa: B018 - written once, before the threads
    gate.shut(after_lines=300)
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(merchant.bring_in, path)]
        gate.wait_for(COPYING)
        running += [pool.submit(merchant.bring_in, path), pool.submit(merchant.bring_in, longer)]
        gate.wait_for("select pg_advisory_xact_lock(hashtextextended('imports:'%", number=2)
        gate.open()
        reports = [future.result(60) for future in running]
    assert [report.is_repeated for report in reports] == [False, True, False]
    assert [report.imported.rows for report in reports] == [600, 600, 1]
    assert merchant.sold() == (601, SOLD[1] + 2000, SOLD[2] + 100)


def test_two_sources_at_once_share_new_goods(settings, tmp_path):
    """Both bring the same new seller and product: one of each is made, and stock is conserved."""
    pair = [another_merchant(settings, tmp_path) for _ in range(2)]
    goods = {"vendor": f"both-{pair[0].source}", "sku": f"both-{pair[0].source}"}
    paths = [one.csv([line(f"o{n}", **goods) for n in range(50)], f"{one.source}.csv") for one in pair]
    start = threading.Barrier(2)

    def bring_in(merchant, path):
        start.wait(30)
        return merchant.bring_in(path)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(bring_in, pair, paths))
    assert [report.imported.rows for report in reports] == [50, 50]
    assert [one.sold()[0] for one in pair] == [50, 50]
    assert pair[0].sql("select count(*) from catalog.products where code = %s", goods["sku"]) == [(1,)]
    assert pair[0].sql("select count(*) from inventory.stock where received <> on_hand + shipped") == [(0,)]


def test_order_numbers_of_another_source_are_refused_with_advice(settings, tmp_path):
    pair = [another_merchant(settings, tmp_path, number_prefix="") for _ in range(2)]
    path = pair[0].csv([line("INV-1")])
    pair[0].bring_in(path)
    with pytest.raises(FileUnusable, match="number_prefix"):
        pair[1].bring_in(path)
    assert pair[1].sold() == (0, 0, 0)


def test_the_second_of_two_files_fails_and_neither_stays(merchant, rows):
    good, broken = merchant.csv(rows), merchant.folder / "broken.parquet"
    broken.write_bytes(b"PAR1 is not enough")
    with pytest.raises(FileUnusable, match=r"broken\.parquet"):
        merchant.bring_in(good, broken)
    assert merchant.sold() == (0, 0, 0)


@pytest.fixture
def said(monkeypatch) -> io.StringIO:
    """What the command prints."""
    out = io.StringIO()
    monkeypatch.setattr(command, "Console", lambda: Console(file=out, width=200))
    return out


def test_the_command_prints_the_reconciliation(merchant, said):
    path = merchant.csv([line("o1"), line("o2", qty="0", total="10")])
    assert command.import_command(merchant.settings, mapping_path=merchant.mapping_path, files=(path,)) == 0
    text = said.getvalue()
    assert "file = imported + rejected, exactly" in text
    for words in (("in the file", "2", "1260.50"), ("imported", "1", "1250.50"), ("quantity is zero", "1", "10.00")):
        assert any(all(word in printed for word in words) for printed in text.splitlines()), words


def test_the_command_ends_with_1_and_says_what_to_correct(merchant, said):
    assert command.import_command(
        merchant.settings, mapping_path=merchant.mapping_path, files=(merchant.folder / "none.csv",)
    ) == 1  # fmt: skip
    assert "none.csv" in said.getvalue()
    assert "Nothing was imported." in said.getvalue()
