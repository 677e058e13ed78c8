"""The tutorial of a first day, run as its reader would run it, on the installation with its real data."""

from pathlib import Path

import tutorial

FIRST_DAY = Path(__file__).parents[2] / "docs" / "tutorial" / "first-day.md"


def test_a_first_day_goes_as_the_page_says(installation):
    settings = installation.settings
    replacing = {
        "http://127.0.0.1:7700": installation.gateway,
        ".getit/secrets/staff.json": str(settings.folder("secrets") / "staff.json"),
    }
    assert tutorial.run(FIRST_DAY, replacing=replacing, timeout_s=400) == []


def test_a_page_that_says_something_else_is_seen(tmp_path):
    """Negative control: another word printed, and a command that fails."""
    page = tmp_path / "docs" / "tutorial" / "page.md"
    page.parent.mkdir(parents=True)
    page.write_text("```sh\necho one\n```\n\n```text\ntwo\n```\n\n```sh\nfalse\n```\n")
    wrong = tutorial.run(page, replacing={}, timeout_s=10)
    assert len(wrong) == 2
    assert wrong[1].startswith("stopped")
