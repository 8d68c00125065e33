"""Who may import what. The order of the packages is in pyproject.toml (import-linter); this is the rest."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
API = REPOSITORY / "api"

KNOW_FASTAPI = {
    "api.auth.access",
    "api.kit.answers",
    "api.kit.docs",
    "api.kit.errors",
    "api.kit.health",
    "api.kit.openapi",
    "api.kit.queries",
    "api.kit.routing",
    "api.main",
}
"""The HTTP side besides routes; models, services and pure modules stay out."""


def modules() -> Iterator[str]:
    for path in sorted(API.rglob("*.py")):
        name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
        yield name.removesuffix(".__init__")


@cache
def imports(module: str) -> frozenset[str]:
    """The modules that a module names in its imports, wherever they stand in it."""
    path = REPOSITORY / Path(*module.split("."))
    source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text()
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def importers(*packages: str) -> set[str]:
    """The modules of ours that import one of these packages or something inside."""
    return {
        module
        for module in modules()
        if any(name == package or name.startswith(package + ".") for name in imports(module) for package in packages)
    }


def is_routes(module: str) -> bool:
    return module.rpartition(".")[2].endswith("routes")


def test_only_the_http_side_knows_fastapi() -> None:
    assert {module for module in importers("fastapi") if not is_routes(module)} <= KNOW_FASTAPI


def test_routes_know_no_database() -> None:
    assert {module for module in importers("sqlalchemy", "sqlmodel", "psycopg") if is_routes(module)} == set()


def test_only_the_table_of_contents_imports_routes() -> None:
    for module in modules():
        package = module.rpartition(".")[0]
        routes = {name for name in imports(module) if name.startswith("api.") and is_routes(name)}
        # A package's own routes.py may gather those of its resources.
        foreign = {name for name in routes if not (is_routes(module) and name.startswith(package + "."))}
        assert module == "api.v1" or not foreign, module


def test_tokens_are_made_and_read_in_one_place() -> None:
    assert importers("jose") == {"api.auth.tokens"}


def test_the_api_does_not_carry_what_only_the_worker_computes_with() -> None:
    code = "import sys, api.main; print(sorted({'numpy', 'openpyxl', 'api.demo'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_packages_import_downwards_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
