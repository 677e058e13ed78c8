"""What every page shares: heading with the time of the data, filters, tiles, tables, empty states. Not here: queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import pandas as pd
import streamlit as st

from dashboards.data import read, read_first
from dashboards.periods import PRESETS, Period
from dashboards.words import Words
from foundation.clock import business_date, system_clock

Format = Callable[[Any], str]
CUSTOM = "Choose dates"
#: Figures side by side before they are cut.
MAX_TILES = 5
#: Rows that a table shows whole; longer ones scroll.
MAX_ROWS = 15
SCROLLED = 420
#: Width of pages and wrapping of labels, which no option of Streamlit governs.
LOOKS = """<style>
.stMainBlockContainer {padding: 3rem 2rem 2rem}
[data-testid=stMetricLabel] p {white-space: normal}
[data-testid=stMetricValue] * {white-space: normal; line-height: 1.3}
@media (max-width: 640px) {
  [data-testid=stMetricValue] {font-size: 1.2rem}
  .stMainBlockContainer {padding: 3.5rem 1rem 2rem}
  [class*="-tiles"] [data-testid=stColumn] {min-width: calc(50% - 1rem); flex-basis: calc(50% - 1rem)}
}
</style>"""


@dataclass(frozen=True)
class Tile:
    """One figure, how it changed, and its course."""

    label: str
    value: str
    delta: str | None = None
    course: Sequence[float] = ()
    #: Whether growth is good ("normal"), bad ("inverse") or neither ("off").
    mood: Literal["normal", "inverse", "off"] = "normal"
    help: str | None = None


def heading(words: Words, title: str, about: str, *, is_assigned: bool = True) -> None:
    """Title, what the page answers, when its data was true, and what in it is synthetic."""
    st.title(title, anchor=False)
    st.markdown(f":gray[{about}]")
    known = read_first("data_time")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if known and pd.notna(known["built_at"]):
            times = {"built": words.time(known["built_at"]), "loaded": words.time(known["loaded_at"])}
            st.caption(words("Data as of {loaded}, warehouse built {built} (Dhaka time).", **times))
        else:
            st.caption(words("The warehouse has not been built yet."))
        if is_assigned:
            st.badge(
                words("demonstration data"),
                icon=":material/science:",
                color="orange",
                help=words(
                    "Purchases are a real, anonymised and re-dated retail panel. Sellers' names, districts, payment "
                    "methods, couriers and stock were assigned by a seeded rule. Market orders are simulated."
                ),
            )


def choose_period(words: Words, *, default: str = "30 days") -> Period | None:
    """Widget for the period; None (with a message) while there are no sales at all."""
    bounds = read_first("date_bounds")
    if not bounds or bounds["last_on"] is None:
        st.info(words("There are no sales yet. Import orders or run the pipelines, then come back."))
        return None
    first, last = bounds["first_on"], bounds["last_on"]
    options = [*PRESETS, CUSTOM]
    chosen = st.segmented_control(
        words("Period"),
        options,
        default=default,
        required=True,
        format_func=words,
        key="period",
        bind="query-params",
        wrap=True,
    )
    if chosen != CUSTOM:
        return Period.last_days(PRESETS[chosen or default], last)
    dates = st.date_input(
        words("From – to"),
        (max(first, last - timedelta(days=29)), last),
        min_value=first,
        max_value=last,
        format="DD/MM/YYYY",
        key="dates",
    )
    return Period(*_both(dates, last))


def comparable(
    period: Period, now: pd.DataFrame, prior: pd.DataFrame, column: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of both periods without a day that is not over in Dhaka."""
    return period.whole_days(now, prior, column, business_date(system_clock()))


def _both(dates: Any, last: date) -> tuple[date, date]:
    """Both ends, also while the reader has clicked only the first."""
    ends = tuple(dates) if isinstance(dates, list | tuple) else (dates,)
    return (ends[0], ends[1]) if len(ends) > 1 else (ends[0] if ends else last, last)


def plain_name(name: str) -> str:
    """Category as people write it: catalogues shout."""
    return name.capitalize() if name.isupper() else name


def choose_category(words: Words) -> str | None:
    """Widget for a category; None is all."""
    frame = read("categories")
    names = [] if frame.empty else sorted(set(frame["category"]))
    chosen: str | None = st.selectbox(
        words("Category"), names, index=None, placeholder=words("All categories"), key="category", bind="query-params",
        format_func=plain_name,
    )  # fmt: skip
    return chosen


def choose_seller(words: Words, since: date) -> str | None:
    """Widget for a seller; None is all. The best sellers come first."""
    frame = read("sellers", since=since)
    names = {} if frame.empty else dict(zip(frame["seller_id"], frame["seller_name"], strict=True))
    chosen: str | None = st.selectbox(
        words("Seller"), list(names), index=None, placeholder=words("All sellers"),
        format_func=lambda seller: names.get(seller, seller), key="seller",
    )  # fmt: skip
    return chosen


def choose_from(words: Words, label: str, names: Mapping[str, str], *, everything: str, key: str) -> str | None:
    """Widget for one of a few; None is all."""
    chosen: str | None = st.selectbox(
        label, list(names), index=None, placeholder=everything,
        format_func=lambda name: words(names.get(name, name)), key=key, bind="query-params",
    )  # fmt: skip
    return chosen


def tiles(row: Sequence[Tile], key: str = "tiles") -> None:
    """Figures in a row, or in two when they are many: a cut figure is worse than a second row."""
    half = len(row) if len(row) <= MAX_TILES else -(-len(row) // 2)
    with st.container(key=key):
        for start in range(0, len(row), half):
            _tile_row(row[start : start + half])


def _tile_row(row: Sequence[Tile]) -> None:
    for column, tile in zip(st.columns(len(row)), row, strict=True):
        column.metric(
            tile.label,
            tile.value,
            tile.delta,
            delta_color=tile.mood,
            help=tile.help,
            border=True,
            height="stretch",
            chart_data=list(tile.course) if len(tile.course) > 1 else None,
            chart_type="area",
        )


Columns = Mapping[str, tuple[str, Format | None]]


def table(
    words: Words,
    frame: pd.DataFrame,
    columns: Columns,
    *,
    height: int | Literal["content"] = "content",
    widths: Mapping[str, int] | None = None,
) -> None:
    """A table with these columns: name → (heading, how its values are written). Sorting follows the values.

    `widths` (pixels) are for columns whose written values are wider than Streamlit guesses from the plain ones.
    """
    if frame.empty:
        nothing(words)
        return
    written = {name: form for name, (_, form) in columns.items() if form is not None}
    headings = {
        name: st.column_config.Column(words(label), width=(widths or {}).get(name))
        for name, (label, _) in columns.items()
    }
    plain = frame[list(columns)]
    styled = plain.style.format({name: _blank(form) for name, form in written.items()}, na_rep="–")
    height = SCROLLED if height == "content" and len(frame) > MAX_ROWS else height
    st.dataframe(styled, hide_index=True, column_config=headings, height=height, placeholder="–")


def _blank(form: Format) -> Format:
    """The same writing, with a dash for what is not there."""
    return lambda value: "–" if pd.isna(value) else form(value)


def nothing(words: Words, text: str = "Nothing to show for this choice.") -> None:
    """The empty state."""
    st.info(words(text), icon=":material/inbox:")


def card(title: str, about: str | None = None) -> Any:
    """A framed part of a page."""
    box = st.container(border=True, height="stretch")
    box.markdown(f"**{title}**" + (f"  \n:gray[{about}]" if about else ""))
    return box
