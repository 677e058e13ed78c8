"""`getit fraud`: learn fraud from any labelled table by a mapping file. Parses, calls, prints. Not here: what is computed."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True, help="Fraud learned from any labelled table (docs/how-to/fraud-any-table.md).")
console = Console()
MEASURES = (
    "rows", "frauds", "roc_auc", "average_precision", "precision_at_capacity", "recall_at_capacity", "calibration_error",
)  # fmt: skip
MappingFile = Annotated[Path, typer.Option("--mapping", "-m", help="YAML that says what each column means.")]
Target = Annotated[Path, typer.Option("--out", "-o", help="Folder of what is written.")]
Seed = Annotated[int, typer.Option(help="Seed of everything random.")]


@app.command()
def train(mapping: MappingFile, out: Target = Path("fraud-model"), seed: Seed = 7) -> None:
    """Learn, judge on the newest rows beside plain LightGBM, keep the model."""
    from models.fraud.any_table import command
    from models.fraud.any_table import mapping as mappings

    def work(progress: Callable[[str], None]) -> None:
        report = command.train(mappings.read_mapping(mapping), out, seed=seed, progress=progress)
        _show(report["methods"])
        console.print(f"{report['seconds']} s, {report['peak_gib']} GiB at most; {out / 'report.html'}")

    _run(work)


@app.command()
def evaluate(
    mapping: MappingFile,
    model: Annotated[Path, typer.Option(help="Folder that `train` wrote.")] = Path("fraud-model"),
    out: Target = Path("fraud-evaluation"),
) -> None:
    """Judge a kept model on rows that are younger than what it learned from."""
    from models.fraud.any_table import command
    from models.fraud.any_table import mapping as mappings

    def work(progress: Callable[[str], None]) -> None:
        report = command.evaluate(model, mappings.read_mapping(mapping), out, progress=progress)
        _show(report["methods"])
        console.print(f"{out / 'report.html'}")

    _run(work)


@app.command()
def backtest(
    mapping: MappingFile,
    folds: Annotated[int, typer.Option(min=2, max=20, help="Windows in a row.")] = 4,
    out: Target = Path("fraud-backtest"),
    seed: Seed = 7,
) -> None:
    """Judge on several windows in a row, each by a model that knew only what came before."""
    from models.fraud.any_table import command
    from models.fraud.any_table import mapping as mappings

    def work(progress: Callable[[str], None]) -> None:
        report = command.backtest(mappings.read_mapping(mapping), out, folds=folds, seed=seed, progress=progress)
        _show(report["mean"])
        console.print(f"{out / 'backtest.json'}")

    _run(work)


def _run(work: Callable[[Callable[[str], None]], None]) -> None:
    """A table that cannot be used ends with its reason and exit code 2."""
    from models.fraud.any_table.mapping import TableRefused

    try:
        with console.status("") as status:
            work(status.update)
    except TableRefused as refusal:
        console.print(f"[red]{refusal}[/red]", soft_wrap=True)
        sys.exit(2)


def _show(methods: dict[str, Any]) -> None:
    table = Table("measure", *methods)
    for name in MEASURES:
        values = [found[name] for found in methods.values()]
        table.add_row(name.replace("_", " "), *(f"{v:,.0f}" if v >= 2 else f"{v:.4f}" for v in values))
    console.print(table)
