"""Data health: does every poisha arrive, is the data fresh, did every check pass, which models serve."""

import re

import pandas as pd
import streamlit as st

from dashboards import charts, frame
from dashboards.data import read
from dashboards.frame import Tile
from dashboards.views.demand import NAMES
from dashboards.words import Words

MEASURES = {"amount_poisha": "money", "quantity_milli": "quantity", "rows": "rows"}
#: How many stored units make one that people read.
SIZES = {"amount_poisha": 100, "quantity_milli": 1000, "rows": 1}
#: Pixels for an amount with every digit; those of Bangla are wide.
WIDTHS = {"bn": 140, "hi": 130}
SOURCES = {
    "all": "everything",
    "live-market": "live market",
    "live-web": "live shop",
    "market": "market history",
    "retail-panel": "retail panel",
}
REASONS = {
    "agg_sales_day": "sales by day",
    "fct_sales_daily_product": "sales by product and day",
    "cancelled": "cancelled",
    "refused": "refused",
    "on_hold": "held for review",
    "quantity is zero": "quantity is zero",
}
METRICS = {
    "wmape_product_week": "error (WMAPE), product and week",
    "wmape_category_week": "error (WMAPE), category and week",
    "mase_product_week": "scaled error (MASE), product and week",
    "mase_category_week": "scaled error (MASE), category and week",
    "average_precision": "average precision",
    "precision_at_1pct": "precision in top 1%",
    "recall_at_1pct": "fraud found in top 1%",
    "roc_auc": "ROC AUC",
    "taka_lost_an_order": "taka lost an order",
    "fill_ratio": "share of demand filled",
    "mean_stock_units": "mean stock, pieces",
    "taka_a_week_item": "cost a week and item, taka",
}
HIGHER_IS_BETTER = {"average_precision", "precision_at_1pct", "recall_at_1pct", "roc_auc", "fill_ratio"}
BASELINES = {
    **NAMES,
    "best_single_rule": "best single rule",
    "allow_everything": "allow everything",
    "moving_average_order_up_to": "moving average, order up to a level",
}


def render(words: Words) -> None:
    """The page."""
    frame.heading(
        words,
        words("Data health"),
        words("Whether every row and poisha arrives, how fresh the data is, and which models serve."),
        is_assigned=False,
    )
    steps, checks, loads, builds = read("reconciliation"), read("checks"), read("loads"), read("builds")
    if loads.empty:
        frame.nothing(words, "The warehouse has not been built yet.")
        return
    frame.tiles(_tiles(words, steps, checks, builds))
    _reconciliation(words, steps)
    _models(words)
    _checks(words, checks)
    _loads(words, loads, builds)


def _tiles(words: Words, steps: pd.DataFrame, checks: pd.DataFrame, builds: pd.DataFrame) -> list[Tile]:
    off = 0 if steps.empty else int((steps["difference"] != 0).sum())
    failed = 0 if checks.empty else int((~checks["is_passed"].astype(bool)).sum())
    identities = 0 if steps.empty else int((~steps["step"].str.startswith("excluded")).sum())
    seconds = None if builds.empty else float(builds["seconds"].iloc[0])
    course = [] if builds.empty else [float(value) for value in builds["seconds"].iloc[::-1]]
    return [
        Tile(
            words("Identities that hold"), f"{words.number(identities - off)} / {words.number(identities)}",
            help=words("File = commerce + rejected, commerce = mart + no sale; each to the poisha."),
        ),
        Tile(words("Differences"), words.number(off)),
        Tile(words("Checks passed"), f"{words.number(len(checks) - failed)} / {words.number(len(checks))}"),
        Tile(
            words("Last build"), "–" if seconds is None else words("{seconds} s", seconds=words.number(seconds, 1)),
            course=course, mood="off",
        ),
    ]  # fmt: skip


def _reconciliation(words: Words, steps: pd.DataFrame) -> None:
    with frame.card(
        words("Reconciliation"), words("From the imported file through commerce to the marts; exclusions are rows.")
    ):
        if steps.empty:
            frame.nothing(words)
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.segmented_control(
                words("Measure"), list(MEASURES), default="amount_poisha", required=True,
                format_func=lambda name: words(MEASURES[name]), key="measure", bind="query-params",
            )  # fmt: skip
            source = frame.choose_from(
                words, words("Source"), {name: _source(name) for name in sorted(set(steps["source"]))},
                everything=words("All sources"), key="source",
            )  # fmt: skip
        rows = steps[(steps["measure"] == chosen) & (steps["source"].eq(source) if source else True)]
        write = _writer(words, str(chosen))
        _arrivals(words, rows, str(chosen), write)
        columns: frame.Columns = {
            "source": ("Source", lambda name: words(_source(name))),
            "told": ("Step", None),
            "difference": ("Difference", write),
            "commerce_value": ("In commerce", write),
            "excluded_value": ("Left out", write),
            "mart_value": ("In the marts", write),
            "file_value": ("In the file", write),
        }
        money = dict.fromkeys(
            ("file_value", "commerce_value", "excluded_value", "mart_value"), WIDTHS.get(words.locale, 116)
        )
        told = [_told(words, *pair) for pair in zip(rows["step"], rows["reason"], strict=True)]
        frame.table(
            words, rows.assign(told=told), columns, widths={**money, "source": 110, "told": 235, "difference": 75}
        )


def _arrivals(words: Words, rows: pd.DataFrame, measure: str, write: frame.Format) -> None:
    """What of each source is in the marts and what was left out, as a chart."""
    names = {"mart_value": words("in the marts"), "excluded_value": words("left out")}
    whole = rows[rows["step"] == "commerce = mart + no sale"]
    if whole.empty:
        return
    long = whole[["source", *names]].melt(id_vars=["source"], var_name="kind", value_name="value")
    long = long.assign(value=long["value"].astype(float).fillna(0.0))
    shown = long.assign(
        kind=long["kind"].map(names), category=long["source"].map(lambda name: words(_source(name))),
        amount=long["value"] / SIZES[measure], written=long["value"].map(write),
    )  # fmt: skip
    unit = "৳" if measure == "amount_poisha" else ""
    st.altair_chart(charts.parts(words, shown, colours=(charts.GREEN, charts.AMBER), unit=unit), key="arrivals")


def _told(words: Words, step: str, reason: str | None) -> str:
    """A step and what it is about: "excluded: no sale – refused"."""
    return words(step) if pd.isna(reason) else f"{words(step)} – {words(REASONS.get(str(reason), str(reason)))}"


def _source(name: str) -> str:
    return SOURCES.get(name, name)


def _writer(words: Words, measure: str) -> frame.Format:
    """How values of a measure are written: money to the poisha, quantities from thousandths."""
    if measure == "amount_poisha":
        return lambda value: "৳" + words.number(value / 100, 2)
    if measure == "quantity_milli":
        return lambda value: words.number(value / 1000, 3)
    return words.number


def _models(words: Words) -> None:
    champions = read("champions")
    with frame.card(words("Models that serve"), words("Each metric beside the best baseline on the same rows.")):
        if champions.empty:
            frame.nothing(words, "No model was trained yet.")
            return
        rows = _beside_best(champions)
        columns: frame.Columns = {
            "family": ("Family", words),
            "metric": ("Metric", lambda name: words(METRICS[name])),
            "value": ("Model", lambda value: words.number(value, 3)),
            "baseline_value": ("Best baseline", lambda value: words.number(value, 3)),
            "baseline_name": ("Baseline", lambda name: words(BASELINES.get(str(name), str(name)))),
            "trained_at": ("Trained", words.time),
            "version": ("Version", None),
        }
        frame.table(words, rows, columns)


def _beside_best(champions: pd.DataFrame) -> pd.DataFrame:
    """One row a metric that has a name: the baseline that does best in it."""
    rows = champions[champions["baseline_value"].notna() & champions["metric"].isin(METRICS)]
    sign = rows["metric"].map(lambda name: -1.0 if name in HIGHER_IS_BETTER else 1.0)
    ordered = rows.assign(rank=rows["baseline_value"] * sign).sort_values(["family", "metric", "rank"])
    return ordered.drop_duplicates(["family", "metric"])


def _checks(words: Words, checks: pd.DataFrame) -> None:
    with frame.card(words("Checks"), words("Failed ones first.")):
        shown = checks.assign(
            result=[words("passed") if is_passed else words("failed") for is_passed in checks["is_passed"]]
        )
        columns: frame.Columns = {
            "result": ("Result", None),
            "subject": ("Subject", lambda name: str(name).replace("_", " ")),
            "detail": ("Detail", _detail(words)),
            "checked_at": ("Checked", words.time),
        }
        frame.table(words, shown, columns, widths={"result": 80, "subject": 460, "detail": 160})


def _detail(words: Words) -> frame.Format:
    """What a check found, in words: most of them count rows."""

    def write(text: object) -> str:
        found = re.fullmatch(r"(\d+) rows?", str(text))
        return words("{number} rows", number=words.number(int(found[1]))) if found else str(text)

    return write


def _loads(words: Words, loads: pd.DataFrame, builds: pd.DataFrame) -> None:
    with frame.card(words("Freshness of each table"), words("Oldest first.")):
        columns = {
            "table_name": ("Table", None),
            "loaded_at": ("Read", words.time),
            "batch_rows": ("Rows of the last batch", words.number),
        }
        frame.table(words, loads, columns)
    with frame.card(words("Builds of the warehouse"), words("Dates that each build made anew.")):
        columns = {
            "built_at": ("Built", words.time),
            "min_on": ("From", words.day),
            "max_on": ("To", words.day),
            "seconds": ("Seconds", lambda value: words.number(value, 1)),
        }
        frame.table(words, builds, columns)
