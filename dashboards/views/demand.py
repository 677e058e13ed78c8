"""Demand: what sold in past weeks, what the next weeks will ask for, and how far forecasts can be trusted."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboards import charts, frame
from dashboards.data import read, read_first
from dashboards.frame import Tile
from dashboards.words import Words

SPANS = {"3 months": 91, "6 months": 182, "12 months": 364}
LOW, HIGH = 0.1, 0.9
LEVELS = {"product_week": "product and week", "category_week": "category and week"}
NAMES = {
    "getit": "GetIt's model",
    "naive_last": "last week's value",
    "mean4": "mean of 4 weeks",
    "mean13": "mean of 13 weeks",
    "ses": "simple exponential smoothing",
}


def render(words: Words) -> None:
    """The page."""
    frame.heading(
        words, words("Demand"), words("What the coming weeks will ask for, and how far the forecast can be trusted.")
    )
    bounds = read_first("date_bounds")
    if not bounds or bounds["last_on"] is None:
        frame.nothing(words, "There are no sales yet. Import orders or run the pipelines, then come back.")
        return
    last_on: date = bounds["last_on"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        span = st.segmented_control(
            words("History"), list(SPANS), default="6 months", required=True, format_func=words, key="history",
            bind="query-params",
        )  # fmt: skip
        category = frame.choose_category(words)
        products = read("forecast_products", category=category)
        product = _choose_product(words, products)
    since = last_on - timedelta(days=SPANS[span or "6 months"])
    sold = _sold(since, last_on, category, product)
    ahead = _ahead(category, product)
    if sold.empty:
        frame.nothing(words)
        return
    frame.tiles(_tiles(words, sold, ahead))
    with frame.card(
        words("Pieces a week"), words("Sold in full weeks, then the forecast: expected value and 80% band.")
    ):
        st.altair_chart(charts.fan(words, _written(words, sold), _written(words, _joined(sold, ahead))), key="fan")
    _trust(words)
    _ranking(words, products)


def _choose_product(words: Words, products: pd.DataFrame) -> str | None:
    names = {} if products.empty else dict(zip(products["product_id"], products["title_en"], strict=True))
    chosen: str | None = st.selectbox(
        words("Product"), list(names), index=None, placeholder=words("All products"),
        format_func=lambda product: names.get(product, product), key="product",
    )  # fmt: skip
    return chosen


def _sold(since: date, last_on: date, category: str | None, product: str | None) -> pd.DataFrame:
    if product is not None:
        rows = read("product_weekly_units", since=since, last_on=last_on, product_id=product)
    else:
        rows = read("weekly_units", since=since, last_on=last_on, category=category)
    # The first week of the span is cut by its first day.
    return rows.iloc[1:].assign(day=pd.to_datetime(rows["week_starts_on"].iloc[1:])) if len(rows) > 1 else rows.iloc[:0]


def _ahead(category: str | None, product: str | None) -> pd.DataFrame:
    """One row a coming week: low, middle and high quantile."""
    rows = (
        read("forecast_product", product_id=product)
        if product is not None
        else read("forecast_categories", category=category)
    )
    if rows.empty:
        return rows
    rows = rows.assign(quantile=rows["quantile"].round(3))
    wide = rows.pivot_table(index="week_starts_on", columns="quantile", values="units", aggfunc="sum")
    if not {LOW, HIGH} <= set(wide.columns):
        return rows.iloc[:0]
    # The line is the expected value: medians of products that seldom sell are 0, and their sum is far too low.
    expected = rows.groupby("week_starts_on")["expected_units"].first()
    band = pd.DataFrame({"low": wide[LOW], "units": expected, "high": wide[HIGH]}).reset_index()
    return band.assign(day=pd.to_datetime(band["week_starts_on"]))


def _joined(sold: pd.DataFrame, ahead: pd.DataFrame) -> pd.DataFrame:
    """The forecast drawn from the last week sold on, when it is the next one."""
    last = sold.iloc[[-1]]
    if ahead.empty or ahead["day"].iloc[0] - last["day"].iloc[0] != pd.Timedelta(weeks=1):
        return ahead
    return pd.concat([last.assign(low=last["units"], high=last["units"])[list(ahead.columns)], ahead])


def _written(words: Words, rows: pd.DataFrame) -> pd.DataFrame:
    return rows if rows.empty else rows.assign(written=rows["units"].map(words.short))


def _tiles(words: Words, sold: pd.DataFrame, ahead: pd.DataFrame) -> list[Tile]:
    recent, before = sold["units"].tail(4).sum(), sold["units"].iloc[-8:-4].sum()
    row = [
        Tile(words("Sold in the last 4 weeks"), words.short(recent), words.change(recent, before), list(sold["units"])),
    ]
    if ahead.empty:
        return [*row, Tile(words("Forecast, next 4 weeks"), "–", help=words("No forecast was made yet."))]
    next_four = ahead.head(4)
    expected = next_four["units"].sum()
    band = f"{words.short(next_four['low'].sum())} – {words.short(next_four['high'].sum())}"
    return [
        *row,
        Tile(words("Forecast, next 4 weeks"), words.short(expected), words.change(expected, recent), list(ahead["units"])),
        Tile(
            words("80% band, next 4 weeks"), band,
            help=words("Sum of weekly bands: wide on purpose, weeks do not all err in one direction."),
        ),
    ]  # fmt: skip


def _trust(words: Words) -> None:
    errors = read("demand_backtest")
    with frame.card(
        words("How far it can be trusted"),
        words("Back-test on weeks the model had not seen, beside naive methods on the same rows. Lower is better."),
    ):
        if errors.empty:
            frame.nothing(words, "No model was trained yet.")
            return
        for column, level in zip(st.columns(2), LEVELS, strict=True):
            rows = errors[errors["level"] == level]
            if not rows.empty:
                column.caption(words("Error (WMAPE) by {level}", level=words(LEVELS[level])))
                column.altair_chart(
                    charts.bars(words, _named(words, rows), name="name", value="wmape", colours=True, room=210)
                )
        columns: frame.Columns = {
            "level": ("Level", lambda level: words(LEVELS.get(str(level), str(level)))),
            "method": ("Method", lambda method: words(NAMES.get(str(method), str(method)))),
            "wmape": ("WMAPE", lambda value: words.number(value, 3)),
            "mase": ("MASE", lambda value: words.number(value, 3)),
            "bias": ("Bias", words.ratio),
        }
        frame.table(words, errors, columns)


def _named(words: Words, rows: pd.DataFrame) -> pd.DataFrame:
    """Methods by their names; ours in its own colour."""
    return rows.assign(
        name=rows["method"].map(lambda method: words(NAMES.get(str(method), str(method)))),
        written=rows["wmape"].map(lambda value: words.number(value, 3)),
        colour=[charts.GREY if is_baseline else charts.GREEN for is_baseline in rows["is_baseline"]],
    )


def _ranking(words: Words, products: pd.DataFrame) -> None:
    with frame.card(words("Products with the largest demand"), words("Forecast of four weeks beside the last four.")):
        if products.empty:
            frame.nothing(words, "No forecast was made yet.")
            return
        change = products["units_ahead"] / products["units_28d"].where(products["units_28d"] > 0) - 1
        columns = {
            "title_en": ("Product", None),
            "brand": ("Brand", None),
            "category": ("Category", frame.plain_name),
            "units_ahead": ("Next 4 weeks", words.number),
            "units_28d": ("Last 4 weeks", words.number),
            "change": ("Change", words.ratio),
        }
        frame.table(words, products.assign(change=change.astype(float)), columns)
