"""Fraud: what checkout decides, what comes true, where parcels come back, and how good the model is."""

from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboards import charts, frame
from dashboards.data import read
from dashboards.frame import Tile
from dashboards.periods import Period
from dashboards.rule_names import rule_name
from dashboards.views.overview import CHANNELS
from dashboards.words import Words

METHODS = {"cod": "cash on delivery", "bkash": "bKash"}
Chosen = dict[str, str | None]
COUNTS = ["order_groups", "refused", "labels_known", "frauds_known", "refused_poisha"]
#: Checkouts of a district before its share tells anything.
ENOUGH = 30
#: The model and the best rules; the others say nothing new.
SHOWN_METHODS = 7
ACTIONS = {"allow": charts.GREEN, "review": charts.AMBER, "decline": charts.RED}


def render(words: Words) -> None:
    """The page."""
    frame.heading(
        words, words("Fraud"), words("What checkout decides, what comes true later, and how good the model is.")
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = frame.choose_period(words)
        if period is None:
            return
        method = frame.choose_from(
            words, words("Payment method"), METHODS, everything=words("All methods"), key="method"
        )
        channel = frame.choose_from(words, words("Channel"), CHANNELS, everything=words("All channels"), key="channel")
        seller = frame.choose_seller(words, period.last_on - timedelta(days=365))
    chosen = {"method": method, "channel": channel, "seller_id": seller}
    now, prior = period.split(_outcomes(period, chosen), "placed_on")
    if now.empty:
        frame.nothing(words)
    else:
        frame.tiles(_tiles(words, period, now, prior))
        _refusals(words, period, chosen)
    _decisions(words, period)
    _reviews(words, period, chosen)
    _model(words)


def _outcomes(period: Period, chosen: Chosen) -> pd.DataFrame:
    """Outcomes by day of this period and the one before."""
    span = {"first_on": period.prior.first_on, "last_on": period.last_on}
    if chosen["seller_id"] is None:
        return read("outcomes_by_day", method=chosen["method"], channel=chosen["channel"], **span)
    rows = read("seller_outcomes", **chosen, **span)
    return rows if rows.empty else rows.groupby("placed_on", as_index=False)[COUNTS].sum()


def _tiles(words: Words, period: Period, now: pd.DataFrame, prior: pd.DataFrame) -> list[Tile]:
    def share(rows: pd.DataFrame, part: str, whole: str) -> float:
        return float(rows[part].sum()) / max(float(rows[whole].sum()), 1.0) if not rows.empty else 0.0

    this, before = frame.comparable(period, now, prior, "placed_on")

    def change(column: str) -> str | None:
        return words.change(float(this[column].sum()), float(before[column].sum()) if not before.empty else 0.0)

    refused = [share(rows, "refused", "order_groups") for rows in (this, before)]
    fraud = [share(rows, "frauds_known", "labels_known") for rows in (this, before)]
    return [
        Tile(
            words("Checkouts"), words.short(now["order_groups"].sum()), change("order_groups"),
            list(now["order_groups"]),
            help=words("Changes compare whole days with as many days before: a day that is not over does not count."),
        ),
        Tile(
            words("Refused at the door"), words.ratio(share(now, "refused", "order_groups"), 2),
            words.points(*refused) if not before.empty else None,
            list((now["refused"] / now["order_groups"].clip(lower=1)).astype(float)), mood="inverse",
            help=words("Checkouts with at least one parcel that was refused."),
        ),
        Tile(
            words("Value refused"), words.taka(now["refused_poisha"].sum()), change("refused_poisha"),
            list(now["refused_poisha"] / 100), mood="inverse",
        ),
        Tile(
            words("Known frauds"), words.number(now["frauds_known"].sum()), change("frauds_known"),
            list(now["frauds_known"]),
            mood="inverse", help=words("Labels arrive late: the last weeks are not complete yet."),
        ),
        Tile(
            words("Fraud among labelled"), words.ratio(share(now, "frauds_known", "labels_known"), 2),
            words.points(*fraud) if not before.empty and before["labels_known"].sum() else None,
            list((now["frauds_known"] / now["labels_known"].clip(lower=1)).astype(float)),
            mood="inverse",
        ),
    ]  # fmt: skip


def _decisions(words: Words, period: Period) -> None:
    now = read("decisions_by_day", first_on=period.first_on, last_on=period.last_on)
    left, right = st.columns(2)
    with (
        left,
        frame.card(
            words("Decisions at checkout"), words("Checkouts a day by what was decided, all sellers and methods.")
        ),
    ):
        if now.empty:
            frame.nothing(words, "No live decisions in this period.")
        else:
            colours = {words(action): colour for action, colour in ACTIONS.items()}
            rows = now.groupby(["decided_on", "action"], as_index=False)["decisions"].sum()
            shown = rows.assign(
                action=rows["action"].map(words), day=pd.to_datetime(rows["decided_on"]),
                written=rows["decisions"].map(words.number),
            )  # fmt: skip
            chart = charts.stacks(
                words, shown, day="day", value="decisions", series="action", colours=colours, period=period
            )
            st.altair_chart(chart, key="decisions")
    with right, frame.card(words("Who decided"), words("The model, or rules when it could not answer in time.")):
        if now.empty:
            frame.nothing(words, "No live decisions in this period.")
            return
        rows = now.groupby("decided_by", as_index=False).agg(
            decisions=("decisions", "sum"), frauds_known=("frauds_known", "sum"), latency_ms=("latency_ms_mean", "mean")
        )
        columns: frame.Columns = {
            "decided_by": ("Decided by", words),
            "decisions": ("Decisions", words.number),
            "frauds_known": ("Known frauds", words.number),
            "latency_ms": ("Mean time, ms", lambda value: words.number(value, 1)),
        }
        frame.table(words, rows, columns)


def _refusals(words: Words, period: Period, chosen: Chosen) -> None:
    weeks, places = _weeks_and_places(period, chosen)
    left, right = st.columns([3, 2])
    with left, frame.card(words("Refused parcels by payment method"), words("Share of checkouts, by full week.")):
        if weeks.empty:
            frame.nothing(words)
        else:
            ratio = (weeks["refused"] / weeks["order_groups"].clip(lower=1)).astype(float)
            shown = weeks.assign(
                ratio=ratio, written=ratio.map(lambda value: words.ratio(value, 2)),
                day=pd.to_datetime(weeks["week_starts_on"]), method=weeks["payment_method"].map(_method_name(words)),
            ).sort_values(["payment_method", "day"], ascending=[False, True])  # fmt: skip
            colours_of = (charts.AMBER, charts.BLUE)
            chart = charts.lines(
                words, shown, value="ratio", series="method", colours=colours_of, is_ratio=True,
                is_weekly=True,
            )  # fmt: skip
            st.altair_chart(chart, key="refusals")
    with right, frame.card(words("Districts with most refusals"), words("Share of checkouts; at least 30 checkouts.")):
        if places.empty:
            frame.nothing(words)
            return
        shown = places.assign(written=places["refused_ratio"].map(words.ratio))
        name = "district_bn" if words.locale == "bn" else "district"
        st.altair_chart(
            charts.bars(words, shown, name=name, value="refused_ratio", colour=charts.RED), key="refused-districts"
        )


def _weeks_and_places(period: Period, chosen: Chosen) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Refusals by full week and payment method, and by district."""
    span = {"first_on": period.first_on, "last_on": period.last_on}
    if chosen["seller_id"] is None:
        narrow = {"method": chosen["method"], "channel": chosen["channel"], **span}
        return read("outcomes_by_method", **narrow), read("outcomes_by_district", **narrow)
    rows = read("seller_outcomes", **chosen, **span)
    if rows.empty:
        return rows, rows
    day = pd.to_datetime(rows["placed_on"])
    week = day - pd.to_timedelta(day.dt.weekday, unit="D")
    past = rows.assign(week_starts_on=week)[week < week.max()]
    weeks = past.groupby(["week_starts_on", "payment_method"], as_index=False)[COUNTS].sum()
    places = rows.groupby(["district", "district_bn"], as_index=False)[COUNTS].sum()
    places = places[places["order_groups"] >= ENOUGH]
    ratio = (places["refused"] / places["order_groups"]).astype(float)
    return weeks, places.assign(refused_ratio=ratio).sort_values("refused_ratio", ascending=False).head(12)


def _model(words: Words) -> None:
    methods = read("fraud_evaluation")
    scores = read("fraud_scores")
    left, right = st.columns([3, 2])
    about = words("Average precision on the last labelled weeks, same orders. Higher is better.")
    with left, frame.card(words("The model beside single rules"), about):
        if methods.empty:
            frame.nothing(words, "No model was trained yet.")
        else:
            best = methods.head(SHOWN_METHODS)
            shown = best.assign(
                name=best["method"].map(_method(words)),
                written=best["average_precision"].map(lambda value: words.number(value, 3)),
                colour=[charts.GREY if is_baseline else charts.GREEN for is_baseline in best["is_baseline"]],
            )
            st.altair_chart(
                charts.bars(words, shown, name="name", value="average_precision", colours=True, room=320), key="methods"
            )
    with right, frame.card(words("Scores of honest orders and frauds"), words("Share of each group by score.")):
        if scores.empty:
            frame.nothing(words, "No model was trained yet.")
        else:
            st.altair_chart(_spread(words, scores), key="scores")
    if not methods.empty:
        _measures(words, methods)


def _measures(words: Words, methods: pd.DataFrame) -> None:
    with frame.card(
        words("The model and the best rules in figures"),
        words("In the riskiest 1% of orders: how many are fraud, and how much of all fraud is found."),
    ):
        columns: frame.Columns = {
            "method": ("Method", _method(words)),
            "average_precision": ("Average precision", lambda value: words.number(value, 3)),
            "roc_auc": ("ROC AUC", lambda value: words.number(value, 3)),
            "precision_at_1pct": ("Precision in top 1%", words.ratio),
            "recall_at_1pct": ("Found in top 1%", words.ratio),
        }
        frame.table(words, methods.head(SHOWN_METHODS), columns, widths={"method": 420})


def _spread(words: Words, scores: pd.DataFrame) -> Any:
    whole = scores.groupby("is_fraud")["orders"].transform("sum")
    names = {True: words("frauds"), False: words("honest orders")}
    shown = scores.assign(
        share=(scores["orders"] / whole).astype(float), low=(scores["bucket"] - 1) / 20, high=scores["bucket"] / 20,
        group=scores["is_fraud"].map(names), written=(scores["orders"] / whole).map(words.ratio),
    )  # fmt: skip
    return charts.spread(words, shown, colours={names[False]: charts.GREEN, names[True]: charts.RED})


def _method_name(words: Words) -> frame.Format:
    return lambda name: words(METHODS.get(str(name), str(name)))


def _method(words: Words) -> frame.Format:
    def write(name: str) -> str:
        return words("GetIt's model") if name == "model" else rule_name(words, name.removeprefix("rule: "))

    return write


def _reviews(words: Words, period: Period, chosen: Chosen) -> None:
    rows = read("checkouts_to_review", first_on=period.first_on, last_on=period.last_on, **chosen)
    with frame.card(words("Held for review"), words("The newest checkouts that wait for, or went through, a person.")):
        columns = {
            "number": ("Number", None),
            "placed_at": ("Placed", words.time),
            "payment_method": ("Payment method", _method_name(words)),
            "district_bn" if words.locale == "bn" else "district": ("District", None),
            "total_poisha": ("Total", words.full_taka),
            "decision_score": ("Score", lambda value: words.number(value, 3)),
            "decided_by": ("Decided by", words),
        }
        frame.table(words, rows, columns)
