"""The report of a judgement: `report.json` for programs, `report.html` for people, one file without anything from outside.

Not here: what is measured.
"""

import html
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.2rem .8rem;border-bottom:1px solid #ddd;text-align:right}"
    "td:first-child,th:first-child{text-align:left}figure{display:inline-block;margin:0 1rem 1rem 0}svg{max-width:100%}"
)


def write_report(folder: Path, report: dict[str, Any]) -> None:
    """Write both files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(report, indent=1))
    (folder / "report.html").write_text(_page(report))


def _page(report: dict[str, Any]) -> str:
    parts = [f"<h1>{html.escape(report['title'])}</h1>", f"<p>{html.escape(report['summary'])}</p>"]
    parts += _table("Measures", ["measure", *report["methods"]], _measures(report))
    parts += [_chart(*one) for one in _charts(report)]
    parts += _table("Month by month", ["month", "rows", "frauds", "observed", "predicted", "average precision", "PSI"],
                    [[one[k] for k in ("month", "rows", "frauds", "observed", "predicted", "average_precision", "psi")]
                     for one in report["drift"]])  # fmt: skip
    parts += _table("Slices", ["column", "value", "rows", "frauds", "observed", "predicted", "average precision"],
                    [[one[k] for k in ("column", "value", "rows", "frauds", "observed", "predicted", "average_precision")]
                     for one in report["slices"]])  # fmt: skip
    parts += _table("What the model looks at", ["input", "share of gain"],
                    [[one["input"], one["share"]] for one in report["importance"]])  # fmt: skip
    parts += [f"<h2>Notes</h2><ul>{''.join(f'<li>{html.escape(note)}</li>' for note in report['notes'])}</ul>"]
    return (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(report['title'])}</title><style>{STYLE}</style>"
        + "".join(parts)
    )


def _measures(report: dict[str, Any]) -> list[list[Any]]:
    methods = list(report["methods"].values())
    return [[name.replace("_", " "), *(one.get(name) for one in methods)] for name in methods[0]]


def _charts(report: dict[str, Any]) -> list[tuple[str, str, str, Sequence[tuple[float, float]]]]:
    charts = [
        ("Precision and recall", "recall", "precision", report["curves"]["precision_recall"]),
        ("ROC", "honest rows flagged", "frauds flagged", report["curves"]["roc"]),
        (
            "Calibration",
            "predicted",
            "observed",
            [(one["predicted"], one["observed"]) for one in report["calibration"]],
        ),
    ]
    if report["cost_curve"]:
        points = [(one["share"], one["lost"]) for one in report["cost_curve"]]
        charts.append(("Money lost when the top share is looked at", "share looked at", "lost", points))
    return charts


def _chart(title: str, across: str, up: str, points: Sequence[tuple[float, float]]) -> str:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.plot([x for x, _ in points], [y for _, y in points], color="#0a6b4f", marker="." if len(points) < 30 else None)
    axes.set(title=title, xlabel=across, ylabel=up)
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None})
    drawn = target.getvalue()
    return f"<figure>{drawn[drawn.index('<svg') :]}</figure>"


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    if not rows:
        return []
    told = "".join("<tr>" + "".join(f"<td>{html.escape(_told(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    named = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    return [f"<h2>{html.escape(title)}</h2><table><tr>{named}</tr>{told}</table>"]


def _told(cell: Any) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell == round(cell) and abs(cell) >= 2 else f"{cell:.4f}"
    return str(cell)
