"""Mistakes in a mapping file: the message names the key and says what to do, in the reader's language."""

from pathlib import Path

import pytest
import yaml

from commerce.imports.mapping import Mapping, MappingError, load_mapping
from foundation.i18n import translate

GOOD = """
version: 1
source: karim-store
columns:
  order_id: order
  customer: buyer
  seller: {constant: karim}
  product: sku
  placed_at: {column: created, zone: UTC}
  quantity: qty
  line_total: total
  payment_method: method
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problem_of(folder: Path, text: str) -> str:
    with pytest.raises(MappingError) as caught:
        load_mapping(written(folder, text))
    return str(caught.value)


def test_a_good_mapping_is_read(tmp_path):
    mapping = load_mapping(written(tmp_path, GOOD))
    assert mapping.columns.customer.column == "buyer"
    assert mapping.columns.line_total == ("total",)
    assert mapping.money.poisha_per_unit == 100


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version: 1", "version: 1\nshop: x", ["shop: is no key of a mapping"]),
        ("  customer: buyer", "  customer: buyer\n  client: buyer", ["columns.client: is no key of a mapping"]),
        ("  product: sku", "", ["columns.product", "required"]),
        ("version: 1", "version: 2", ["version"]),
        ("karim-store", "Karim's Store", ["source"]),
        ("zone: UTC", "zone: Dhaka", ["columns.placed_at.zone", "'Dhaka' is no time zone", "Asia/Dhaka"]),
        ("zone: UTC", "format: '%d'", ["columns.placed_at.format: is no key of a mapping"]),
        ("  line_total: total", "  line_total: total\n  unit_price: price", ["columns", "either line_total or unit_price"]),
        ("  line_total: total", "", ["either line_total or unit_price"]),
        ("  order_id: order", "", ["either columns.order_id or derive_order"]),
        ("version: 1", "derive_order: customer_and_day", ["either columns.order_id or derive_order"]),
        ("version: 1", "derive_order: day", ["derive_order", "customer_and_day"]),
        ("  payment_method: method", "", ["payment_method", "assign.payment_method"]),
        ("{constant: karim}", "{constant: karim, column: vendor}", ["columns.seller", "exactly one of column, join or constant"]),
        ("{constant: karim}", "{}", ["columns.seller", "exactly one of column, join or constant"]),
        ("version: 1", "catalog: goods", ["there is no lookup 'goods'"]),
        ("version: 1", "money: {poisha_per_unit: 0}", ["money.poisha_per_unit", "greater than or equal to 1"]),
        ("version: 1", "money: {decimal: ',,'}", ["money.decimal"]),
        ("version: 1", "assign: {refused_ratio: 2}", ["assign.refused_ratio", "less than or equal to 1"]),
        ("version: 1", "assign: {courier: {pathao: -1}}", ["assign.courier", "share above zero"]),
        ("version: 1", "rebase: {wall_zone: Mars/Base}", ["rebase.wall_zone", "'Mars/Base' is no time zone"]),
        ("version: 1", "delimiter: ';;'", ["delimiter"]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_key(tmp_path, old, new, says):
    assert old in GOOD
    message = problem_of(tmp_path, GOOD.replace(old, new))
    for words in [*says, "mapping.yaml", "Correct it and import again."]:
        assert words in message


def test_all_mistakes_are_told_at_once(tmp_path):
    message = problem_of(tmp_path, GOOD.replace("version: 1", "shop: x\nstore: y").replace("  product: sku", ""))
    assert all(key in message for key in ("shop:", "store:", "columns.product:"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("columns: {order_id: [", "It is not YAML"),
        ("columns:\n\torder_id: x", "It is not YAML"),
        ("", "must be a YAML document with keys"),
        ("- a\n- b", "must be a YAML document with keys"),
    ],
)
def test_what_is_no_mapping_at_all(tmp_path, text, says):
    assert says in problem_of(tmp_path, text)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MappingError, match="It is not YAML"):
        load_mapping(path)


def test_a_mapping_that_is_not_there(tmp_path):
    with pytest.raises(MappingError, match="It cannot be read: No such file or directory"):
        load_mapping(tmp_path / "none.yaml")


@pytest.mark.parametrize(("locale", "script"), [("bn", range(0x0980, 0x0A00)), ("hi", range(0x0900, 0x0980))])
def test_the_advice_is_translated_and_the_key_stays(tmp_path, locale, script):
    with pytest.raises(MappingError) as caught:
        load_mapping(written(tmp_path, GOOD.replace("zone: UTC", "zone: Dhaka")))
    text = translate(caught.value.template, locale, **caught.value.params)
    assert any(ord(letter) in script for letter in text)
    assert "Correct it" not in text
    assert "columns.placed_at.zone" in text
    assert "mapping.yaml" in text


def test_the_fingerprint_is_of_the_meaning():
    document = yaml.safe_load(GOOD)
    same = Mapping.model_validate({**document, "columns": {**document["columns"], "customer": {"column": "buyer"}}})
    other = Mapping.model_validate({**document, "columns": {**document["columns"], "customer": "client"}})
    assert Mapping.model_validate(document).sha256 == same.sha256 != other.sha256
