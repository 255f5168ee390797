"""What CONTRIBUTING.md says about adding a file is true of the very text that it gives.

The examples are added to a copy of the package, which the processes under test import.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import Mcpverify
from tests.servers import honest
from tests.servers.dialog import tool

CHECKOUT = Path(__file__).parents[1]
CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- file: (\S+) -->\n```python\n(.*?)```", CONTRIBUTING, re.DOTALL))
CHECK = "mcpverify/checks/tools_described.py"
REPORTER = "mcpverify/reporters/brief_report.py"


@pytest.fixture
def extended(mcpverify: Mcpverify, tmp_path: Path) -> Mcpverify:
    """mcpverify with the files of the examples added, and nothing else changed."""
    package = tmp_path / "copy" / "mcpverify"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CHECKOUT / "mcpverify", package, ignore=ignored)
    for name, text in EXAMPLES.items():
        added = package.parent / name
        assert not added.exists()
        added.write_text(text, encoding="utf-8")
    return partial(mcpverify, env={"PYTHONPATH": str(package.parent)})


def _outcomes(mcpverify: Mcpverify, *arguments: str) -> dict[str, str]:
    run = mcpverify("check", "--no-snapshot", "--format", "json", *arguments)
    checks = json.loads(run.stdout)["targets"][0]["checks"]
    return {check["id"]: check["outcome"] for check in checks}


def test_the_examples_are_there() -> None:
    assert set(EXAMPLES) == {CHECK, REPORTER}


def test_an_added_check_is_asked_and_can_warn(extended: Mcpverify) -> None:
    with honest.serve(tools=[tool(), tool("mute", description="")]) as server:
        run = extended("check", server.url, "--no-snapshot")
        assert run.code == 0
        assert "1 of 2 tools have no description" in run.stdout
        assert "mute" in run.stdout
        assert extended("check", server.url, "--no-snapshot", "--strict").code == 1


def test_an_added_check_can_pass(extended: Mcpverify) -> None:
    with honest.serve() as server:
        assert _outcomes(extended, server.url)["tools-described"] == "passed"


def test_an_added_check_can_be_chosen_and_left_out(extended: Mcpverify) -> None:
    with honest.serve() as server:
        alone = _outcomes(extended, server.url, "--only", "tools-described")
        assert alone == {"tools-described": "passed"}
        assert "tools-described" not in _outcomes(extended, server.url, "--skip", "tools-described")


def test_the_misspelt_id_of_an_added_check_is_recognized(extended: Mcpverify) -> None:
    run = extended("check", "http://127.0.0.1:9/mcp", "--only", "tool-described")
    assert run.code == 2
    assert "tools-described" in run.stderr


def test_an_added_check_comes_into_the_table_of_readme(extended: Mcpverify, tmp_path: Path) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", "import tables; print(tables.checks())"],
        env=os.environ | {"PYTHONPATH": f"{tmp_path / 'copy'}{os.pathsep}{CHECKOUT / 'docs'}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "#tools-described) | warning | Every tool is described |" in printed.stdout


def test_an_added_check_is_explained_by_its_own_text(extended: Mcpverify) -> None:
    run = extended("explain", "tools-described")
    assert run.code == 0, run.output
    assert "one without is called by guess, or never." in run.words
    assert "To mend it: say in the description what the tool does" in run.words
    assert "severity  warning: " in run.stdout


def test_an_added_reporter_is_a_format(extended: Mcpverify) -> None:
    with honest.serve() as server:
        run = extended("check", server.url, "--no-snapshot", "--format", "brief")
        expected = f"passed {server.url} an agent can use the server"
    assert run.code == 0, run.output
    assert run.stdout.startswith(expected)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_as_the_linters_want_it(name: str, tmp_path: Path) -> None:
    file = tmp_path / Path(name).name
    file.write_text(EXAMPLES[name], encoding="utf-8")
    settings = ("--config", str(CHECKOUT / "pyproject.toml"), "--no-cache")
    for command in (("check",), ("format", "--check")):
        subprocess.run([sys.executable, "-m", "ruff", *command, *settings, str(file)], check=True)
