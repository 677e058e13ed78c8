"""The one-time steps of a fresh installation, each a program of its own: `python -m getit.steps NAME`.

A step prints `progress <0..1> <what>` lines for the progress bar and exits non-zero with a message when it fails. Each
may be run again: what is done is found done. Not here: the order of steps (see `bootstrap`).
"""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from foundation.clock import system_clock
from foundation.settings import Settings, load_settings

STAFF = {
    "courier": ("courier", "courier"),
    "analyst": ("staff", "risk"),
    "monitor": ("staff", "monitor"),
    "planner": ("staff", "inventory"),
    "admin": ("staff", "admin support"),
}


def report(fraction: float, what: str) -> None:
    """Tell the parent how far the step is."""
    print(f"progress {fraction:.4f} {what}", flush=True)


def migrate(settings: Settings) -> None:
    """Databases, roles, tables, staff accounts, vouchers."""
    from getit.databases import prepare_databases, wait_for_postgres

    wait_for_postgres(settings)
    report(0.2, "databases and tables")
    prepare_databases(settings)
    report(0.6, "warehouse")
    from pipelines.instance import write_instance
    from pipelines.warehouse import prepare_warehouse

    prepare_warehouse(settings)
    _end_orphans(write_instance(settings))
    report(0.8, "staff accounts")
    asyncio.run(_staff_and_vouchers(settings))


def _end_orphans(dagster_home: Path) -> None:
    """Nothing of ours runs yet: what Dagster holds for a run in progress died with the machine."""
    import dagster as dg

    from pipelines.turns import end_orphans

    os.environ.update(DAGSTER_HOME=str(dagster_home), DAGSTER_DISABLE_TELEMETRY="1")
    with dg.DagsterInstance.get() as instance:
        end_orphans(instance)


async def _staff_and_vouchers(settings: Settings) -> None:
    from commerce.context import Commerce

    commerce = Commerce.build(settings, name="setup")
    await commerce.open()
    try:
        await _add_staff(commerce, settings.folder("secrets") / "staff.json")
        await _add_vouchers(commerce)
    finally:
        await commerce.close()


async def _add_staff(commerce: "object", path: Path) -> None:
    from commerce.identity.schemas import RegisterRequest
    from commerce.identity.use_cases import ensure_staff

    accounts = json.loads(path.read_text()) if path.exists() else {}
    for name, (kind, scopes) in STAFF.items():
        account = accounts.setdefault(name, {"email": f"{name}@getit.example", "password": secrets.token_urlsafe(18)})
        request = RegisterRequest(full_name=name.title(), locale="en", **account)
        await ensure_staff(commerce, request, kind=kind, scopes=scopes)  # type: ignore[arg-type]
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(accounts, file, indent=2)


async def _add_vouchers(commerce: "object") -> None:
    from commerce.promotions.use_cases import SQL
    from foundation.database import execute

    now = system_clock()
    window = {"starts_at": now - timedelta(days=120), "ends_at": now + timedelta(days=365)}
    async with commerce.database.transaction() as connection:  # type: ignore[attr-defined]
        for code, discount_bp, most in (
            ("WELCOME10", 1000, 20_000),
            ("EID15", 1500, 30_000),
            ("FIRST20", 2000, 25_000),
        ):
            await execute(
                connection, SQL["add_voucher"], code=code, discount_bp=discount_bp, max_discount_poisha=most,
                min_subtotal_poisha=20_000, limit_total=1_000_000, limit_per_buyer=1, **window,
            )  # fmt: skip


def import_panel(settings: Settings) -> None:
    """The real retail panel, through the product's importer."""
    from commerce.imports.use_cases import import_orders

    mapping = Path(__file__).parent.parent / "commerce/imports/mappings/retail_panel.yaml"
    outcome = import_orders(settings, mapping_path=mapping, files=(), progress=report)
    _keep(settings, "import-panel", outcome)


def import_market(settings: Settings) -> None:
    """Ten weeks of history of the sandbox market, through the same importer."""
    from sandbox.market.history import import_history

    outcome = import_history(settings, progress=report)
    _keep(settings, "import-market", outcome)


def _keep(settings: Settings, name: str, outcome: object) -> None:
    document = outcome.model_dump(mode="json") if hasattr(outcome, "model_dump") else vars(outcome)
    (settings.folder("run") / f"{name}.json").write_text(json.dumps(document, default=str, indent=2))


def pipelines(settings: Settings) -> None:
    """The whole Dagster job, from extract to bundle; its step lines become progress."""
    del settings
    import runpy

    sys.argv = ["pipelines.run"]
    runpy.run_module("pipelines.run", run_name="__main__")


STEPS: dict[str, Callable[[Settings], None]] = {
    "migrate": migrate,
    "import-panel": import_panel,
    "import-market": import_market,
    "pipelines": pipelines,
}


def main() -> None:
    """Run one step."""
    STEPS[sys.argv[1]](load_settings())


if __name__ == "__main__":
    main()
