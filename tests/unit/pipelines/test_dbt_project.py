"""The dbt project beside what it stands between: every extracted column is staged, every reader of marts is an exposure."""

import re
from pathlib import Path

import pytest
import yaml

from pipelines.ingest.sources import source_tables

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "dbt" / "models"
TABLES = {table.full_name: table for table in source_tables()}


def declared(kind, folder="**"):
    return [
        entry for path in MODELS.glob(f"{folder}/*.yml") for entry in yaml.safe_load(path.read_text()).get(kind) or []
    ]


def exposures():
    found = yaml.safe_load((MODELS / "exposures.yml").read_text())["exposures"]
    return {one["name"]: {re.search(r"'(.*)'", ref).group(1) for ref in one["depends_on"]} for one in found}


@pytest.mark.parametrize("name", TABLES)
def test_staging_has_every_column_of_its_source(name):
    table = TABLES[name]
    sql = (MODELS / "staging" / table.schema / f"stg_{table.schema}__{table.name}.sql").read_text()

    missing = [column.name for column in table.columns if not re.search(rf"\b{column.name}\b", sql)]

    assert missing == ["changed_xid"]
    assert f"source('raw', '{table.schema}__{table.name}')" in sql


def test_every_extracted_table_is_a_source_with_freshness():
    [raw] = [source for source in declared("sources") if source["name"] == "raw"]

    assert {f"{table.schema}__{table.name}" for table in TABLES.values()} <= {one["name"] for one in raw["tables"]}
    assert raw["config"]["freshness"]["error_after"] == {"count": 24, "period": "hour"}


def test_every_mart_has_a_description_and_a_test_of_its_grain_or_says_its_columns():
    marts = {path.stem for path in MODELS.glob("marts/*/*.sql")}
    models = {one["name"]: one for one in declared("models", "marts/**")}

    assert marts == models.keys()
    assert all(one["description"] for one in models.values())


def test_every_page_that_reads_marts_is_an_exposure_of_exactly_these():
    parts = re.split(r"(?m)^-- name: (\w+)\n", (ROOT / "dashboards" / "queries.sql").read_text())
    reads = {name: set(re.findall(r"\bmarts\.(\w+)", sql)) for name, sql in zip(parts[1::2], parts[2::2], strict=True)}
    code = " ".join(path.read_text() for path in (ROOT / "dashboards").rglob("*.py"))
    reads = {name: marts for name, marts in reads.items() if f'"{name}"' in code}
    told = exposures()
    shown = set().union(*(marts for name, marts in told.items() if name.startswith("dashboard_")))

    assert set().union(*reads.values()) == shown
    for view in (ROOT / "dashboards" / "views").glob("[a-z]*.py"):
        called = {name for name in re.findall(r'"(\w+)"', view.read_text()) if name in reads}
        assert set().union(*(reads[name] for name in called)) <= told[f"dashboard_{view.stem}"], view.stem


def test_every_model_family_is_an_exposure_of_exactly_what_it_trains_on():
    from models.families import families

    told = exposures()
    assert {f"model_{family.name}": set(family.marts) for family in families()} == {
        name: marts for name, marts in told.items() if name.startswith("model_")
    }
