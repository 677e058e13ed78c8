"""The command `getit audit verify`. Not here: verifying."""

import asyncio

from rich.console import Console

from commerce.audit.chain import Verdict, link_new, verify
from commerce.context import Commerce
from foundation.settings import Settings


def verify_command(settings: Settings) -> int:
    """Append what is decided, verify the chain and say what was found; 0 when it is whole, 1 when not."""
    found = asyncio.run(_verify(settings))
    console = Console()
    if found.is_whole:
        console.print(
            f"[green]The audit log is whole:[/green] {found.links} records, {found.checkpoints} signed checkpoints."
        )
        return 0
    console.print(f"[red]The audit log was changed:[/red] {found.problem}. {found.links} records before it hold.")
    return 1


async def _verify(settings: Settings) -> Verdict:
    commerce = Commerce.build(settings, name="audit")
    await commerce.open()
    try:
        while await link_new(commerce):
            pass
        return await verify(commerce)
    finally:
        await commerce.close()
