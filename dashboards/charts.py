"""The few kinds of charts the pages draw, with South Asian grouping and the reader's digits. Not here: data, texts."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
from babel.dates import get_day_names, get_month_names

from dashboards.periods import Period
from dashboards.words import MONTH, Words

GREEN, AMBER, BLUE, RED, GREY = "#006a4e", "#f2a900", "#2f6db5", "#d1495b", "#90a4ae"
HEIGHT = 280
MAX_TICKS = 9
#: Pixels beside the longest bar for its figure.
LABEL_ROOM = 84
_DIGITS = {"bn": list("০১২৩৪৫৬৭৮৯"), "hi": list("०१२३४५६७८९")}


@cache
def _locale(code: str) -> dict[str, Any]:
    """Vega's number and time formats of a language."""
    wide = get_month_names("wide", locale=code)
    short = wide if code in MONTH else get_month_names("abbreviated", locale=code)
    wide_days, short_days = get_day_names("wide", locale=code), get_day_names("abbreviated", locale=code)
    figures: dict[str, Any] = {"decimal": ".", "thousands": ",", "grouping": [3, 2, 2, 2, 2, 2], "currency": ["৳", ""]}
    if code in _DIGITS:
        figures["numerals"] = _DIGITS[code]
    time = {
        "dateTime": "%d %B %Y %H:%M", "date": "%d/%m/%Y", "time": "%H:%M", "periods": ["AM", "PM"],
        "days": [wide_days[(number - 1) % 7] for number in range(7)],
        "shortDays": [short_days[(number - 1) % 7] for number in range(7)],
        "months": [wide[number] for number in range(1, 13)],
        "shortMonths": [short[number] for number in range(1, 13)],
    }  # fmt: skip
    return {"number": figures, "time": time}


def finish(words: Words, chart: Any, height: int = HEIGHT) -> Any:
    """Size, language and manners of every chart."""
    return (
        chart.properties(height=height)
        .configure(locale=_locale(words.locale))
        .configure_view(strokeWidth=0)
        .configure_axis(labelLimit=220, titleFontWeight="normal")
        .configure_legend(orient="top", title=None, symbolOpacity=1)
    )


def size_labels(words: Words, unit: str = "") -> str:
    """Vega expression for an axis: 1.2 crore, 3 lakh, 5,000."""
    crore, lakh = words("crore"), words("lakh")
    return (
        f"abs(datum.value) >= 1e7 ? '{unit}' + format(datum.value / 1e7, ',.2~f') + ' {crore}' : "
        f"abs(datum.value) >= 1e5 ? '{unit}' + format(datum.value / 1e5, ',.2~f') + ' {lakh}' : "
        f"'{unit}' + format(datum.value, ',.2~f')"
    )


def days_axis(words: Words, days: pd.Series | None = None) -> Any:
    """Time axis without clutter. Vega writes dates in ASCII digits whatever the language: they are replaced.

    With `days` (weekly data) the ticks stand on some of these days; otherwise Vega chooses round dates.
    """
    label = "timeFormat(datum.value, '%-d %b')"
    for figure, own in enumerate(_DIGITS.get(words.locale, ())):
        label = f"replace({label}, regexp('{figure}', 'g'), '{own}')"
    axis: dict[str, Any] = {"title": None, "labelExpr": label, "labelOverlap": True, "grid": False, "labelFlush": True}
    if days is None:
        return alt.Axis(**axis, tickCount=8)
    shown = sorted(set(days))
    step = -(-len(shown) // MAX_TICKS)
    return alt.Axis(
        **axis, values=[alt.DateTime(year=day.year, month=day.month, date=day.day) for day in shown[::step]]
    )


def value_axis(words: Words, title: str | None = None, *, unit: str = "", is_ratio: bool = False) -> Any:
    """Value axis in words of size, or in percent."""
    if is_ratio:
        return alt.Axis(title=title, format=",.1~%", tickCount=5)
    return alt.Axis(title=title, labelExpr=size_labels(words, unit), tickCount=5)


def against_prior(words: Words, frame: pd.DataFrame, *, column: str, unit: str = "") -> Any:
    """Each day of a period as an area, the same day of the period before as a dashed line."""
    names = {"now": words("this period"), "prior": words("period before")}
    shown = frame.assign(series=frame["series"].map(names))
    colours = alt.Scale(domain=list(names.values()), range=[GREEN, GREY])
    base = alt.Chart(shown).encode(
        x=alt.X("day:T", axis=days_axis(words)),
        y=alt.Y(f"{column}:Q", axis=value_axis(words, unit=unit)),
        color=alt.Color("series:N", scale=colours),
        tooltip=[
            alt.Tooltip("actual_on:T", title=words("Day"), format="%d %b %Y"),
            alt.Tooltip("written:N", title=words("Value")),
            alt.Tooltip("series:N", title=words("Period")),
        ],
    )
    now = base.transform_filter(alt.datum.series == names["now"])
    prior = base.transform_filter(alt.datum.series == names["prior"])
    fill = now.mark_area(line={"strokeWidth": 2}, opacity=0.18, interpolate="monotone")
    return finish(words, prior.mark_line(strokeDash=[4, 4], strokeWidth=1.5, interpolate="monotone") + fill)


def bars(
    words: Words, frame: pd.DataFrame, *, name: str, value: str, colour: str = GREEN, colours: bool = False,
    room: int = 150,
) -> Any:  # fmt: skip
    """Horizontal bars in the given order, each labelled with its value (column `written`).

    With `colours`, each bar has the colour of its column `colour`; `room` is for the names, in pixels.
    """
    base = alt.Chart(frame).encode(
        y=alt.Y(f"{name}:N", sort=None, axis=alt.Axis(title=None, labelLimit=room, labelOverlap=False)),
        x=alt.X(
            f"{value}:Q",
            axis=None,
            scale=alt.Scale(domainMin=0, nice=False, rangeMax=alt.ExprRef(f"width - {LABEL_ROOM}")),
        ),
        tooltip=[alt.Tooltip(f"{name}:N", title=" "), alt.Tooltip("written:N", title=words("Value"))],
    )
    labels = base.mark_text(align="left", dx=4, color="#555").encode(text="written:N")
    filled = base.mark_bar(color=colour, cornerRadiusEnd=3)
    if colours:
        filled = filled.encode(color=alt.Color("colour:N", scale=None, legend=None))
    return finish(words, filled + labels, height=28 * len(frame) + 24)


def lines(
    words: Words, frame: pd.DataFrame, *, value: str, series: str, colours: Sequence[str],
    is_ratio: bool = False, is_weekly: bool = False,
) -> Any:  # fmt: skip
    """One line per series over the column `day`."""
    order = list(dict.fromkeys(frame[series]))
    chart = alt.Chart(frame).mark_line(strokeWidth=2, interpolate="monotone", point=alt.OverlayMarkDef(size=18))
    return finish(
        words,
        chart.encode(
            x=alt.X("day:T", axis=days_axis(words, frame["day"] if is_weekly else None)),
            y=alt.Y(f"{value}:Q", axis=value_axis(words, is_ratio=is_ratio)),
            color=alt.Color(f"{series}:N", scale=alt.Scale(domain=order, range=list(colours[: len(order)]))),
            tooltip=[
                alt.Tooltip("day:T", title=words("Day"), format="%d %b %Y"),
                alt.Tooltip(f"{series}:N", title=" "),
                alt.Tooltip("written:N", title=words("Value")),
            ],
        ),
    )


def stacks(
    words: Words, frame: pd.DataFrame, *, day: str, value: str, series: str, colours: dict[str, str], period: Period
) -> Any:
    """Stacked bars by day over the whole period; `colours` gives the order and colour of the series."""
    chart = alt.Chart(frame).mark_bar(size=max(2, min(18, 500 // period.days)))
    ends = [
        alt.DateTime(year=end.year, month=end.month, date=end.day)
        for end in (period.first_on - timedelta(days=1), period.last_on + timedelta(days=1))
    ]
    return finish(
        words,
        chart.encode(
            x=alt.X(f"{day}:T", axis=days_axis(words), scale=alt.Scale(domain=ends)),
            y=alt.Y(f"sum({value}):Q", axis=value_axis(words)),
            color=alt.Color(f"{series}:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))),
            tooltip=[
                alt.Tooltip(f"{day}:T", title=words("Day"), format="%d %b %Y"),
                alt.Tooltip(f"{series}:N", title=" "),
                alt.Tooltip("written:N", title=words("Value")),
            ],
        ),
    )


def spread(words: Words, frame: pd.DataFrame, *, colours: dict[str, str]) -> Any:
    """Two distributions over scores from 0 to 1, laid over each other."""
    chart = alt.Chart(frame).mark_bar(opacity=0.6)
    return finish(
        words,
        chart.encode(
            x=alt.X(
                "low:Q", bin="binned", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(title=words("score"), format=".1f")
            ),
            x2="high:Q",
            y=alt.Y("share:Q", stack=None, axis=value_axis(words, is_ratio=True)),
            color=alt.Color("group:N", scale=alt.Scale(domain=list(colours), range=list(colours.values()))),
            tooltip=[alt.Tooltip("group:N", title=" "), alt.Tooltip("written:N", title=words("Share"))],
        ),
    )


def fan(words: Words, sold: pd.DataFrame, ahead: pd.DataFrame) -> Any:
    """Weeks sold as a line, weeks ahead as a band from the low to the high quantile around the middle one."""
    names = {"sold": words("sold"), "ahead": words("forecast")}
    colours = alt.Scale(domain=list(names.values()), range=[GREEN, AMBER])
    tips = [
        alt.Tooltip("day:T", title=words("Week"), format="%d %b %Y"),
        alt.Tooltip("written:N", title=words("Pieces")),
    ]
    x = alt.X("day:T", axis=days_axis(words, pd.concat([sold["day"], *([] if ahead.empty else [ahead["day"]])])))
    y = alt.Y("units:Q", axis=value_axis(words))
    past = alt.Chart(sold.assign(series=names["sold"])).mark_line(strokeWidth=2)
    layers = [past.encode(x=x, y=y, color=alt.Color("series:N", scale=colours), tooltip=tips)]
    if not ahead.empty:
        future = alt.Chart(ahead.assign(series=names["ahead"]))
        layers.append(future.mark_area(opacity=0.22, color=AMBER).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"))
        line = future.mark_line(strokeWidth=2, strokeDash=[6, 3], point=alt.OverlayMarkDef(size=24))
        layers.append(line.encode(x=x, y=y, color=alt.Color("series:N", scale=colours), tooltip=tips))
    return finish(words, alt.layer(*layers), height=320)


def parts(
    words: Words, frame: pd.DataFrame, *, colours: Sequence[str], title: str | None = None, unit: str = ""
) -> Any:
    """Horizontal bars of an amount by category, split by kind."""
    kinds = list(dict.fromkeys(frame["kind"]))
    names = frame["category"].nunique()
    chart = alt.Chart(frame).mark_bar(cornerRadiusEnd=2)
    return finish(
        words,
        chart.encode(
            y=alt.Y("category:N", sort=None, axis=alt.Axis(title=None, labelLimit=150, labelOverlap=False)),
            x=alt.X("amount:Q", axis=value_axis(words, title, unit=unit)),
            color=alt.Color(
                "kind:N", scale=alt.Scale(domain=kinds, range=list(colours)), legend=alt.Legend(columns=1)
            ),
            tooltip=[
                alt.Tooltip("category:N", title=" "), alt.Tooltip("kind:N", title=" "),
                alt.Tooltip("written:N", title=title or words("Value")),
            ],
        ),
        height=26 * names + 110,
    )  # fmt: skip
