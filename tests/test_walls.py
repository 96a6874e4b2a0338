"""The walls of the house: who may import whom. An arrow that is not here is a decision to be taken, not slipped in."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "qingfu"

GROUND_PURE = {"rulebook", "text", "server", "planning"}
MAY_IMPORT = {
    "rulebook": set(),
    "text": {"rulebook"},
    "server": set(),
    "planning": set(),
    "units": {"server"},
    "findings": {"units"},
    "ledger": {"rulebook", "units", "findings", "server"},
    "notices": {"rulebook", "units", "findings", "ledger", "server"},
    "lake": {"rulebook", "planning", "text", "units", "findings", "ledger", "notices", "server"},
    "homework": {"rulebook", "text", "units", "findings", "ledger", "notices", "server"},
    "offices": {"rulebook", "text", "planning", "units", "findings", "ledger", "notices", "server"},
    "reports": {"text", "rulebook", "units", "findings", "ledger", "notices", "lake", "server"},
    "site": {
        "rulebook", "text", "server", "planning", "units", "findings", "ledger", "notices", "homework", "offices",
        "reports",
    },
}
FRAMEWORKS = {"django", "treebeard", "procrastinate", "django_htmx"}


def imports_of(path: Path) -> set[str]:
    """Every dotted name that the file imports, at the top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "qingfu":
                found |= {f"qingfu.{alias.name}" for alias in node.names}
    return found


def files_of(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


def test_every_room_is_on_the_plan():
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_nothing_imports_upwards_or_sideways(room):
    wrong = {
        f"{path.relative_to(PACKAGE)} → {name}"
        for path in files_of(room)
        for name in imports_of(path)
        if name.startswith("qingfu.") and name.split(".")[1] not in MAY_IMPORT[room] | {room}
    }
    assert not wrong


@pytest.mark.parametrize("room", sorted(GROUND_PURE - {"server"}))
def test_the_pure_rooms_know_no_framework_and_no_database(room):
    wrong = {
        f"{path.relative_to(PACKAGE)} → {name}"
        for path in files_of(room)
        for name in imports_of(path)
        if name.split(".")[0] in FRAMEWORKS | {"psycopg", "sqlite3"}
    }
    assert not wrong


def test_views_change_nothing_themselves():
    """Whatever changes state is an action: views and commands call no write method of the ORM."""
    writes = {"create", "bulk_create", "update", "bulk_update", "save", "delete", "get_or_create", "update_or_create"}
    wrong = set()
    for path in [*PACKAGE.rglob("views.py"), *PACKAGE.rglob("views/*.py"), *PACKAGE.rglob("commands.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in writes:
                holder = ast.unparse(node.func.value)
                if "objects" in holder or node.func.attr in {"save", "bulk_create"}:
                    wrong.add(f"{path.relative_to(PACKAGE)}:{node.lineno} {holder}.{node.func.attr}")
    assert not wrong
