"""The command `getit import orders`: progress, report, helpful errors. Not here: importing."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from commerce.imports.report import print_report
from commerce.imports.use_cases import import_orders
from foundation.errors import GetItError
from foundation.settings import Settings

DEFAULT_MAPPING = Path(__file__).parent / "mappings" / "retail_panel.yaml"


def import_command(settings: Settings, *, mapping_path: Path | None, files: tuple[Path, ...]) -> int:
    """Import and print the reconciliation; 0 when all is well, 1 when nothing was imported."""
    console = Console()
    bar = Progress(
        SpinnerColumn(), TextColumn("[bold]import"), BarColumn(bar_width=30), TimeElapsedColumn(),
        TextColumn("[dim]{task.description}"), console=console,
    )  # fmt: skip
    try:
        with bar:
            task = bar.add_task("starting", total=1.0)
            report = import_orders(
                settings,
                mapping_path=mapping_path or DEFAULT_MAPPING,
                files=files,
                progress=lambda fraction, what: bar.update(task, completed=fraction, description=what),
            )
    except GetItError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        console.print("Nothing was imported.")
        return 1
    for run in report.runs:
        print_report(run, console)
    return 0
