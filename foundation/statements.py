"""Named SQL from a `.sql` file beside the code, loaded once by aiosql and run on the driver directly.

A statement looks like `-- name: reserve_stock` followed by a sentence and the SQL with `:parameters`.
Not here: any SQL.
"""

import logging
from pathlib import Path
from types import MappingProxyType

import aiosql

# Only its loader is used: its guesses about how a statement will be run concern nobody.
logging.getLogger("aiosql").setLevel(logging.ERROR)


def load_statements(module_file: str, name: str = "queries.sql") -> MappingProxyType[str, str]:
    """Statements of the file beside a module, by name, with parameters in psycopg's `%(name)s` form."""
    path = Path(module_file).parent / name
    queries = aiosql.from_path(path, "psycopg", mandatory_parameters=False)
    available = set(queries.available_queries)
    # The loader adds a twin "x_cursor" for each "x"; a statement may bear such a name itself.
    names = [name for name in available if not (name.endswith("_cursor") and name.removesuffix("_cursor") in available)]
    return MappingProxyType({query: getattr(queries, query).sql for query in names})
