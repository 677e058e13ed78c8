"""Pure decisions of the catalogue: the buy box, variants, attributes, checks, rows of files, headers of pictures."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from commerce.catalog.bulk_rows import COLUMNS, REASONS, export_cells, guard, read_row, read_taka, unguard
from commerce.catalog.checks import check_price, check_words, contact_in, prohibited_in
from commerce.catalog.images import BadDimensions, NotAPicture, read_picture
from commerce.catalog.rules import (
    Attribute,
    BadAttribute,
    Contender,
    buy_box,
    matching_variants,
    missing_attributes,
    read_value,
)
from foundation.i18n import catalogue
from foundation.ids import uuid7


def offer(price=10_000, available=5, **more):
    return Contender(uuid7(), uuid7(), price, available, **more)


class TestBuyBox:
    def test_the_cheapest_wins_among_equals_and_says_so(self):
        cheap, dear = offer(9_000), offer(10_000)
        box = buy_box([dear, cheap])
        assert box.winner is cheap
        assert box.reasons == ("in-stock", "lowest-price")

    def test_who_has_nothing_wins_nothing(self):
        assert buy_box([offer(1, available=0)]).winner is None
        assert buy_box([]).winner is None
        stocked = offer(50_000)
        assert buy_box([offer(1, available=0), stocked]).winner is stocked

    def test_a_bad_record_or_a_long_wait_costs(self):
        good, bad = offer(10_500, score_bp=10_000), offer(10_000, score_bp=1_000)
        assert buy_box([bad, good]).winner is good
        quick, slow = offer(10_500, handling_days=0), offer(10_000, handling_days=9)
        assert "fastest" in buy_box([slow, quick]).reasons

    def test_used_goods_win_only_alone(self):
        used, new = offer(1_000, condition="used"), offer(90_000)
        assert buy_box([used, new]).winner is new
        assert buy_box([used]).reasons == ("in-stock", "only-offer")

    @given(
        st.lists(
            st.tuples(st.integers(1, 10**9), st.integers(0, 9), st.integers(0, 60), st.integers(0, 10_000)), max_size=8
        )
    )
    def test_order_does_not_matter_and_a_dominated_offer_never_wins(self, terms):
        offers = [offer(p, a, handling_days=h, score_bp=s) for p, a, h, s in terms]
        winner = buy_box(offers).winner
        assert buy_box(offers[::-1]).winner is winner
        for other in offers:
            if winner and other.available > winner.available:
                assert not (
                    other.price_poisha < winner.price_poisha and other.handling_days <= winner.handling_days
                    and other.score_bp >= winner.score_bp
                )  # fmt: skip


def test_blue_and_xl_must_be_one_variant():
    variants = [{"colour": "blue", "size": "M"}, {"colour": "red", "size": "XL"}]
    assert matching_variants(variants, {"colour": "blue", "size": "M"}) == [0]
    assert matching_variants(variants, {"colour": "blue", "size": "XL"}) == []
    naive = all(
        any(one.get(code) == value for one in variants) for code, value in {"colour": "blue", "size": "XL"}.items()
    )
    assert naive, "negative control: looking at each attribute by itself finds a shirt that does not exist"


class TestAttributes:
    def test_values_are_read_by_kind(self):
        assert read_value(Attribute("w", "number"), "১২") == 12
        assert read_value(Attribute("w", "number"), "2.50") == "2.50"
        assert read_value(Attribute("b", "boolean"), "হ্যাঁ") is True
        assert read_value(Attribute("c", "choice", ("Red",)), "red") == "Red"

    @pytest.mark.parametrize(
        ("kind", "value"), [("number", "ten"), ("boolean", "maybe"), ("choice", "green"), ("text", " ")]
    )
    def test_other_values_are_refused(self, kind, value):
        with pytest.raises(BadAttribute):
            read_value(Attribute("x", kind, ("red",) if kind == "choice" else ()), value)

    def test_required_ones_are_missed(self):
        known = [
            Attribute("size", "text", is_required=True, is_variant=True),
            Attribute("fit", "text", is_required=True),
        ]
        assert missing_attributes(known, {}, for_variant=True) == ["size"]
        assert missing_attributes(known, {"fit": "slim"}, for_variant=False) == []


class TestChecks:
    @pytest.mark.parametrize(
        "text",
        [
            "call 01712345678",
            "০১৭১২-৩৪৫৬৭৮",
            "+880 1712 345 678",
            "me@shop.com",
            "WhatsApp me",
            "www.x.com",
            "ইনবক্স করুন",
            "t.me/x",
        ],
    )
    def test_ways_around_the_shop_are_found(self, text):
        assert contact_in(f"Good rice {text}")

    @pytest.mark.parametrize(
        "text", ["Samsung A015 128 GB", "Pack of 12, 500 g", "ISBN 9789843456789", "২০২৬ সালের নতুন", "Limousine"]
    )
    def test_plain_numbers_are_not(self, text):
        assert contact_in(text) is None

    def test_prohibited_words_count_whole_only(self):
        assert prohibited_in("বিদেশি পিস্তল") == ["পিস্তল"] or prohibited_in("বিদেশি পিস্তল")
        assert prohibited_in("First copy watch") == ["first copy"]
        assert prohibited_in("Casinova perfume, ivorycoast cocoa") == []

    def test_the_number_found_is_not_repeated(self):
        assert "01712345678" not in str(check_words({"title_en": "Call 01712345678"}))

    def test_prices_out_of_line_are_found_where_there_is_a_line(self):
        assert check_price(100, 10_000, 50)
        assert check_price(1_000_000, 10_000, 50)
        assert not check_price(9_000, 10_000, 50)
        assert not check_price(100, 10_000, 3)


class TestRows:
    @pytest.mark.parametrize(
        ("text", "poisha"),
        [
            ("1250.5", 125_050),
            ("৳১,২৫০", 125_000),
            ("99 Tk", 9_900),
            ("0", None),
            ("1.234", None),
            ("-5", None),
            ("", None),
            ("1e9", None),
        ],
    )
    def test_amounts_are_read_as_people_write_them(self, text, poisha):
        assert read_taka(text) == poisha

    def test_every_problem_of_a_row_is_named(self):
        row = read_row(
            2,
            {
                "sku": "a b",
                "price": "x",
                "list_price": "y",
                "handling_days": "61",
                "status": "gone",
                "condition": "old",
            },
        )
        assert {one.column for one in row.problems} == {
            "sku",
            "price",
            "list_price",
            "handling_days",
            "status",
            "condition",
        }

    @given(st.text(max_size=30))
    def test_no_cell_is_a_formula_and_none_is_changed_by_the_way(self, text):
        assert unguard(guard(text)) == text or text.startswith("'")
        assert not guard(text).startswith(("=", "+", "-", "@"))

    def test_an_exported_row_reads_as_it_was(self):
        sold = dict.fromkeys(COLUMNS) | {"sku": "A-1", "price_poisha": 125_050, "list_price_poisha": None, "condition": "new",
                                          "handling_days": 2, "status": "active", "title_en": "=1+1"}  # fmt: skip
        row = read_row(2, dict(zip(COLUMNS, export_cells(sold), strict=True)))
        assert row.problems == []
        assert row.terms == {"price_poisha": 125_050, "condition": "new", "status": "active", "handling_days": 2}
        assert row.words["title_en"] == "=1+1"

    @pytest.mark.parametrize("locale", ["bn", "hi"])
    def test_every_reason_is_translated(self, locale):
        assert [reason for reason in REASONS if reason not in catalogue(locale)] == []


class TestPictures:
    @pytest.mark.parametrize(
        ("kind", "options"),
        [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {}), ("WEBP", {"lossless": True})],
    )
    def test_sizes_are_those_that_a_decoder_sees(self, kind, options):
        for size in ((33, 47), (640, 480), (1025, 77)):
            file = io.BytesIO()
            Image.new("RGB", size, (9, 99, 199)).save(file, kind, **options)
            found = read_picture(file.getvalue())
            assert (found.width, found.height, found.kind) == (*size, f"image/{kind.lower()}")

    def test_transparent_webp_has_another_header(self):
        file = io.BytesIO()
        Image.new("RGBA", (321, 123), (9, 99, 199, 50)).save(file, "WEBP")
        assert (read_picture(file.getvalue()).width, read_picture(file.getvalue()).height) == (321, 123)

    @given(
        st.binary(max_size=200),
        st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF0000WEBPVP8X", b"RIFF0000WEBPVP8L"]),
    )
    def test_noise_is_refused_not_crashed_on(self, data, start):
        try:
            read_picture(start + data)
        except (NotAPicture, BadDimensions):
            pass
