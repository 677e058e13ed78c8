"""Data health: does every poisha arrive, is the data fresh, did every check pass, which models serve."""

import pandas as pd
import streamlit as st

from dashboards import frame
from dashboards.data import read
from dashboards.frame import Tile
from dashboards.words import Words

MEASURES = {"amount_poisha": "money", "quantity_milli": "quantity", "rows": "rows"}


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
    left, right = st.columns(2)
    with left:
        _checks(words, checks)
    with right:
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
        chosen = st.segmented_control(
            words("Measure"), list(MEASURES), default="amount_poisha", required=True,
            format_func=lambda name: words(MEASURES[name]), key="measure", bind="query-params",
        )  # fmt: skip
        rows = steps[steps["measure"] == chosen]
        write = _writer(words, str(chosen))
        columns = {
            "source": ("Source", None),
            "step": ("Step", words),
            "difference": ("Difference", write),
            "reason": ("Reason", None),
            "file_value": ("In the file", write),
            "commerce_value": ("In commerce", write),
            "excluded_value": ("Left out", write),
            "mart_value": ("In the marts", write),
        }
        money = dict.fromkeys(("file_value", "commerce_value", "excluded_value", "mart_value"), 128)
        frame.table(words, rows, columns, widths={**money, "source": 90, "difference": 85, "reason": 130})


def _writer(words: Words, measure: str) -> frame.Format:
    """How values of a measure are written: money to the poisha, quantities from thousandths."""
    if measure == "amount_poisha":
        return lambda value: "৳" + words.number(value / 100, 2)
    if measure == "quantity_milli":
        return lambda value: words.number(value / 1000, 3)
    return words.number


def _models(words: Words) -> None:
    champions = read("champions")
    with frame.card(words("Models that serve"), words("Each metric beside the naive baseline on the same rows.")):
        if champions.empty:
            frame.nothing(words, "No model was trained yet.")
            return
        rows = champions[champions["baseline_value"].notna()]
        columns = {
            "family": ("Family", words),
            "version": ("Version", None),
            "metric": ("Metric", None),
            "value": ("Model", lambda value: words.number(value, 3)),
            "baseline_name": ("Baseline", None),
            "baseline_value": ("Baseline's value", lambda value: words.number(value, 3)),
            "trained_at": ("Trained", words.time),
        }
        frame.table(words, rows, columns)


def _checks(words: Words, checks: pd.DataFrame) -> None:
    with frame.card(words("Checks"), words("Failed ones first.")):
        if checks.empty:
            frame.nothing(words)
            return
        shown = checks.assign(
            result=checks["is_passed"].map(lambda passed: words("passed") if passed else words("failed"))
        )
        columns = {
            "result": ("Result", None),
            "subject": ("Subject", None),
            "detail": ("Detail", None),
            "checked_at": ("Checked", words.time),
        }
        frame.table(words, shown, columns, height=420, widths={"result": 70, "subject": 260})


def _loads(words: Words, loads: pd.DataFrame, builds: pd.DataFrame) -> None:
    with frame.card(words("Freshness of each table"), words("Oldest first.")):
        columns = {
            "table_name": ("Table", None),
            "loaded_at": ("Read", words.time),
            "batch_rows": ("Rows of the last batch", words.number),
        }
        frame.table(words, loads, columns, height=200)
    with frame.card(words("Builds of the warehouse"), words("Dates that each build made anew.")):
        columns = {
            "built_at": ("Built", words.time),
            "min_on": ("From", words.day),
            "max_on": ("To", words.day),
            "seconds": ("Seconds", lambda value: words.number(value, 1)),
        }
        frame.table(words, builds, columns, height=200)
