"""What README and docs/drift.md say is so: their commands, figures and recipe are tried."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from mcpverify.drift.budget import STEPS
from mcpverify.facts.compatibility import Compatibility
from tests import documents, running
from tests.conftest import Mcpverify

GENERATE = documents.generator()
README = documents.text_of("README.md")
DRIFT = documents.text_of("docs/drift.md")
_STDIO_DEMO = f"{sys.executable} -m mcpverify demo --serve --transport stdio"
LOOPBACK = f"http://127.0.0.1:{GENERATE.runs.PORT}/mcp"


def test_the_examples_of_readme_are_among_those_of_drift() -> None:
    titles = re.findall(r"^\| (.+?) \|", GENERATE.schema_table(brief=False), re.MULTILINE)
    brief = re.findall(r"^\| (.+?) \|", GENERATE.schema_table(brief=True), re.MULTILINE)
    assert len(set(titles)) == len(titles) >= 30
    assert set(brief) < set(titles)


@pytest.mark.parametrize("verdict", list(Compatibility))
def test_every_verdict_is_explained(verdict: Compatibility) -> None:
    for text in (README, DRIFT):
        assert re.search(rf"^\| {verdict} \| \w", text, re.MULTILINE)


def test_the_budget_that_is_told_is_the_one_there_is() -> None:
    assert f"{STEPS:,} steps" in DRIFT


@pytest.fixture
def demo_url(scrubbed_environment: Path, tmp_path: Path) -> Iterator[str]:
    """The server that README has its readers start."""
    with running.started("demo", "--serve", cwd=tmp_path, home=scrubbed_environment) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]


def test_the_commands_against_loopback_are_green_in_their_order(
    demo_url: str, mcpverify: Mcpverify
) -> None:
    lines = [line for line in documents.commands_in(README) if LOOPBACK in line]
    assert len(lines) >= 5
    for line in lines:
        run = mcpverify(*shlex.split(line.replace(LOOPBACK, demo_url))[1:])
        assert run.code == 0, f"{line}\n{run.output}"


def _step(name: str) -> dict[str, str]:
    """A step of the recipe."""
    (recipe,) = documents.blocks(README.partition("<!-- recipe -->")[2], "yaml")
    (found,) = [step for step in yaml.safe_load(recipe) if step["name"] == name]
    return found


def _in_bash(script: str, home: Path, **environment: str) -> int:
    """How a script of a step ends, run as the runner does."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    paths = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        [bash, "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        env=running.environment(home, {"PATH": paths, "CI": "true", **environment}),
        stdout=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )
    return done.returncode


@pytest.mark.parametrize(
    ("instead", "code", "rollback"),
    [
        ("", 0, "false"),
        ("--expect-name other", 1, "true"),
        ("--no-such-flag", 2, "false"),
        ("TARGET", 3, "true"),
    ],
)
def test_the_recipe_tells_its_next_step_whether_to_roll_back(
    instead: str,
    code: int,
    rollback: str,
    demo_url: str,
    mcpverify: Mcpverify,
    scrubbed_environment: Path,
) -> None:
    assert mcpverify("snapshot", demo_url, "--snapshot", "weather.json").code == 0
    url = "http://127.0.0.1:9/mcp" if instead == "TARGET" else f"{demo_url} {instead}"
    script = _step("The deployed server is the reviewed one")["run"]
    script = script.replace("https://mcp.example.com/mcp", url).replace("--wait 2m", "--wait 2s")
    script = script.replace("git:$GITHUB_SHA:snapshots/", "").replace(" TARGET", "")
    runner = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(scrubbed_environment / "output"),
        "GITHUB_STEP_SUMMARY": str(scrubbed_environment / "summary"),
    }
    ended = _in_bash(script, scrubbed_environment, MCP_TOKEN="secret", **runner)
    assert ended == code
    outputs = (scrubbed_environment / "output").read_text().splitlines()
    assert f"rollback={rollback}" in outputs


def test_the_recipe_rolls_back_where_it_is_told_to() -> None:
    condition = _step("Roll back")["if"]
    assert condition == "failure() && steps.gate.outputs.rollback == 'true'"
    assert _step("The deployed server is the reviewed one")["id"] == "gate"


def test_the_recipe_fails_a_pull_request_whose_snapshot_is_old(
    mcpverify: Mcpverify, scrubbed_environment: Path, tmp_path: Path
) -> None:
    script = _step("The snapshot is what this branch serves")["run"]
    script = script.replace("python -m weather_server", _STDIO_DEMO)
    assert mcpverify(*shlex.split(script)[1:]).code == 1, "there is no snapshot yet"
    (tmp_path / "snapshots").mkdir(exist_ok=True)
    record = script.replace("--check ", "")
    assert mcpverify(*shlex.split(record)[1:]).code == 0
    assert _in_bash(script, scrubbed_environment) == 0
    assert _in_bash(f"{script.strip()} --fault changed-schema", scrubbed_environment) == 1
