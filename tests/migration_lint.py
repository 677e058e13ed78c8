"""Which steps of a migration would stop a busy shop, or break the code that still runs: found by reading its source.

Rules (PostgreSQL 15, "ALTER TABLE", "CREATE INDEX CONCURRENTLY"): expand first, contract in a later release. Not here: data.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# What gives up something that older code may still use says in which release nothing uses it any more.
CONTRACT = re.compile(r"# contract: .{10,}")
STATEMENTS = {
    r"create\s+(unique\s+)?index\s+(?!concurrently)": "an index on a table in use is built concurrently",
    r"add\s+constraint\s+(?![^;]*\b(not valid|using index)\b)": "a constraint is added not valid, then validated",
    r"alter\s+column\s+\S+\s+(set\s+data\s+)?type\b": "a type is not changed: a new column is filled and takes over",
    r"alter\s+column\s+\S+\s+set\s+not\s+null": "not null is a check that is validated first",
    r"add\s+column\s+(?![^;]*\bdefault\b)[^;]*\bnot\s+null": "a new column that may not be null needs a default",
    r"default\s+(gen_random_uuid|uuid_generate|clock_timestamp|random)\b": "a volatile default rewrites the table",
    r"\b(lock\s+table|vacuum\s+full|cluster)\b": "no lock on a whole table",
}  # fmt: skip
GIVING_UP = re.compile(r"\b(drop\s+(column|table)|rename\s+(to|column))\b", re.IGNORECASE)
CALLS_GIVING_UP = {"drop_column", "drop_table", "rename_table"}


def problems(path: Path) -> list[str]:
    """Steps of a migration that must not be taken so; empty if it is safe."""
    source = path.read_text()
    tree = ast.parse(source)
    made = {_table(call) for call in _calls(tree) if _name(call) == "create_table"}
    found = [f"{path.name}:{call.lineno} {problem}" for call in _calls(tree) for problem in _of_call(call, made)]
    gives_up = any(_name(call) in CALLS_GIVING_UP for call in _calls(tree)) or GIVING_UP.search(_sql(tree))
    if gives_up and not CONTRACT.search(source):
        found.append(f"{path.name}: what it drops or renames needs a comment `# contract: since which release unused`")
    return found


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _keyword(call: ast.Call, name: str) -> object:
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value.value if isinstance(keyword.value, ast.Constant) else True
    return None


def _table(call: ast.Call) -> str:
    position = 0 if _name(call) in {"create_table", "add_column", "alter_column"} else 1
    argument = call.args[position] if len(call.args) > position else None
    return f"{_keyword(call, 'schema')}.{argument.value if isinstance(argument, ast.Constant) else argument}"


def _text(node: ast.AST) -> str:
    """Text of a string, with `?` for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "?" for part in node.values)
    return ""


def _sql(tree: ast.AST) -> str:
    return "\n".join(_text(node) for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr))


def _of_call(call: ast.Call, made: set[str]) -> Iterator[str]:
    name = _name(call)
    if name == "execute" and call.args:
        text = _text(call.args[0])
        is_new = any(table.partition(".")[2] in text for table in made)
        yield from (why for rule, why in STATEMENTS.items() if re.search(rule, text, re.IGNORECASE) and not is_new)
    if _table(call) in made:
        return
    if name == "create_index" and not _keyword(call, "postgresql_concurrently"):
        yield STATEMENTS[r"create\s+(unique\s+)?index\s+(?!concurrently)"]
    if name in {"create_check_constraint", "create_foreign_key"} and not _keyword(call, "postgresql_not_valid"):
        yield "a constraint is added not valid, then validated"
    if name == "create_unique_constraint":
        yield "a unique index is built concurrently, then used by the constraint"
    if name == "alter_column" and (_keyword(call, "type_") or _keyword(call, "nullable") is False):
        yield "a column in use keeps its type and may stay empty until a check is validated"
    if name == "add_column":
        yield from _of_column(call)


def _of_column(call: ast.Call) -> Iterator[str]:
    column = call.args[1] if len(call.args) > 1 else None
    is_required = isinstance(column, ast.Call) and _keyword(column, "nullable") is False
    if is_required and _keyword(column, "server_default") is None:
        yield "a new column that may not be null needs a default"
