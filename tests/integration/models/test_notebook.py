"""The tutorial's notebook runs from its first cell to its last on a small market, as a reader would run it."""

import json
from pathlib import Path

import pytest
from market_rows import make_market, write_market

from models.features.catalogue import FEATURE_NAMES

NOTEBOOK = Path(__file__).parents[3] / "docs" / "tutorial" / "lake-to-bundle.ipynb"


def cells() -> list[str]:
    """Code of the notebook."""
    found = json.loads(NOTEBOOK.read_text())["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]


@pytest.fixture
def at_home(tmp_path, monkeypatch):
    """An installation with a lake and no running service; MLflow is a file."""
    write_market(tmp_path / "lake", make_market())
    monkeypatch.setenv("GETIT_HOME", str(tmp_path))
    monkeypatch.setenv("GETIT_MLFLOW_URL", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.chdir(tmp_path)


def test_every_cell_runs_and_the_bundle_is_whole(at_home):
    names: dict[str, object] = {}
    for source in cells():
        exec(compile(source, str(NOTEBOOK), "exec"), names)

    assert names["gate"].is_passed
    assert names["entry"].alias == "champion"
    assert names["decision"].action in {"review", "decline"}
    assert names["bundle"].feature_names == FEATURE_NAMES
    assert names["values"].height == names["orders"].height


def test_the_notebook_is_kept_without_outputs():
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        assert cell.get("outputs", []) == []
