"""Business overview: what was sold, where, by whom, and how that compares with the period before."""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import charts, frame
from dashboards.data import read
from dashboards.frame import Tile
from dashboards.periods import Period
from dashboards.words import Words

CHANNELS = {"web": "shop", "market": "market (simulated)", "import": "imported history"}


def render(words: Words) -> None:
    """The page."""
    frame.heading(
        words, words("Business overview"), words("What was sold, where and by whom, beside the period before.")
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = frame.choose_period(words)
        if period is None:
            return
        channel = frame.choose_from(words, words("Channel"), CHANNELS, everything=words("All channels"), key="channel")
        category = frame.choose_category(words)
        seller = frame.choose_seller(words, period.last_on - timedelta(days=365))
    daily = _daily(period, channel, category, seller)
    now, prior = period.split(daily, "sold_on")
    if now.empty:
        frame.nothing(words)
        return
    frame.tiles(_tiles(words, period, now, prior))
    with frame.card(words("Sales by day"), words("Taka a day, after discount, without delivery; whole days.")):
        whole, before = frame.comparable(period, now, prior, "sold_on")
        st.altair_chart(_trend(words, period, now if whole.empty else whole, before), key="trend")
    if category is None and seller is None:
        _breakdown(words, period)
    if seller is None:
        _products(words, category)


def _daily(period: Period, channel: str | None, category: str | None, seller: str | None) -> pd.DataFrame:
    """Sales by day of this period and the one before; a seller or a category narrows, and goes before the channel."""
    span = {"first_on": period.prior.first_on, "last_on": period.last_on}
    if seller is not None:
        return read("seller_sales_by_day", seller_id=seller, **span)
    if category is not None:
        return read("category_sales_by_day", category=category, **span)
    return read("sales_by_day", channel=channel, **span)


def _totals(rows: pd.DataFrame) -> dict[str, float]:
    """Figures of a period, from its days."""
    sales, orders = float(rows["sales_poisha"].sum()), float(rows["orders"].sum())
    discount = float(rows["discount_poisha"].sum())
    return {
        "sales": sales, "orders": orders, "units": float(rows["units"].sum()), "basket": sales / max(orders, 1),
        "discount": discount / max(sales + discount, 1),
    }  # fmt: skip


def _tiles(words: Words, period: Period, now: pd.DataFrame, prior: pd.DataFrame) -> list[Tile]:
    shown = _totals(now)
    this, before = (_totals(rows) for rows in frame.comparable(period, now, prior, "sold_on"))
    change = {name: words.change(this[name], before[name]) for name in this}
    return [
        Tile(
            words("Sales"), words.taka(shown["sales"]), change["sales"], list(now["sales_poisha"] / 100),
            help=words("Changes compare whole days with as many days before: a day that is not over does not count."),
        ),
        Tile(words("Orders"), words.short(shown["orders"]), change["orders"], list(now["orders"])),
        Tile(
            words("Average order"),
            words.taka(shown["basket"]),
            change["basket"],
            list((now["sales_poisha"] / now["orders"].clip(lower=1) / 100).astype(float)),
        ),
        Tile(words("Pieces sold"), words.short(shown["units"]), change["units"], list(now["units"])),
        Tile(
            words("Discount share"),
            words.ratio(shown["discount"]),
            words.points(this["discount"], before["discount"]) if before["sales"] else None,
            list((now["discount_poisha"] / (now["sales_poisha"] + now["discount_poisha"]).clip(lower=1)).astype(float)),
            mood="off",
            help=words("Discount divided by sales before discount."),
        ),
    ]  # fmt: skip


def _trend(words: Words, period: Period, now: pd.DataFrame, prior: pd.DataFrame) -> Any:
    shift = timedelta(days=period.days)
    parts = [
        now.assign(series="now", day=now["sold_on"]),
        prior.assign(series="prior", day=prior["sold_on"] + shift) if not prior.empty else prior,
    ]
    shown = pd.concat([part for part in parts if not part.empty])
    shown = shown.assign(
        taka=shown["sales_poisha"] / 100,
        actual_on=pd.to_datetime(shown["sold_on"]),
        day=pd.to_datetime(shown["day"]),
        written=shown["sales_poisha"].map(words.taka),
    )
    return charts.against_prior(words, shown, column="taka", unit="৳")


def _breakdown(words: Words, period: Period) -> None:
    span = {"first_on": period.first_on, "last_on": period.last_on}
    left, right = st.columns(2)
    with left, frame.card(words("Categories"), words("Sales of the twelve largest.")):
        _bars(words, read("sales_by_category", prior_on=period.prior.first_on, **span), "category", charts.GREEN)
    places = read("sales_by_district", **span)
    name = "district_bn" if words.locale == "bn" else "district"
    with right, frame.card(words("Districts"), words("Sales by place of delivery (assigned in the demonstration).")):
        _bars(words, places, name, charts.BLUE)
    sellers = read("sales_by_seller", prior_on=period.prior.first_on, **span)
    with frame.card(
        words("Best sellers"), words("Sales beside the period before; commission as frozen in each order.")
    ):
        if sellers.empty:
            frame.nothing(words)
            return
        changes = sellers["sales_poisha"] / sellers["prior_poisha"].where(sellers["prior_poisha"] > 0) - 1
        columns = {
            "seller_name": ("Seller", None),
            "sales_poisha": ("Sales", words.full_taka),
            "change": ("Change", words.ratio),
            "orders": ("Orders", words.number),
            "commission_poisha": ("Commission", words.full_taka),
        }
        frame.table(words, sellers.assign(change=changes.astype(float)), columns)


def _products(words: Words, category: str | None) -> None:
    products = read("category_products", category=category)
    with frame.card(words("Best-selling products"), words("Last 28 days beside the 28 before.")):
        columns = {
            "title_en": ("Product", None),
            "brand": ("Brand", None),
            "category": ("Category", frame.plain_name),
            "sales_28d_poisha": ("Sales", words.full_taka),
            "units_28d": ("Sold", words.number),
            "units_prior_28d": ("Sold before", words.number),
        }
        frame.table(words, products, columns)


def _bars(words: Words, rows: pd.DataFrame, name: str, colour: str) -> None:
    if rows.empty:
        frame.nothing(words)
        return
    shown = rows.assign(
        taka=rows["sales_poisha"] / 100,
        written=rows["sales_poisha"].map(words.taka),
        **{name: rows[name].map(frame.plain_name)},
    )
    st.altair_chart(charts.bars(words, shown, name=name, value="taka", colour=colour), key=f"bars-{name}")
