"""Which columns of commerce a column of the warehouse, or of a dashboard's query, is made of. Not here: pages about it.

Read from the SQL that dbt compiled in the last build, so it is what ran. A column comes from every column that its value
is computed of; conditions that only choose rows do not count. What models wrote (schema `marts_ml`) is an origin itself.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.lineage import Node, lineage

from foundation.settings import Settings, load_settings
from pipelines.ingest.sources import SourceTable, source_tables
from pipelines.transform import compiled_folder, manifest_path

DIALECT = "postgres"
ROWS = "(rows)"


@dataclass(frozen=True, order=True)
class Origin:
    """A column that is made of no other: of a commerce table, or of a table that the platform itself writes."""

    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"


Origins = dict[str, frozenset[Origin]]


class Lineage:
    """Origins of every column of the warehouse, by relation ("marts.fct_orders") and name."""

    def __init__(self, tables: Iterable[SourceTable]) -> None:
        self._relations: dict[str, Origins] = {}
        self._rows: dict[str, frozenset[Origin]] = {}
        for table in tables:
            self._rows[table.raw_name] = frozenset({Origin(table.full_name, ROWS)})
            self._relations[table.raw_name] = {
                column.name: frozenset({Origin(table.full_name, column.name)}) for column in table.columns
            }

    @classmethod
    def of_build(cls, manifest: Mapping[str, Any], compiled: Path, tables: Iterable[SourceTable]) -> "Lineage":
        """Lineage of a build: dbt's manifest, and the folder of the SQL that it compiled."""
        found = cls(tables)
        models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
        order = TopologicalSorter(
            {key: [one for one in node["depends_on"]["nodes"] if one in models] for key, node in models.items()}
        )
        for key in order.static_order():
            node = models[key]
            found.add(f"{node['schema']}.{node['name']}", (compiled / node["original_file_path"]).read_text())
        return found

    @property
    def relations(self) -> dict[str, Origins]:
        """Every relation that is known."""
        return self._relations

    def add(self, relation: str, sql: str) -> None:
        """A relation that a query makes; what it reads of its own past has the origins of its present."""
        self._relations[relation], self._rows[relation] = dict[str, frozenset[Origin]](), frozenset()
        self._rows[relation] = self._behind(parse_one(sql, dialect=DIALECT))
        self._relations[relation] = self.of_query(sql)

    def of_query(self, sql: str) -> Origins:
        """Origins of each column of a query on the warehouse; a constant has none, a count of rows the tables behind it."""
        query = parse_one(sql, dialect=DIALECT)
        rows = self._behind(query)
        nodes = lineage(None, query, self._schema(), dialect=DIALECT)
        return {name: self._leaves(node) or (rows if _counts(node) else frozenset()) for name, node in nodes.items()}

    def _schema(self) -> dict[str, dict[str, dict[str, str]]]:
        schema: dict[str, dict[str, dict[str, str]]] = {}
        for relation, columns in self._relations.items():
            if not columns:
                continue
            owner, name = relation.split(".")
            schema.setdefault(owner, {})[name] = dict.fromkeys(columns, "text")
        return schema

    def _behind(self, query: exp.Expr) -> frozenset[Origin]:
        """Rows of the tables that a query reads."""
        read = {f"{table.db}.{table.name}" for table in query.find_all(exp.Table) if table.db}
        return frozenset().union(*(self._rows.get(name, frozenset({Origin(name, ROWS)})) for name in read))

    def _leaves(self, node: Node) -> frozenset[Origin]:
        found: set[Origin] = set()
        for leaf in node.walk():
            if leaf.downstream or not isinstance(leaf.expression, exp.Table):
                continue
            relation, column = f"{leaf.expression.db}.{leaf.expression.name}", leaf.name.rsplit(".", 1)[-1].strip('"')
            known = self._relations.get(relation)
            found |= {Origin(relation, column)} if known is None else known.get(column, frozenset())
        return frozenset(found)


def of_installation(settings: Settings) -> Lineage:
    """Lineage of what an installation built last.

    Raises:
        FileNotFoundError: nothing was built.
    """
    manifest = json.loads(manifest_path(settings).read_text())
    return Lineage.of_build(manifest, compiled_folder(settings), source_tables())


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m pipelines.lineage marts.agg_sales_day[.sales_poisha]`: one line a column."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.lineage", description=__doc__)
    parser.add_argument("relation", help="such as marts.agg_sales_day or marts.agg_sales_day.sales_poisha")
    asked = parser.parse_args(arguments).relation.split(".")
    try:
        found = of_installation(load_settings()).relations
    except FileNotFoundError:
        print("Nothing was built yet: start with `getit up`.")
        return 1
    columns = found.get(".".join(asked[:2]), {})
    if not columns or (asked[2:] and asked[2] not in columns):
        print(f"{'.'.join(asked)} is no relation or column of the warehouse, such as marts.agg_sales_day.sales_poisha.")
        return 1
    for name in asked[2:] or columns:
        print(f"{name}: {', '.join(map(str, sorted(columns[name]))) or 'a constant'}")
    return 0


def _counts(node: Node) -> bool:
    return any(one.expression.find(exp.Count, exp.RowNumber) for one in node.walk())


if __name__ == "__main__":
    sys.exit(main())
