"""The rules of the house: floors, fences, sizes, names. A rule that review would repeat stands here instead."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("foundation", "commerce", "models", "pipelines", "serving", "dashboards", "sandbox", "getit")
FORBIDDEN_NAMES = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "manager.py", "misc.py"}
MAX_FILE, MAX_FUNCTION, MAX_ROUTE = 400, 40, 25
GENERATED = "getit/migrations/versions/"


def sources() -> list[Path]:
    found = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return [path for path in found if GENERATED not in path.as_posix()]


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature and docstring."""
    first = function.body[0]
    has_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    body = function.body[1:] if has_docstring else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_floors_hold():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_module_has_a_fence_and_a_size(path):
    text = path.read_text()
    docstring = ast.get_docstring(ast.parse(text))
    if path.name != "__init__.py" or text.strip():
        assert docstring, "a module opens with what belongs in it and what does not"
    assert len(text.splitlines()) <= MAX_FILE
    assert path.name not in FORBIDDEN_NAMES
    long = {node.name: body_lines(node) for node in functions(path) if body_lines(node) > MAX_FUNCTION}
    # An application factory is a list of parts: its inner functions are counted by themselves.
    long = {
        name: lines for name, lines in long.items() if not name.startswith(("create_app", "health_router", "build_"))
    }
    assert long == {}


def test_routes_parse_call_and_answer():
    long = {
        f"{path.relative_to(ROOT)}:{node.name}": body_lines(node)
        for path in (ROOT / "commerce").rglob("routes.py")
        for node in functions(path)
        if body_lines(node) > MAX_ROUTE
    }
    assert long == {}


def test_the_dbt_folder_holds_no_python():
    assert list((ROOT / "dbt").rglob("*.py")) == [], "a .py file below dbt/ can hide the installed dbt package"
    import dbt

    assert "site-packages" in str(dbt.__file__)


def test_importing_definitions_touches_no_network_and_no_disk(tmp_path):
    """The audit hook sees every socket and every file opened for writing while the module is imported."""
    program = (
        "import sys\n"
        "touched = []\n"
        "def hook(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'subprocess.Popen'):\n"
        "        touched.append((event, str(args)[:120]))\n"
        "    elif event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+'):\n"
        "        touched.append((event, str(args)[:120]))\n"
        "import dagster, dagster_dbt\n"
        "sys.addaudithook(hook)\n"
        "import pipelines.definitions\n"
        "assert touched == [], touched\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GETIT_HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (tmp_path / "home").exists()


def test_scoring_starts_without_the_training_stack():
    program = (
        "import sys, serving.app\n"
        "heavy = {'mlflow', 'dagster', 'sklearn', 'pandas', 'streamlit', 'dbt'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_no_clock_and_no_float_near_money():
    offenders = []
    for path in sources():
        text = path.read_text()
        if path.name != "clock.py" and re.search(r"datetime\.(now|utcnow)\(|date\.today\(", text):
            offenders.append(f"{path.relative_to(ROOT)}: take the time from a clock that is passed in")
        if re.search(r"\w+_poisha: float", text):
            offenders.append(f"{path.relative_to(ROOT)}: money is an integer of poisha")
    assert offenders == []


def test_no_sql_outside_sql_files_in_request_paths():
    """Statements that run in requests are named, in `.sql` files, where they can be read and explained."""
    offenders = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "commerce").rglob("*.py")
        if path.name in {"routes.py", "use_cases.py", "rules.py", "reactions.py", "place.py", "fulfil.py", "prepaid.py"}
        and "imports" not in path.parts
        and re.search(r'"(select|insert|update|delete) ', path.read_text())
    ]
    assert offenders == []


def test_every_statement_has_a_sentence():
    for path in ROOT.rglob("*.sql"):
        if "dbt" in path.parts or ".venv" in path.parts:
            continue
        for match in re.finditer(r"^-- name: (\w+)[^\n]*\n([^\n]*)", path.read_text(), re.MULTILINE):
            assert match.group(2).startswith("-- "), f"{path.relative_to(ROOT)}: {match.group(1)} lacks its sentence"


def deleted_tables(sql: str) -> set[str]:
    return set(re.findall(r"delete\s+from\s+(\w+\.\w+)", sql, re.IGNORECASE))


def test_rows_that_the_warehouse_reads_are_never_deleted_without_a_tombstone():
    """The extract sees rows that changed; a row that is gone without a trace would stay in every report."""
    from getit.schema import metadata

    marked = [table for table in metadata.tables.values() if table.info.get("extracted")]
    extracted = {table.fullname for table in marked if not table.info["is_deletable"]}
    deleted = {
        f"{path.relative_to(ROOT)}: {table}"
        for path in (ROOT / "commerce").rglob("*.sql")
        for table in deleted_tables(path.read_text()) & extracted
    }
    assert deleted == set()
    assert deleted_tables("with gone as (DELETE  from promotions.redemptions where true)") <= extracted
