"""action.yml, run as a step `uses: ./` of a job."""

import shutil
from typing import Any

import pytest
import yaml

from mcpverify import __version__
from tests.recipes.production import CHECKOUT, Project
from tests.recipes.workflow import Job

pytestmark = pytest.mark.timeout(180)  # real servers, several runs each, on a loaded machine

ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))


def _used(weather: Project, env: dict[str, str] | None = None, **given: str) -> Job:
    """A job with the Action, and a step after it that acts on a red gate."""
    shutil.copy(CHECKOUT / "action.yml", weather.desk)
    steps: list[dict[str, Any]] = [
        {"uses": "actions/checkout@v7", "with": {"fetch-depth": 0}},
        {"id": "gate", "uses": "./", "env": env or {}, "with": given},
        {
            "name": "Roll back",
            "if": "failure() && steps.gate.outputs.rollback == 'true'",
            "run": "echo rolled back",
        },
    ]
    job = {"runs-on": "ubuntu-24.04", "steps": steps}
    return weather.run(
        yaml.safe_dump({"on": {"push": None}, "jobs": {"gate": job}}), weather.pushed()
    )


def _serving(weather: Project) -> dict[str, str]:
    weather.switch("main")
    return {"target": weather.url, "bearer-env": "MCP_TOKEN", "snapshot": "snapshots/weather.json"}


def test_a_green_gate_hands_its_outputs_on(weather: Project) -> None:
    job = _used(weather, {"MCP_TOKEN": "${{ secrets.MCP_TOKEN }}"}, **_serving(weather))
    assert job.status == "success", job.log
    outputs = job["gate"].outputs
    assert outputs.keys() == ACTION["outputs"].keys()
    assert outputs["verdict"] == "passed"
    assert outputs["exit-code"] == "0"
    assert outputs["rollback"] == "false"
    assert outputs["situation"] == "reviewed"
    assert outputs["digest"] == outputs["expected-digest"] != ""
    assert outputs["report"].endswith("/report.json")
    assert job["Roll back"].outcome == "skipped"


def test_a_red_gate_hands_its_outputs_on_too(weather: Project) -> None:
    given = _serving(weather) | {"target": "http://127.0.0.1:9/mcp"}
    job = _used(weather, {"MCP_TOKEN": "x"}, **given)
    assert job["gate"].outcome == "failure"
    assert job["gate"].outputs["verdict"] == "inconclusive"
    assert job["gate"].outputs["rollback"] == "true"
    assert job["Roll back"].outcome == "success"


def test_an_empty_secret_is_exit_2_and_rolls_nothing_back(weather: Project) -> None:
    given = {"target": weather.url, "bearer-env": "MCP_TOKEN"}
    job = _used(weather, {"MCP_TOKEN": "${{ secrets.NOT_SET }}"}, **given)
    assert job["gate"].outcome == "failure"
    assert job["gate"].outputs["exit-code"] == "2"
    assert job["Roll back"].outcome == "skipped"


def test_a_command_over_stdio_is_checked(weather: Project) -> None:
    job = _used(weather, command="python -m weather_server", snapshot="snapshots/weather.json")
    assert job.status == "success", job.log
    assert job["gate"].outputs["situation"] == "reviewed"


def test_a_command_on_several_lines_is_taken_to_its_end(weather: Project) -> None:
    command = "python\n  -m\nweather_server\n"
    job = _used(weather, command=command, snapshot="snapshots/weather.json")
    assert job.status == "success", job.log
    assert job["gate"].outputs["situation"] == "reviewed"


def test_a_snapshot_of_git_is_found(weather: Project) -> None:
    given = {"command": "python -m weather_server", "snapshot": "git:HEAD:snapshots/weather.json"}
    assert _used(weather, **given).status == "success"


def test_arguments_are_taken_line_by_line(weather: Project) -> None:
    given = _serving(weather) | {"args": "--require-tool\nno such tool\n"}
    job = _used(weather, {"MCP_TOKEN": "${{ secrets.MCP_TOKEN }}"}, **given)
    assert job["gate"].outputs["exit-code"] == "1"
    assert "no such tool" in job.log


@pytest.mark.parametrize("name", ["target", "command", "snapshot", "wait", "bearer-env", "args"])
def test_an_input_is_never_run_as_shell(weather: Project, name: str) -> None:
    hostile = "$(touch pwned) `touch pwned` '; touch pwned; ' \"; touch pwned; \" *"
    given = {"target": "http://127.0.0.1:9/mcp"} | {name: hostile}
    if name == "command":
        given["target"] = ""
    job = _used(weather, **given)
    assert job.status == "failure"
    assert job["./: Install mcpverify"].outcome == "success"
    assert not list(job.workspace.rglob("pwned"))


@pytest.mark.parametrize("name", ["target", "snapshot", "wait", "bearer-env"])
def test_a_value_is_never_taken_for_an_option(weather: Project, name: str) -> None:
    given = {"target": "http://127.0.0.1:9/mcp"} | {name: "--help"}
    job = _used(weather, **given)
    assert job.status == "failure", "--help is exit code 0"


@pytest.mark.parametrize("version", ["0.1.0; touch pwned", "@ file:///tmp/x", "", "../../x"])
def test_a_version_that_is_no_release_is_refused(weather: Project, version: str) -> None:
    job = _used(weather, target=weather.url, version=version)
    assert job.status == "failure"
    assert not list(job.workspace.rglob("pwned"))
    assert any("no release" in each.message for each in job.annotations)
    assert job["gate"].outputs["rollback"] == ""


def test_without_a_target_it_is_exit_2(weather: Project) -> None:
    job = _used(weather)
    assert job["gate"].outputs["exit-code"] == "2"
    assert job["gate"].outputs["verdict"] == "none"


def test_two_gates_in_a_job_keep_a_report_each(weather: Project) -> None:
    shutil.copy(CHECKOUT / "action.yml", weather.desk)
    given = {"command": "python -m weather_server", "snapshot": "snapshots/weather.json"}
    steps: list[dict[str, Any]] = [
        {"uses": "actions/checkout@v7"},
        {"id": "one", "uses": "./", "with": given},
        {"id": "two", "uses": "./", "with": given},
    ]
    workflow = {"on": {"push": None}, "jobs": {"gate": {"runs-on": "x", "steps": steps}}}
    job = weather.run(yaml.safe_dump(workflow), weather.pushed())
    assert job.status == "success", job.log
    assert job["one"].outputs["report"] != job["two"].outputs["report"]


def test_the_python_of_the_job_stays_what_it_was() -> None:
    (setup,) = [each for each in ACTION["runs"]["steps"] if each.get("id") == "python"]
    assert setup["with"]["update-environment"] is False


def test_it_installs_this_version_unless_told_otherwise() -> None:
    assert ACTION["inputs"]["version"]["default"] == __version__
