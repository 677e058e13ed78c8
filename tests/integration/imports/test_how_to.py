"""The page docs/how-to/import-orders.md cannot lie: its example is imported as it stands, its table has every key."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from commerce.imports.mapping import Assign, Columns, Mapping, MappingError, load_mapping
from commerce.imports.report import Sums
from commerce.imports.use_cases import import_orders
from foundation.money import to_taka

from .conftest import NOW, Merchant

PAGE = (Path(__file__).parents[3] / "docs/how-to/import-orders.md").read_text()


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1, f"one {language} block"
    return found[0]


@pytest.fixture(scope="module")
def example(settings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    (folder / "orders.csv").write_text(block("csv"))
    (folder / "mapping.yaml").write_text(block("yaml"))
    report = import_orders(
        settings, mapping_path=folder / "mapping.yaml", files=(folder / "orders.csv",), now=NOW
    ).runs[0]  # fmt: skip
    return Merchant(settings, folder, load_mapping(folder / "mapping.yaml").source), report


def printed(name: str, sums: Sums) -> str:
    rows = "row" if sums.rows == 1 and name.startswith("  ") else "rows"
    return f"{name} {sums.rows} {rows} {sums.quantity_milli / 1000:.3f} units {to_taka(sums.amount_poisha)} taka"


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_report_is_the_one_on_the_page(example):
    _, report = example
    said = [
        printed("in the file", report.file),
        printed("imported", report.imported),
        printed("rejected", report.rejected),
    ]
    said += [printed("  " + item.reason, item) for item in report.rejected_by_reason]
    assert squeezed("\n".join(said)) == squeezed(block("text"))
    assert report.is_reconciled


def test_the_query_shows_the_refused_rows(example):
    merchant, _ = example
    found = merchant.sql(block("sql"))
    assert [(number, row["Order"]) for number, _, row in found] == [(4, "#1003"), (5, "#1004")]


def test_the_shop_has_the_orders(example):
    merchant, _ = example
    groups = merchant.groups("number, payment_method, district_code, discount_poisha, total_poisha")
    assert groups == [
        ("KS-#1001", "cod", "BD-13", 6_000, 142_550),
        ("KS-#1002", "bkash", "BD-10", 0, 60_000),
    ]


def keys(part: type[BaseModel], prefix: str = "") -> set[str]:
    return {prefix + name for name in part.model_fields}


def test_every_key_is_in_the_table():
    table = PAGE.split("## All keys")[1].split("## The demonstration data")[0]
    named = set()
    for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
        words = re.findall(r"`([\w.]+)`", row)
        room = words[0].rpartition(".")[0]
        named |= {word if "." in word or not room else f"{room}.{word}" for word in words}
    wanted = keys(Mapping) - {"columns", "assign"} | keys(Columns, "columns.") | keys(Assign, "assign.")
    assert named == wanted


def test_the_error_on_the_page_is_the_error(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text(block("yaml").replace("zone: Asia/Dhaka", "zone: Dhaka"))
    with pytest.raises(MappingError, match=r"columns\.placed_at\.zone") as caught:
        load_mapping(path)
    quoted = re.search(r"`(columns.placed_at.zone: [^`]*)`", PAGE)
    assert " ".join(quoted.group(1).split()) in str(caught.value)
