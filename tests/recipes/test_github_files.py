"""The GitHub recipes as files: valid, audited, pinned, and free of what they warn of."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpverify import __version__
from mcpverify.cli.app import COMMANDS
from tests.recipes.production import CHECKOUT, RECIPES, recipe

WORKFLOWS = ("pull-request.yml", "deploy.yml")
FILES = {name: RECIPES / name for name in WORKFLOWS} | {"action.yml": CHECKOUT / "action.yml"}
# Each was read from the tag of that name in the repository of the action.
PINS = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/cache": ("27d5ce7f107fe9357f9df03efb73ab90386fccae", "v5.0.5"),
}
_TOOLS = Path(sys.executable).parent


def _text(name: str) -> str:
    return FILES[name].read_text(encoding="utf-8")


def _steps(name: str) -> list[dict[str, Any]]:
    document = yaml.safe_load(_text(name))
    if name == "action.yml":
        steps: list[dict[str, Any]] = document["runs"]["steps"]
        return steps
    ((_, job),) = document["jobs"].items()
    return list(job["steps"])


def _scripts() -> Iterator[Any]:
    for name in FILES:
        for number, step in enumerate(_steps(name)):
            if "run" in step:
                yield pytest.param(step["run"], id=f"{name}-{step.get('name', number)}")


def _ended(*command: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, **options
    )


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_valid_by_the_schema_of_the_platform(name: str) -> None:
    schema = "vendor.github-actions" if name == "action.yml" else "vendor.github-workflows"
    checker = str(_TOOLS / "check-jsonschema")
    done = _ended(checker, "--builtin-schema", schema, str(FILES[name]))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", FILES)
def test_an_auditor_of_workflows_finds_nothing(name: str) -> None:
    strictest = ("--offline", "--persona=auditor", "--strict-collection", "--no-progress")
    done = _ended(str(_TOOLS / "zizmor"), *strictest, "--no-ignores", str(FILES[name]))
    assert done.returncode == 0, done.stdout


def test_the_auditor_would_find_something(tmp_path: Path) -> None:
    loose = tmp_path / "deploy.yml"
    loose.write_text(recipe("deploy.yml").replace("persist-credentials: false", "lfs: false"))
    done = _ended(str(_TOOLS / "zizmor"), "--offline", "--persona=auditor", str(loose))
    assert done.returncode != 0
    assert "artipacked" in done.stdout


@pytest.mark.parametrize("script", [*_scripts()])
def test_a_script_passes_shellcheck(script: str) -> None:
    done = _ended(str(_TOOLS / "shellcheck"), "--shell=bash", "--severity=style", "-", input=script)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", [*_scripts()])
def test_no_expression_is_pasted_into_a_script(script: str) -> None:
    assert "${{" not in script


@pytest.mark.parametrize("name", FILES)
def test_an_action_is_pinned_to_the_commit_of_a_release(name: str) -> None:
    found = re.findall(r"uses: (\S+)@(\S+) # (v[\d.]+)$", _text(name), re.MULTILINE)
    assert len(found) == _text(name).count("uses: ") > 0
    for action, commit, release in found:
        assert (commit, release) == PINS[action]


def test_the_recipes_install_this_version() -> None:
    for name in WORKFLOWS:
        assert set(re.findall(r"mcpverify==([\w.]+)", _text(name))) == {__version__}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_recipe_uses_the_example_values_and_no_others(name: str) -> None:
    text = _text(name)
    addresses = {each for each in re.findall(r"https?://[\w./-]+", text) if "example" in each}
    assert addresses <= {"https://mcp.example.com/mcp"}
    assert set(re.findall(r"snapshots/[\w.-]+", text)) == {"snapshots/weather.json"}
    assert set(re.findall(r'-- (python [^"\n]+)', text)) <= {"python -m weather_server"}
    assert set(re.findall(r"secrets\.(\w+)", text)) <= {"MCP_TOKEN"}


def _with_variables() -> Iterator[tuple[str, str, str]]:
    for name in FILES:
        for step in _steps(name):
            for variable, value in step.get("env", {}).items():
                yield step.get("run", ""), variable, str(value)


def test_a_secret_is_handed_over_by_name_and_never_on_a_command_line() -> None:
    secret = [
        (script, variable)
        for script, variable, value in _with_variables()
        if "secrets." in value or "github.token" in value
    ]
    assert len(secret) == 5
    for script, variable in secret:
        assert f"${variable}" not in script
        assert f"${{{variable}" not in script


def test_only_the_steps_that_push_or_comment_have_the_token_of_the_run() -> None:
    holders = [
        step["name"]
        for name in FILES
        for step in _steps(name)
        if "github.token" in str(step.get("env", ""))
    ]
    assert holders == ["Comment on the pull request", "Remember what runs now"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_has_no_permission_that_its_job_does_not_name(name: str) -> None:
    document = yaml.safe_load(_text(name))
    assert document["permissions"] == {}
    ((_, job),) = document["jobs"].items()
    named = {"pull-request.yml": {"contents": "read", "pull-requests": "write"}}
    assert job["permissions"] == named.get(name, {"contents": "write"})


def test_two_deploys_do_not_overlap_and_none_is_cut_off() -> None:
    concurrency = yaml.safe_load(_text("deploy.yml"))["concurrency"]
    assert concurrency == {"group": "deploy-production", "cancel-in-progress": False}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_whole_history_is_fetched(name: str) -> None:
    (checkout,) = [each for each in _steps(name) if "actions/checkout" in each.get("uses", "")]
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}


def test_the_commands_are_ours() -> None:
    used = set(
        re.findall(
            r"^ *(?:run: |\"\$bin/)?mcpverify\"? ([a-z]+)",
            "\n".join(str(step.get("run", "")) for name in FILES for step in _steps(name)),
            re.MULTILINE,
        )
    )
    assert {"check", "snapshot", "diff"} <= used <= set(COMMANDS)


def test_code_owners_guard_the_snapshots_and_the_gates() -> None:
    lines = [
        each.split() for each in recipe("CODEOWNERS").splitlines() if each[:1] not in ("#", "")
    ]
    assert [each[0] for each in lines] == ["/snapshots/", "/.github/"]
    assert all(re.fullmatch(r"@[\w-]+/[\w-]+", each[1]) for each in lines)
