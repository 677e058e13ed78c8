"""What columns mean: times and zones, decimal commas, prices, discounts, labels, derived orders, rebasing, the ledger."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from commerce.imports.expressions import UnknownColumn
from commerce.imports.sources import FileUnusable
from foundation.clock import DHAKA

from .conftest import NOW, another_merchant, line


def map_columns(merchant, *without: str, **columns: object) -> None:
    merchant.mapping["columns"] |= columns
    for name in without:
        del merchant.mapping["columns"][name]


def placed(merchant) -> list[datetime]:
    return [at for (at,) in merchant.groups("placed_at")]


def money(merchant) -> list[tuple]:
    return merchant.groups("subtotal_poisha, discount_poisha, total_poisha")


NOON = datetime(2026, 2, 3, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "placed_at", "expected"),
    [
        ("2026-02-03 12:00:00", {}, NOON),
        ("2026-02-03T12:00", {}, NOON),
        ("2026-02-03", {}, NOON),
        ("2026-02-03 06:00:00", {"zone": "UTC"}, NOON),
        ("2026-02-03T06:00:00Z", {}, NOON),
        ("2026-02-03T01:00:00-05:00", {"zone": "Asia/Tokyo"}, NOON),
        ("2026-02-03 12:00:00+06", {}, NOON),
        ("2026-02-03 12:00:00 +0600", {"formats": ["%Y-%m-%d %H:%M:%S %z"]}, NOON),
        ("03/02/2026 12:00", {"formats": ["%d/%m/%Y %H:%M"]}, NOON),
        ("03/02/2026 12:00 PM", {"formats": ["%d-%m-%Y", "%d/%m/%Y %I:%M %p"]}, NOON),
        ("03-02-2026", {"formats": ["%d-%m-%Y", "%d/%m/%Y"]}, NOON),
        ("০৩-০২-২০২৬", {"formats": ["%d-%m-%Y"]}, NOON),
        ("1770098400", {"formats": ["epoch_s"]}, NOON),
        ("1770098400000", {"formats": ["epoch_ms"]}, NOON),
        ("2025-07-01 00:30:00", {"zone": "America/New_York"}, datetime(2025, 7, 1, 4, 30, tzinfo=UTC)),
        ("2025-12-01 00:30:00", {"zone": "America/New_York"}, datetime(2025, 12, 1, 5, 30, tzinfo=UTC)),
    ],
)
def test_times(merchant, text, placed_at, expected):
    map_columns(merchant, placed_at={"column": "created", **placed_at})
    merchant.bring_in(merchant.csv([line(created=text)]))
    assert placed(merchant) == [expected]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([NOON], pa.timestamp("us", tz="UTC")),
        pa.array([NOON.astimezone(DHAKA).replace(tzinfo=None)], pa.timestamp("ms")),
        pa.array([date(2026, 2, 3)], pa.date32()),
    ],
    ids=["aware", "naive", "date"],
)
def test_times_of_a_typed_file(merchant, column):
    columns = {name: pa.array([value]) for name, value in line().items()} | {"created": column}
    merchant.bring_in(merchant.parquet(columns))
    assert placed(merchant) == [NOON]


@pytest.mark.parametrize(
    ("money_is", "text", "poisha"),
    [
        ({"decimal": ",", "thousands": "."}, "1.234.567,89", 123_456_789),
        ({"thousands": ","}, "12,34,567.50", 123_456_750),
        ({"thousands": " "}, "1 234.5", 123_450),
        ({}, "১২৫০.৫০", 125_050),
        ({}, "0.005", 1),
        ({}, "0.004", 0),
        ({"currency": "USD", "poisha_per_unit": 10_000}, "1.39", 13_900),
    ],
)
def test_numbers(merchant, money_is, text, poisha):
    merchant.mapping["money"] = money_is
    report = merchant.bring_in(merchant.csv([line(total=text)], delimiter=","))
    assert merchant.sold()[2] == report.imported.amount_poisha == poisha


def test_another_delimiter_and_encoding(merchant):
    merchant.mapping |= {"delimiter": ";", "encoding": "cp1252"}
    map_columns(merchant, title="sku")
    path = merchant.csv([line(sku="Crème fraîche")], delimiter=";")
    path.write_bytes(path.read_text().encode("cp1252"))
    merchant.bring_in(path)
    assert merchant.sql("select title_en from catalog.products where code = 'Crème fraîche'") == [("Crème fraîche",)]


def test_a_price_of_a_piece_is_multiplied_before_it_is_rounded(merchant):
    map_columns(merchant, "line_total", unit_price="total", discount="off")
    rows = [
        line("o1", qty="1000", total="12.345", off="0"),
        line("o2", qty="3", total="0.335", off="0.5"),
        line("o3", qty="0.333", total="99.99", off="0"),
    ]
    report = merchant.bring_in(merchant.csv(rows))
    assert money(merchant) == [(1_234_500, 0, 1_234_500), (101, 50, 51), (3_330, 0, 3_330)]
    assert report.file.amount_poisha == 1_234_500 + 51 + 3_330


def test_a_discount_greater_than_the_line_is_refused(merchant):
    map_columns(merchant, "line_total", unit_price="total", discount="off")
    report = merchant.bring_in(merchant.csv([line(qty="1", total="5", off="5.01")]))
    assert merchant.rejects(report.run_id) == {1: "money is negative: returns are not imported"}


def test_several_discount_columns_are_summed_and_the_total_is_after_them(merchant):
    map_columns(merchant, discount=["shop_off", "voucher_off"], shipping="fee")
    rows = [
        line("o1", total="90", shop_off="7.5", voucher_off="2.5", fee="60"),
        line("o1", total="10", shop_off="0", voucher_off="0", fee="60"),
    ]
    merchant.bring_in(merchant.csv(rows))
    groups = merchant.groups("subtotal_poisha, discount_poisha, shipping_poisha, total_poisha")
    assert groups == [(11_000, 1_000, 6_000, 16_000)], "shipping counts once a parcel"


def test_orders_by_customer_and_day(merchant):
    """The day is the one in Dhaka: eleven at night there and half an hour past midnight are two orders."""
    merchant.mapping["derive_order"] = "customer_and_day"
    map_columns(merchant, "order_id", "line_id", placed_at={"column": "created", "zone": "UTC"})
    times = ["2026-02-03 03:00:00", "2026-02-03 17:59:59", "2026-02-03 18:00:00"]
    rows = [line(customer="c1", created=time) for time in times] + [line(customer="c2", created=times[0])]
    merchant.bring_in(merchant.csv(rows))
    assert merchant.groups("source_ref, total_poisha") == [
        ("c1:2026-02-03", 250_100), ("c1:2026-02-04", 125_050), ("c2:2026-02-03", 125_050),
    ]  # fmt: skip
    assert placed(merchant)[0] == datetime(2026, 2, 3, 3, 0, tzinfo=UTC), "an order is placed when its first line was"


def test_an_order_of_two_customers_keeps_the_first(merchant):
    report = merchant.bring_in(merchant.csv([line("o1"), line("o1", customer="somebody else")]))
    assert merchant.rejects(report.run_id) == {2: "customer differs within the order"}


def test_an_order_is_split_by_seller(merchant):
    map_columns(merchant, outcome="outcome")
    rows = [
        line("o1", vendor="A", total="10", outcome="delivered"), line("o1", vendor="B", total="20", outcome="refused"),
        line("o1", vendor="A", total="1", outcome="delivered"), line("o2", vendor="A", total="5", outcome="lost"),
    ]  # fmt: skip
    report = merchant.bring_in(merchant.csv(rows))
    parcels = merchant.sql(
        "select s.code, o.status, o.total_poisha from orders.orders o join sellers.sellers s on s.id = o.seller_id "
        "join orders.order_groups g on g.id = o.group_id where g.source = %s order by 1", merchant.source,
    )  # fmt: skip
    assert parcels == [("A", "delivered", 1_100), ("B", "refused", 2_000)]
    assert merchant.rejects(report.run_id) == {4: "outcome is none of delivered, refused, cancelled"}


def test_labels_stand_with_the_time_they_became_known(merchant):
    label = {"is_fraud": "fraud", "origin": "origin", "occurred_at": "created", "known_at": "known"}
    map_columns(merchant, labels=[label])
    known = "2026-02-20 09:00:00"
    rows = [
        line("o1", fraud="true", origin="wallet_dispute", known=known),
        line("o2", fraud="false", origin="delivered", known=known),
        line("o3", fraud="true", origin="analyst", known=""),
        line("o4", fraud="perhaps", origin="analyst", known=known),
        line("o5", fraud="true", origin="rumour", known=known),
    ]
    report = merchant.bring_in(merchant.csv(rows))
    labels = merchant.sql(
        "select g.source_ref, l.is_fraud, l.origin, l.known_at from risk.labels l "
        "join orders.order_groups g on g.id = l.group_id where g.source = %s order by 1", merchant.source,
    )  # fmt: skip
    at = datetime(2026, 2, 20, 3, 0, tzinfo=UTC)
    assert labels == [("o1", True, "wallet_dispute", at), ("o2", False, "delivered", at)]
    assert merchant.rejects(report.run_id) == {4: "fraud label is neither true nor false", 5: "label origin unknown"}


def test_the_ledger_of_an_import_balances_and_holds_what_was_delivered(merchant):
    map_columns(merchant, outcome="outcome", shipping="fee", discount="off")
    rows = [
        line(f"o{n}", total=f"{n}.37", fee="60", off="1.01", vendor=f"{merchant.source} {n % 3}",
             outcome="refused" if n % 5 == 0 else "delivered", created=f"2026-02-{1 + n % 28:02d} 10:00:00")
        for n in range(1, 61)
    ]  # fmt: skip
    report = merchant.bring_in(merchant.csv(rows))
    entries = merchant.sql(
        "select t.id, e.account_code, e.amount_poisha from ledger.entries e join ledger.transfers t on t.id = e.transfer_id "
        "where t.reference like %s", f"{merchant.source}:{report.run_id}:%",
    )  # fmt: skip
    assert {sum(amount for one, _, amount in entries if one == transfer) for transfer, *_ in entries} == {0}
    totals = {}
    for _, account, amount in entries:
        totals[account] = totals.get(account, 0) + amount
    delivered = sum(n * 100 + 37 for n in range(1, 61) if n % 5)
    assert totals["opening_balance"] == delivered + 48 * 6_000
    assert totals["shipping_income"] == -48 * 6_000
    goods = totals["seller_payable:imported"] + totals["commission"] + totals["vat_payable"]
    assert -goods == delivered
    assert merchant.sold()[2] == delivered + sum(n * 100 + 37 for n in range(1, 61) if not n % 5)


def test_history_is_no_news(merchant):
    """Imported orders are closed history: no event is told, nobody is mailed about it."""
    merchant.bring_in(merchant.csv([line("o1"), line("o2")]))
    assert merchant.sql("select count(*) from platform.outbox") == [(0,)]


class TestRebase:
    ZONE = "America/New_York"

    def rebased(self, settings, tmp_path):
        merchant = another_merchant(settings, tmp_path, rebase={"wall_zone": self.ZONE})
        map_columns(merchant, placed_at={"column": "created", "zone": "UTC"})
        return merchant

    def test_moves_by_whole_days_so_that_the_last_is_yesterday(self, settings, tmp_path):
        merchant = self.rebased(settings, tmp_path)
        times = ["2017-01-05 03:10:00", "2017-07-01 03:59:59", "2017-07-01 04:00:00", "2018-01-01 04:30:00"]
        report = merchant.bring_in(merchant.csv([line(f"o{n}", created=time) for n, time in enumerate(times)]))
        walls = [datetime.fromisoformat(t).replace(tzinfo=UTC).astimezone(ZoneInfo(self.ZONE)) for t in times]
        local = [at.astimezone(DHAKA) for at in placed(merchant)]
        assert [at.time() for at in local] == [wall.time() for wall in walls]
        assert {at.date() - wall.date() for at, wall in zip(local, walls, strict=True)} == {
            timedelta(days=report.shift_days)
        }
        assert local[-1].date() == NOW.astimezone(DHAKA).date() - timedelta(days=1)

    def test_a_later_file_moves_as_the_first_did(self, settings, tmp_path):
        merchant = self.rebased(settings, tmp_path)
        first = merchant.bring_in(merchant.csv([line("o1", created="2017-05-01 12:00:00")]))
        earlier = merchant.csv([line("o2", created="2017-04-01 12:00:00")], "earlier.csv")
        second = merchant.bring_in(earlier, now=NOW + timedelta(days=9))
        assert second.shift_days == first.shift_days
        assert placed(merchant)[0] - placed(merchant)[1] == timedelta(days=30)

    @pytest.mark.parametrize("typing_error", ["2107-05-01 12:00:00", "infinity", "294000-01-01 00:00:00"])
    def test_one_mistyped_year_does_not_move_the_history(self, settings, tmp_path, typing_error):
        merchant = self.rebased(settings, tmp_path)
        rows = [line("o1", created="2017-05-01 12:00:00"), line("o2", created=typing_error)]
        report = merchant.bring_in(merchant.csv(rows))
        assert merchant.rejects(report.run_id) == {2: "time lies in the future"}
        assert report.last_placed_on == "2026-03-09"


def test_lookups_join_a_second_file(settings, tmp_path):
    merchant = another_merchant(settings, tmp_path)
    merchant.csv([{"sku": "rice", "name": "MINIKET RICE", "kind": "Grocery"}], "products.csv")
    merchant.mapping["lookups"] = {"goods": {"file": "products.csv", "column": "sku", "key": "sku"}}
    title = {"column": "goods.name", "case": "title", "missing": "Unnamed"}
    product = {"column": "sku", "prefix": f"{merchant.source}-"}
    map_columns(merchant, product=product, title=title, category=["goods.kind"])
    report = merchant.bring_in(merchant.csv([line("o1", sku="rice"), line("o2", sku="oil")]))
    titles = merchant.sql("select title_en from catalog.products where code like %s order by 1", f"{merchant.source}-%")
    assert titles == [("Miniket Rice",), ("Unnamed",)]
    assert report.imported.rows == 2


@pytest.mark.parametrize("key", ["line_total", "customer", "placed_at", "discount", "district"])
def test_a_column_the_file_does_not_have(merchant, key):
    map_columns(merchant, **{key: "no such column"})
    with pytest.raises(UnknownColumn) as caught:
        merchant.bring_in(merchant.csv([line()]))
    message = str(caught.value)
    assert "'no such column'" in message
    assert f"in {key}" in message
    assert all(name in message for name in line())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "first line must name every column"),
        (b"a,b,a\n", "given twice: a"),
        (b"row_number,a\n", "row_number"),
        (b"a,,b\n", "first line must name every column"),
    ],
)
def test_a_file_without_a_proper_header(merchant, content, says):
    path = merchant.folder / "orders.csv"
    path.write_bytes(content)
    with pytest.raises(FileUnusable, match=says):
        merchant.bring_in(path)


def test_districts_in_any_spelling_and_phones_only_encrypted(merchant):
    map_columns(merchant, district="district", customer_phone="phone")
    rows = [line("o1", district="Chittagong", phone="01712-345678"), line("o2", district="চট্টগ্রাম", phone="no"),
            line("o3", district="Atlantis", phone="")]  # fmt: skip
    report = merchant.bring_in(merchant.csv(rows))
    assert merchant.groups("district_code") == [("BD-10",), ("BD-10",)]
    assert merchant.rejects(report.run_id) == {3: "district unknown"}
    stored = merchant.sql(
        "select u.phone_encrypted, u.phone_index from identity.users u join orders.order_groups g on g.buyer_id = u.id "
        "where g.source = %s and u.phone_index is not null", merchant.source,
    )  # fmt: skip
    assert len(stored) == 1
    assert b"1712345678" not in bytes(stored[0][0])
