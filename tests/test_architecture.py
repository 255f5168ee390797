"""The imports that the architecture allows: arrows point down, and heavy packages stay put."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mcpverify"

# Each part and the parts that it may know. Everyone may know the package's own version.
MAY_KNOW = {
    "cli": {
        "verify",
        "reporters",
        "demo",
        "checks",
        "golden",
        "rollout",
        "forges",
        "snapshots",
        "settings",
        "facts",
        "files",
        "errors",
    },
    "settings": {"facts", "files", "errors"},
    "verify": {
        "wire",
        "forges",
        "snapshots",
        "checks",
        "golden",
        "rollout",
        "drift",
        "facts",
        "errors",
    },
    "rollout": {"facts", "errors"},
    "forges": {"snapshots", "errors"},
    "reporters": {"facts", "errors"},
    "checks": {"golden", "drift", "facts", "errors"},
    "golden": {"drift", "facts", "errors"},
    "wire": {"facts", "files", "errors"},
    "snapshots": {"facts", "errors"},
    "drift": {"facts", "errors"},
    "demo": {"facts", "errors"},
    "facts": {"errors"},
    "files": {"errors"},
    "errors": set(),
    "__main__": {"cli"},
    "__init__": set(),
}
# Packages that only some parts may import, lazily or not.
ONLY_IN = {
    "httpx": {"wire"},
    "httpcore": {"wire"},
    "h11": {"wire"},
    "psutil": {"wire"},
    "typer": {"cli"},
    "rich": {"cli", "reporters"},
    "mcp": {"wire", "demo"},
    "jsonpath": {"golden"},
    "jsonschema": {"drift", "demo", "settings"},
    "socket": {"wire", "demo"},
    # The wire starts servers, the demo starts itself, and snapshots ask git for a version.
    "subprocess": {"wire", "demo", "snapshots"},
}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it: lazily, and for type checking, too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            yield node.module
            # `from mcpverify import reporters` names a part by its alias.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_climbs(path: Path) -> None:
    part = part_of(path)
    allowed = MAY_KNOW[part] | {part}
    known = {name.split(".")[1] for name in imported(path) if name.startswith("mcpverify.")}
    known &= set(MAY_KNOW)
    assert known <= allowed, f"{part} must not know {sorted(known - allowed)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_packages_are_imported_only_where_they_belong(path: Path) -> None:
    for name in imported(path):
        allowed = ONLY_IN.get(name.partition(".")[0])
        assert allowed is None or part_of(path) in allowed, f"{name} in {part_of(path)}"


def test_every_part_is_known_to_this_test() -> None:
    assert {part_of(path) for path in FILES} <= set(MAY_KNOW)


def loaded_after(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    return set(run.stdout.split())


def test_the_gate_loads_nothing_that_a_plain_check_does_not_use() -> None:
    loaded = loaded_after(
        "import mcpverify.cli.check, mcpverify.verify.check, mcpverify.checks\n"
        "mcpverify.checks.all_checks()\nimport mcpverify.wire.record"
    )
    heavy = {
        "mcp",
        "jsonschema",
        "jsonpath",
        "rich",
        "pydantic",
        "asyncio",
        "hypothesis",
        "cryptography",
    }
    assert not loaded & {*heavy, "jsonpath"}


def test_the_version_costs_next_to_nothing() -> None:
    loaded = loaded_after("import io, contextlib, mcpverify.__main__\nimport mcpverify")
    assert not loaded & {"typer", "httpx", "rich", "jsonschema", "mcp"}
