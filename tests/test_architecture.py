"""The layers hold: inner packages know nothing of Dagster, HTTP or SQL."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "storyarn_pipelines"
INNER = (
    "domain",
    "content",
    "expressions",
    "snapshot",
    "story",
    "serializers",
    "importers",
    "storage",
    "store",
    "services",
    "demo",
    "cli",
)
# Layer by layer, the innermost first: a package imports its own layer and those before it.
LAYERS = (
    {"errors", "domain"},
    {"settings", "demo", "content", "expressions", "snapshot", "storage"},
    {"story"},
    {"serializers", "store", "validation"},
    {"importers"},
    {"services"},
    {"partitions", "resources"},
    {"assets", "jobs", "sensors", "schedules"},
    {"definitions", "development", "instance_storage"},
    {"cli"},
)
# Packages that need little know little, whatever their layer allows.
PURE = {
    "content": {"errors", "domain", "content"},
    "expressions": {"errors", "domain", "expressions"},
    "story": {"errors", "domain", "expressions", "snapshot", "story"},
}
DAGSTER_LAYER = {"partitions", "resources", "assets", "jobs", "sensors", "definitions"}
DAGSTER_LAYER |= {"development", "instance_storage", "schedules"}


def modules() -> list[tuple[str, Path]]:
    """Every module with the top-level package or module that it belongs to."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        top = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if top != "__init__":
            found.append((top, path))
    return found


def imports(path: Path) -> set[str]:
    """The modules that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("package", INNER)
def test_an_inner_package_loads_neither_dagster_nor_a_web_framework(package: str) -> None:
    code = (
        "import importlib, pkgutil, sys\n"
        f"root = importlib.import_module('storyarn_pipelines.{package}')\n"
        "for x in pkgutil.walk_packages(root.__path__, root.__name__ + '.'):\n"
        "    importlib.import_module(x.name)\n"
        "print([x for x in ('dagster', 'fastapi', 'pandas') if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("top", "path"), modules(), ids=lambda x: str(x)[-40:])
def test_imports_point_inward_only(top: str, path: Path) -> None:
    level = next(number for number, layer in enumerate(LAYERS) if top in layer)
    allowed = set().union(*LAYERS[: level + 1])
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("storyarn_pipelines.")}
    assert ours <= PURE.get(top, allowed) & allowed


@pytest.mark.parametrize(("top", "path"), modules(), ids=lambda x: str(x)[-40:])
def test_dagster_and_sql_stay_in_their_layers(top: str, path: Path) -> None:
    names = {name.split(".")[0] for name in imports(path)}
    assert top in DAGSTER_LAYER or "dagster" not in names
    if top not in {"store"}:
        drivers = {"psycopg", "adbc_driver_postgresql", "adbc_driver_manager"}
        assert not names & drivers
        # Dagster's own state is no business of the store.
        assert top == "instance_storage" or "sqlalchemy" not in names


def test_importing_the_definitions_touches_neither_database_nor_disk(tmp_path: Path) -> None:
    code = "import storyarn_pipelines.definitions"
    environment = {"STORYARN_DATABASE_URL": "postgresql://127.0.0.1:1/none", "PATH": ""}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, env=environment,
                   check=True)  # fmt: skip
    assert list(tmp_path.iterdir()) == []
