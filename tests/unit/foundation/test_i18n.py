"""Languages: negotiation, translation with placeholders, South Asian digits and grouping."""

import pytest

from foundation.i18n import group_indian, negotiate, taka, translate


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"), ("", "en"), ("bn", "bn"), ("bn-BD,bn;q=0.9,en;q=0.8", "bn"), ("fr,hi;q=0.5", "hi"), ("xx", "en"),
        ("en;q=0.1,bn;q=0.9", "bn"), ("bn;q=broken,hi", "hi"), (",".join(["zz"] * 500), "en"),
    ],
)  # fmt: skip
def test_negotiates_the_callers_language(header, locale):
    assert negotiate(header) == locale


def test_translates_and_fills_placeholders():
    text = "An order that is {from_status} cannot become {to_status}."
    bangla = translate(text, "bn", from_status="shipped", to_status="cancelled")
    assert "shipped" in bangla
    assert bangla != translate(text, "en", from_status="shipped", to_status="cancelled")
    assert translate("No such text.", "bn") == "No such text."


def test_amounts_read_as_people_write_them():
    assert group_indian(123456789) == "12,34,56,789"
    assert group_indian(-1000) == "-1,000"
    assert taka(12_345_650) == "৳1,23,457"
    assert taka(12_345_650, "bn", with_poisha=True) == "৳১,২৩,৪৫৬.৫০"
