"""Supply: what is in stock, what will run out before a delivery could come, what to buy now."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from dashboards import charts, frame
from dashboards.data import read, read_first
from dashboards.frame import Tile
from dashboards.periods import Period
from dashboards.words import Words

REASONS = {"out_of_stock": "out of stock", "at_or_below_reorder_point": "at or below the reorder point"}


def render(words: Words) -> None:
    """The page."""
    frame.heading(
        words, words("Supply"), words("What is in stock, what will run out before supply can come, what to buy now.")
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = frame.choose_period(words)
        if period is None:
            return
        category = frame.choose_category(words)
        seller = frame.choose_seller(words, period.last_on - timedelta(days=365))
    chosen = {"category": category, "seller_id": seller}
    stock = read_first("stock_summary", **chosen)
    if not stock or not stock["offers"]:
        frame.nothing(words)
        return
    plan = read_first("supply_summary", **chosen)
    frame.tiles(_tiles(words, stock, plan))
    _charts(words, period, chosen)
    _proposals(words, chosen)


def _tiles(words: Words, stock: dict[str, float], plan: dict[str, float]) -> list[Tile]:
    offers = max(stock["offers"], 1)
    cover = stock["on_hand"] / stock["units_28d"] * 28 if stock["units_28d"] else None
    row = [
        Tile(words("Active offers"), words.short(stock["offers"])),
        Tile(
            words("Out of stock"), words.number(stock["offers_out"]),
            help=words("{share} of all offers", share=words.ratio(stock["offers_out"] / offers)),
        ),
        Tile(
            words("Will run short"), words.number(stock["offers_short"]),
            help=words("Stock does not last for the lead time of supply at the pace of the last 28 days."),
        ),
        Tile(words("Stock at cost"), words.taka(stock["stock_value_poisha"])),
        Tile(words("Days of cover"), "–" if cover is None else words.number(cover)),
    ]  # fmt: skip
    if plan and plan["offers"]:
        text = words("{offers} offers", offers=words.number(plan["offers"]))
        row.append(Tile(words("Proposed purchases"), words.taka(plan["cost_poisha"]), help=text))
    return row


def _charts(words: Words, period: Period, chosen: dict[str, str | None]) -> None:
    rows = read("stock_by_category", **chosen)
    costs = read("supply_by_category", **chosen)
    left, right = st.columns(2)
    with left, frame.card(words("Where stock is missing"), words("Offers that are gone or will run short.")):
        if rows.empty or not (rows["offers_out"] + rows["offers_short"]).sum():
            frame.nothing(words, "Nothing is missing.")
        else:
            chart = charts.parts(
                words, _missing(words, rows), colours=(charts.RED, charts.AMBER), title=words("offers")
            )
            st.altair_chart(chart, key="missing")
    with right, frame.card(words("Proposed purchases by category"), words("Cost in taka.")):
        if costs.empty:
            frame.nothing(words, "No purchases are proposed.")
        else:
            shown = costs.assign(
                taka=costs["cost_poisha"] / 100, written=costs["cost_poisha"].map(words.taka),
                category=costs["category"].map(frame.plain_name),
            )  # fmt: skip
            st.altair_chart(charts.bars(words, shown, name="category", value="taka", colour=charts.BLUE), key="costs")
    _pace(words, period, chosen)


def _pace(words: Words, period: Period, chosen: dict[str, str | None]) -> None:
    sold = _sold(period, chosen)
    with frame.card(words("Pace of sales"), words("Pieces a day in the period; whole days.")):
        if sold.empty:
            frame.nothing(words)
            return
        whole = float(sold["units"].sum())
        frame.tiles(
            [
                Tile(words("Pieces sold"), words.short(whole)),
                Tile(words("Pieces a day"), words.number(whole / period.days)),
                Tile(words("Sales"), words.taka(sold["sales_poisha"].sum())),
            ],
            key="pace-tiles",
        )
        past, _ = frame.comparable(period, sold, sold.iloc[:0], "sold_on")
        drawn = sold if past.empty else past
        shown = drawn.assign(
            series=words("sold"), day=pd.to_datetime(drawn["sold_on"]), written=drawn["units"].map(words.short)
        )
        chart = charts.lines(words, shown, value="units", series="series", colours=(charts.GREEN,))
        st.altair_chart(chart, key="pace")


def _sold(period: Period, chosen: dict[str, str | None]) -> pd.DataFrame:
    span = {"first_on": period.first_on, "last_on": period.last_on}
    if chosen["seller_id"] is not None:
        return read("seller_sales_by_day", seller_id=chosen["seller_id"], **span)
    if chosen["category"] is not None:
        return read("category_sales_by_day", category=chosen["category"], **span)
    return read("sales_by_day", channel=None, **span)


def _missing(words: Words, rows: pd.DataFrame) -> pd.DataFrame:
    names = {"offers_out": words("out of stock"), "offers_short": words("will run short")}
    long = rows[["category", *names]].melt(id_vars=["category"], var_name="kind", value_name="amount")
    return long.assign(
        kind=long["kind"].map(names), written=long["amount"].map(words.number),
        category=long["category"].map(frame.plain_name),
    )  # fmt: skip


def _proposals(words: Words, chosen: dict[str, str | None]) -> None:
    rows = read("supply_proposals", **chosen)
    with frame.card(words("Buy now"), words("The dearest proposals, with the reason of each.")):
        if rows.empty:
            frame.nothing(words, "No purchases are proposed.")
            return
        columns = {
            "title_en": ("Product", None),
            "seller_name": ("Seller", None),
            "proposed_quantity": ("Buy", words.number),
            "expected_cost_poisha": ("Cost", words.full_taka),
            "on_hand": ("On hand", words.number),
            "reserved": ("Reserved", words.number),
            "reorder_point": ("Reorder point", words.number),
            "reason": ("Reason", lambda reason: words(REASONS.get(str(reason), str(reason)))),
        }
        frame.table(words, rows, columns, height=420)
        st.download_button(
            words("Download as CSV"), rows.to_csv(index=False), file_name="getit-purchases.csv", mime="text/csv",
            on_click="ignore",
        )  # fmt: skip
