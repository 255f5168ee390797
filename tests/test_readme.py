"""The documents say what is so: their generated parts, commands, figures and recipe are tried."""

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from mcpverify import __version__
from mcpverify.cli.app import COMMANDS, app_with
from mcpverify.cli.invocation import Invocation
from mcpverify.drift.budget import STEPS
from mcpverify.facts.compatibility import Compatibility
from tests import running
from tests.conftest import Mcpverify

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DRIFT = (CHECKOUT / "docs" / "drift.md").read_text(encoding="utf-8")
_STDIO_DEMO = f"{sys.executable} -m mcpverify demo --serve --transport stdio"


def _generator() -> ModuleType:
    # As `python docs/generate.py` does, so that it finds its neighbor.
    sys.path.insert(0, str(CHECKOUT / "docs"))
    try:
        return _loaded()
    finally:
        sys.path.remove(str(CHECKOUT / "docs"))


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", CHECKOUT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = _generator()


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def _commands(text: str) -> list[str]:
    """Every command line of ours in a document, without what installs and runs it."""
    lines = "".join(_blocks(text, "sh")).replace("\\\n", " ").splitlines()
    lines += re.findall(r"`(mcpverify [^`]+)`", text)
    lines += re.findall(r"run: (mcpverify .*)", text)
    found = []
    for line in lines:
        words = shlex.split(line, comments=True)
        if "mcpverify" in words and "install" not in words:
            found.append(shlex.join(words[words.index("mcpverify") :]))
    return found


LOOPBACK = f"http://127.0.0.1:{GENERATE.PORT}/mcp"


@pytest.mark.parametrize("name", GENERATE.PARTS)
def test_a_generated_part_is_what_the_code_says_now(name: str) -> None:
    assert GENERATE.part(name) in README + DRIFT, "run make docs"


def test_every_generated_part_is_known_to_the_generator() -> None:
    found = re.findall(r"<!-- generated: (\S+) -->", README + DRIFT)
    assert sorted(found) == sorted(GENERATE.PARTS)


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


@pytest.mark.parametrize(
    "line", sorted({*_commands(README), *_commands(CONTRIBUTING), *_commands(DRIFT)})
)
def test_a_command_in_the_documents_is_understood(line: str) -> None:
    invocation = Invocation.of(shlex.split(line)[1:])
    name, *arguments = invocation.arguments
    app: Any = typer.main.get_command(app_with(COMMANDS))
    if name.startswith("-"):
        app.make_context("mcpverify", [name, *arguments], resilient_parsing=True)
    else:
        app.commands[name].make_context(name, arguments, obj=invocation)


@pytest.fixture
def demo_url(scrubbed_environment: Path, tmp_path: Path) -> Iterator[str]:
    """The server that README has its readers start."""
    with running.started("demo", "--serve", cwd=tmp_path, home=scrubbed_environment) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]


def test_the_commands_against_loopback_are_green_in_their_order(
    demo_url: str, mcpverify: Mcpverify
) -> None:
    lines = [line for line in _commands(README) if LOOPBACK in line]
    assert len(lines) >= 5
    for line in lines:
        run = mcpverify(*shlex.split(line.replace(LOOPBACK, demo_url))[1:])
        assert run.code == 0, f"{line}\n{run.output}"


def _step(name: str) -> str:
    """The script of a step of the recipe."""
    (recipe,) = _blocks(README.partition("<!-- recipe -->")[2], "yaml")
    step = re.search(rf"- name: {name}\n(.*?)(?=\n      - |\n\n|\Z)", recipe, re.DOTALL)
    assert step is not None
    script = re.search(r"run: (?:\|\n)?(.*)", step[1], re.DOTALL)
    assert script is not None
    return re.sub(r"^ {10}", "", script[1], flags=re.MULTILINE)


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
    ("instead", "code"),
    [("", 0), ("--expect-name other", 1), ("--no-such-flag", 2), ("TARGET", 3)],
)
def test_the_recipe_tells_its_next_step_how_the_gate_ended(
    instead: str, code: int, demo_url: str, mcpverify: Mcpverify, scrubbed_environment: Path
) -> None:
    assert mcpverify("snapshot", demo_url, "--snapshot", "weather.json").code == 0
    url = "http://127.0.0.1:9/mcp" if instead == "TARGET" else f"{demo_url} {instead}"
    script = _step("The deployed server is the reviewed one")
    script = script.replace("https://mcp.example.com/mcp", url).replace("--wait 2m", "--wait 2s")
    script = script.replace("snapshots/", "").replace(" TARGET", "")
    output = scrubbed_environment / "output"
    ended = _in_bash(script, scrubbed_environment, GITHUB_OUTPUT=str(output), MCP_TOKEN="secret")
    assert ended == code
    assert output.read_text() == f"code={code}\n"


def test_the_recipe_rolls_back_on_1_and_3_only() -> None:
    assert re.findall(r"steps\.gate\.outputs\.code == '(\d+)'", README) == ["1", "3"]
    assert "if: failure() && (" in README


def test_the_recipe_fails_a_pull_request_whose_snapshot_is_old(
    mcpverify: Mcpverify, scrubbed_environment: Path, tmp_path: Path
) -> None:
    script = _step("The snapshot is what the code serves")
    script = script.replace("python -m weather_server", _STDIO_DEMO)
    assert mcpverify(*shlex.split(script)[1:]).code == 1, "there is no snapshot yet"
    (tmp_path / "snapshots").mkdir(exist_ok=True)
    record = script.replace("--check ", "")
    assert mcpverify(*shlex.split(record)[1:]).code == 0
    assert _in_bash(script, scrubbed_environment) == 0
    assert _in_bash(f"{script.strip()} --fault changed-schema", scrubbed_environment) == 1


def test_the_recipe_installs_this_version() -> None:
    assert set(re.findall(r"mcpverify==([\w.]+)", README)) == {__version__}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/drift.md"])
def test_links_within_the_repository_lead_somewhere(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (CHECKOUT / name).parent.joinpath(link).exists(), link


def test_the_make_targets_that_are_promised_exist() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    promised = set(re.findall(r"make ([a-z]+)", "".join(_blocks(README + CONTRIBUTING, "sh"))))
    assert promised >= {"demo", "test", "lint", "fuzz", "peers", "bench", "docs"}
    assert promised <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
