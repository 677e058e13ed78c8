"""Runs a tutorial page as its reader would: every `sh` block in one shell, every `text` block is what that must print.

Not here: what the pages say.
"""

import re
import subprocess
from pathlib import Path

BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: Path) -> list[tuple[str, str]]:
    """(commands, expected output) in order; `…` in the output stands for anything within a line."""
    found: list[tuple[str, str]] = []
    for kind, text in BLOCK.findall(page.read_text()):
        if kind == "sh":
            found.append((text, ""))
        else:
            found[-1] = (found[-1][0], text)
    return found


def run(page: Path, *, replacing: dict[str, str], timeout_s: int) -> list[str]:
    """What differs from the page, step by step; empty when it is as written.

    Args:
        page: a page of docs/tutorial.
        replacing: text of the page → what it is in this installation (address, folder).
        timeout_s: for all of it.
    """
    script, marks = ["set -euo pipefail"], steps(page)
    for number, (commands, _) in enumerate(marks):
        script += [f"echo '<<{number}>>'", commands]
    text = "\n".join(script)
    for here, there in replacing.items():
        assert here in text, f"{page.name} speaks of {here}"
        text = text.replace(here, there)
    # GNU timeout, not Python's: what was printed until then says where it hung.
    done = subprocess.run(
        ["timeout", str(timeout_s), "bash", "-c", text],
        text=True,
        capture_output=True,
        check=False,
        cwd=page.parents[2],
    )
    printed = re.split(r"<<\d+>>\n", done.stdout)[1:]
    wrong = [
        f"after\n{commands}\nexpected\n{expected}\ngot\n{got}"
        for (commands, expected), got in zip(marks, printed, strict=False)
        if not re.fullmatch(re.escape(expected).replace("…", r"[^\n]*"), got)
    ]
    return wrong + ([f"stopped: {done.stdout[-1500:]}{done.stderr[-1500:]}"] if done.returncode else [])
