"""The papers say what the code does: the map, the settings, the translations."""

import ast
import re
from pathlib import Path

import pytest

from foundation import errors
from foundation.i18n import catalogue
from foundation.settings import Settings
from foundation.web.validation import ANYTHING, TEXTS

ROOT = Path(__file__).parent.parent.parent


def test_the_map_names_every_room_and_every_service():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = [path.parent.name for path in ROOT.glob("*/__init__.py")]
    services = [path.parent.name for path in (ROOT / "commerce").glob("*/__init__.py")]
    missing = [name for name in [*rooms, *services] if f"`{name}" not in text]
    assert missing == []


def test_the_map_names_only_files_that_exist():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    named = re.findall(
        r"`((?:foundation|commerce|models|pipelines|serving|dashboards|sandbox|getit|dbt)/[\w./-]+)`", text
    )
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_setting_is_documented():
    page = (ROOT / "docs/reference/settings.md").read_text()
    missing = [name for name in Settings.model_fields if f"GETIT_{name.upper()}" not in page]
    assert missing == [], "run: make docs"
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def messages() -> set[str]:
    """Every error message of commerce and foundation: they are shown to people."""
    found = set()
    for room in ("foundation", "commerce"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Assign)
                    and any(isinstance(target, ast.Name) and target.id == "message" for target in node.targets)
                    and isinstance(node.value, ast.Constant)
                ):
                    found.add(node.value.value)
                if isinstance(node, ast.Call) and _is_shown(node, path):
                    found.add(node.args[0].value)
    return found | set(TEXTS.values()) | {ANYTHING}


ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.GetItError)}


def _is_shown(call: ast.Call, path: Path) -> bool:
    """An error raised with a text of its own, or what a validator of a request says."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    is_text = bool(call.args) and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    return is_text and (name in ERRORS or (name == "ValueError" and path.name.endswith("schemas.py")))


@pytest.mark.parametrize("locale", ["bn", "hi"])
def test_every_message_is_translated(locale):
    texts = catalogue(locale)
    missing = sorted(message for message in messages() if message not in texts)
    assert missing == []


@pytest.mark.parametrize("locale", ["bn", "hi"])
def test_translations_keep_the_placeholders(locale):
    def placeholders(text):
        return sorted(re.findall(r"{\w+}", text))

    wrong = [source for source, target in catalogue(locale).items() if placeholders(source) != placeholders(target)]
    assert wrong == []


def test_the_readme_has_the_two_commands_and_ci_runs_the_tests():
    readme = (ROOT / "README.md").read_text()
    assert "make up" in readme
    assert "make test" in readme
    assert "make test" in (ROOT / ".ci/run").read_text()


def test_every_make_target_explains_itself():
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    explained = set(re.findall(r"^([a-z0-9-]+):.*## ", text, re.MULTILINE))
    assert set(phony.group(1).split()) - explained == set()
