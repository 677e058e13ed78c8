"""Figures as South Asian readers write them, in three languages; and no text of a page without its translation."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashboards.words import Words
from foundation.i18n import catalogue

EN, BN, HI = Words("en"), Words("bn"), Words("hi")
DASHBOARDS = Path(__file__).parents[3] / "dashboards"
LABELS = {
    "CHANNELS", "METHODS", "MEASURES", "LEVELS", "NAMES", "SOURCES", "REASONS", "METRICS", "BASELINES", "WHO", "WHAT",
}  # fmt: skip
KEYS = {"PRESETS", "SPANS", "ACTIONS"}


class TestFigures:
    @pytest.mark.parametrize(
        ("poisha", "expected"),
        [
            (12_345, "৳123"),
            (9_999_900, "৳99,999"),
            (10_000_000, "৳1.00 lakh"),
            (445_744_261_00, "৳44.57 crore"),
            (2_534_800_000_00, "৳253.5 crore"),
            (-10_000_000, "-৳1.00 lakh"),
        ],
    )
    def test_taka_is_spoken_in_lakh_and_crore(self, poisha, expected):
        assert EN.taka(poisha) == expected

    def test_bangla_has_its_own_digits_and_words(self):
        assert BN.taka(445_744_261_00) == "৳৪৪.৫৭ কোটি"
        assert BN.number(1234567.891, 2) == "১২,৩৪,৫৬৭.৮৯"

    def test_hindi_has_its_own_digits_and_words(self):
        assert HI.taka(10_000_000) == "৳१.०० लाख"

    def test_changes_are_signed_and_never_minus_zero(self):
        assert EN.change(110, 100) == "+10.0%"
        assert EN.change(90, 100) == "-10.0%"
        assert EN.change(99_999, 100_000) == "+0.0%"
        assert EN.change(5, 0) is None

    def test_times_are_those_of_dhaka(self):
        assert EN.time(datetime(2025, 3, 31, 18, 30, tzinfo=UTC)) == "1 Apr 2025, 00:30"
        assert BN.day(date(2025, 4, 1)) == "১ এপ্রিল ২০২৫"


def texts_of(tree):
    """Texts a page module writes: arguments of `words(...)`, headings of tables, labels of choices."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = node.args[:1] if name in {"words", "self"} else node.args[1:2] if name == "nothing" else []
            yield from (text.value for text in texts if isinstance(text, ast.Constant))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = getattr(target, "id", "")
            if name == "columns":
                yield from (value.elts[0].value for value in node.value.values)
            elif name in LABELS:
                yield from (value.value for value in node.value.values if isinstance(value, ast.Constant))
            elif name in KEYS:
                yield from (key.value for key in node.value.keys)
            elif name == "PAGES":
                yield from (value.elts[0].value for value in node.value.values)


@pytest.mark.parametrize("locale", ["bn", "hi"])
def test_every_text_is_translated(locale):
    written = {text for path in DASHBOARDS.rglob("*.py") for text in texts_of(ast.parse(path.read_text()))}

    assert len(written) > 120
    assert sorted(written - set(catalogue(locale))) == []


@pytest.mark.parametrize("locale", ["bn", "hi"])
def test_translations_keep_their_placeholders(locale):
    for text, translation in catalogue(locale).items():
        assert text.count("{") == translation.count("{"), text
