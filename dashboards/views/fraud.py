"""Fraud: what checkout decides, what comes true, where parcels come back, and how good the model is."""

import pandas as pd
import streamlit as st

from dashboards import charts, frame
from dashboards.data import read
from dashboards.frame import Tile
from dashboards.periods import Period
from dashboards.views.overview import CHANNELS
from dashboards.words import Words

METHODS = {"cod": "cash on delivery", "bkash": "bKash"}
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
    span = {"first_on": period.prior.first_on, "last_on": period.last_on}
    outcomes = read("outcomes_by_day", method=method, channel=channel, **span)
    now, prior = period.split(outcomes, "placed_on")
    if now.empty:
        frame.nothing(words)
        return
    decisions = read("decisions_by_day", **span)
    frame.tiles(_tiles(words, now, prior))
    _decisions(words, period, decisions)
    _refusals(words, period, method, channel)
    _model(words)
    _reviews(words, period)


def _tiles(words: Words, now: pd.DataFrame, prior: pd.DataFrame) -> list[Tile]:
    def share(rows: pd.DataFrame, part: str, whole: str) -> float:
        return float(rows[part].sum()) / max(float(rows[whole].sum()), 1.0) if not rows.empty else 0.0

    refused, refused_before = share(now, "refused", "order_groups"), share(prior, "refused", "order_groups")
    fraud, fraud_before = share(now, "frauds_known", "labels_known"), share(prior, "frauds_known", "labels_known")
    lost, lost_before = now["refused_poisha"].sum(), prior["refused_poisha"].sum()
    return [
        Tile(
            words("Checkouts"), words.short(now["order_groups"].sum()),
            words.change(now["order_groups"].sum(), prior["order_groups"].sum()), list(now["order_groups"]),
        ),
        Tile(
            words("Refused at the door"), words.ratio(refused, 2), words.points(refused, refused_before),
            list((now["refused"] / now["order_groups"].clip(lower=1)).astype(float)), mood="inverse",
            help=words("Checkouts with at least one parcel that was refused."),
        ),
        Tile(
            words("Value refused"), words.taka(lost), words.change(lost, lost_before),
            list(now["refused_poisha"] / 100), mood="inverse",
        ),
        Tile(
            words("Known frauds"), words.number(now["frauds_known"].sum()),
            words.change(now["frauds_known"].sum(), prior["frauds_known"].sum()), list(now["frauds_known"]),
            mood="inverse", help=words("Labels arrive late: the last weeks are not complete yet."),
        ),
        Tile(
            words("Fraud among labelled"), words.ratio(fraud, 2),
            words.points(fraud, fraud_before) if prior["labels_known"].sum() else None,
            list((now["frauds_known"] / now["labels_known"].clip(lower=1)).astype(float)),
            mood="inverse",
        ),
    ]  # fmt: skip


def _decisions(words: Words, period: Period, decisions: pd.DataFrame) -> None:
    now, _ = period.split(decisions, "decided_on")
    left, right = st.columns([3, 2])
    with left, frame.card(words("Decisions at checkout"), words("Checkouts a day by what was decided.")):
        if now.empty:
            frame.nothing(words, "No live decisions in this period.")
        else:
            colours = {words(action): colour for action, colour in ACTIONS.items()}
            rows = now.groupby(["decided_on", "action"], as_index=False)["decisions"].sum()
            shown = rows.assign(
                action=rows["action"].map(words), day=pd.to_datetime(rows["decided_on"]),
                written=rows["decisions"].map(words.number),
            )  # fmt: skip
            chart = charts.stacks(words, shown, day="day", value="decisions", series="action", colours=colours)
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


def _refusals(words: Words, period: Period, method: str | None, channel: str | None) -> None:
    span = {"first_on": period.first_on, "last_on": period.last_on, "channel": channel}
    weeks = read("outcomes_by_method", **span)
    left, right = st.columns([3, 2])
    with left, frame.card(words("Refused parcels by payment method"), words("Share of checkouts, by week.")):
        if weeks.empty:
            frame.nothing(words)
        else:
            ratio = weeks["refused"] / weeks["order_groups"].clip(lower=1)
            shown = weeks.assign(
                ratio=ratio.astype(float), written=ratio.map(lambda value: words.ratio(value, 2)),
                day=pd.to_datetime(weeks["week_starts_on"]),
                method=weeks["payment_method"].map(_method_name(words)),
            )  # fmt: skip
            colours_of = (charts.AMBER, charts.BLUE)
            chart = charts.lines(
                words, shown, day="day", value="ratio", series="method", colours=colours_of, is_ratio=True
            )
            st.altair_chart(chart, key="refusals")
    places = read("outcomes_by_district", method=method, **span)
    with right, frame.card(words("Districts with most refusals"), words("Share of checkouts; at least 30 checkouts.")):
        if places.empty:
            frame.nothing(words)
            return
        shown = places.assign(written=places["refused_ratio"].map(words.ratio))
        name = "district_bn" if words.locale == "bn" else "district"
        st.altair_chart(
            charts.bars(words, shown, name=name, value="refused_ratio", colour=charts.RED), key="refused-districts"
        )


def _model(words: Words) -> None:
    methods = read("fraud_evaluation")
    scores = read("fraud_scores")
    left, right = st.columns([3, 2])
    with left, frame.card(words("The model beside single rules"), words("On the last labelled weeks, same orders.")):
        columns: frame.Columns = {
            "method": ("Method", _method(words)),
            "average_precision": ("Average precision", lambda value: words.number(value, 3)),
            "roc_auc": ("ROC AUC", lambda value: words.number(value, 3)),
            "precision_at_1pct": ("Precision in top 1%", words.ratio),
            "recall_at_1pct": ("Found in top 1%", words.ratio),
        }
        if methods.empty:
            frame.nothing(words, "No model was trained yet.")
        else:
            frame.table(words, methods, columns, widths={"method": 260})
    with right, frame.card(words("Scores of honest orders and frauds"), words("Share of each group by score.")):
        if scores.empty:
            frame.nothing(words, "No model was trained yet.")
            return
        whole = scores.groupby("is_fraud")["orders"].transform("sum")
        names = {True: words("frauds"), False: words("honest orders")}
        shown = scores.assign(
            share=(scores["orders"] / whole).astype(float), low=(scores["bucket"] - 1) / 20, high=scores["bucket"] / 20,
            group=scores["is_fraud"].map(names), written=(scores["orders"] / whole).map(words.ratio),
        )  # fmt: skip
        st.altair_chart(
            charts.spread(words, shown, colours={names[False]: charts.GREEN, names[True]: charts.RED}), key="scores"
        )


def _method_name(words: Words) -> frame.Format:
    return lambda name: words(METHODS.get(str(name), str(name)))


def _method(words: Words) -> frame.Format:
    def write(name: str) -> str:
        return words("GetIt's model") if name == "model" else name.removeprefix("rule: ")

    return write


def _reviews(words: Words, period: Period) -> None:
    rows = read("checkouts_to_review", first_on=period.first_on, last_on=period.last_on)
    with frame.card(words("Held for review"), words("The newest checkouts that wait for, or went through, a person.")):
        columns = {
            "number": ("Number", None),
            "placed_at": ("Placed", words.time),
            "payment_method": ("Payment method", _method_name(words)),
            "district_code": ("District", None),
            "total_poisha": ("Total", words.full_taka),
            "decision_score": ("Score", lambda value: words.number(value, 3)),
            "decision_source": ("Decided by", None),
        }
        frame.table(words, rows, columns)
