"""The runner of the tests itself: it must not be kinder than GitHub."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.recipes.expressions import Open, Scope, Unknown
from tests.recipes.runner_files import Annotation, annotations
from tests.recipes.workflow import Job, Machine, Trigger
from tests.repositories import commit, git


def _scope(status: str = "success", **contexts: Any) -> Scope:
    functions = {
        "success": lambda: status == "success",
        "failure": lambda: status == "failure",
        "always": lambda: True,
        "cancelled": lambda: False,
    }
    return Scope(contexts, functions)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'a' == 'A'", True),
        ("null == false", True),
        ("null == ''", True),
        ("'' == 0", True),
        ("'true' == true", False),
        ("'1' == 1", True),
        ("!''", True),
        ("'a' && 'b'", "b"),
        ("'' || 'b'", "b"),
        ("false && 'b' || 'c'", "c"),
        ("!(true && false)", True),
        ("'it''s'", "it's"),
        ("inputs.on != false", False),
    ],
)
def test_an_expression_means_what_it_means_to_github(expression: str, value: object) -> None:
    assert _scope(inputs={"on": None}).value(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        "github.nothing",
        "nothing.at.all",
        "hashFiles('x')",
        "1 +",
        "a ? b : c",
        "steps.typo.outcome",
    ],
)
def test_what_the_runner_does_not_know_raises(expression: str) -> None:
    with pytest.raises(Unknown):
        _scope(github={"sha": "x"}, steps={}, a=True).value(expression)


def test_an_output_that_nobody_wrote_is_empty() -> None:
    assert _scope(steps={"gate": {"outputs": Open()}}).value("steps.gate.outputs.rollback") is None


@pytest.mark.parametrize(
    ("condition", "after_success", "after_failure"),
    [
        (None, True, False),
        ("true", True, False),
        ("failure()", False, True),
        ("always()", True, True),
        ("${{ !cancelled() }}", True, True),
        ("failure() && false", False, False),
    ],
)
def test_a_condition_without_a_status_wants_success(
    condition: str | None, after_success: bool, after_failure: bool
) -> None:
    assert _scope("success").holds(condition) is after_success
    assert _scope("failure").holds(condition) is after_failure


def test_text_around_an_expression_raises_for_it_is_always_true() -> None:
    with pytest.raises(Unknown):
        _scope().holds("${{ false }} == true")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    git("init", "-q", "--bare", "-b", "main", str(tmp_path / "origin.git"))
    git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=tmp_path / "origin.git")
    git("clone", "-q", str(tmp_path / "origin.git"), str(tmp_path / "desk"))
    commit("one", "file", tmp_path / "desk")
    git("tag", "old", cwd=tmp_path / "desk")
    commit("two", "file", tmp_path / "desk")
    git("push", "-q", "origin", "main", "old", cwd=tmp_path / "desk")
    return Machine(tmp_path / "machines", tmp_path / "origin.git")


def _run(machine: Machine, *steps: dict[str, Any]) -> Job:
    job = {"runs-on": "ubuntu-24.04", "steps": list(steps)}
    workflow = yaml.safe_dump({"on": {"push": None}, "jobs": {"a": job}})
    return machine.run(workflow, Trigger("push", git("rev-parse", "main", cwd=machine.origin)))


def test_a_step_ends_at_the_first_command_that_fails(machine: Machine) -> None:
    job = _run(machine, {"id": "a", "run": "echo one\nfalse\necho two"})
    assert job["a"].outcome == "failure"
    assert job["a"].log == "one\n"


def test_only_a_step_that_names_bash_sees_a_pipe_fail(machine: Machine) -> None:
    pipe = "false | true"
    job = _run(machine, {"id": "a", "run": pipe}, {"id": "b", "run": pipe, "shell": "bash"})
    assert (job["a"].outcome, job["b"].outcome) == ("success", "failure")


def test_a_later_step_sees_outputs_and_variables(machine: Machine) -> None:
    job = _run(
        machine,
        {
            "id": "a",
            "run": 'echo one=1 >> "$GITHUB_OUTPUT"\n'
            "printf 'two<<E\\na=b\\nc\\nE\\n' >> \"$GITHUB_OUTPUT\"\n"
            'echo THREE=3 >> "$GITHUB_ENV"',
        },
        {"id": "b", "env": {"ONE": "${{ steps.a.outputs.one }}"}, "run": 'echo "$ONE$THREE"'},
    )
    assert job["a"].outputs == {"one": "1", "two": "a=b\nc"}
    assert job["b"].log == "13\n"


def test_a_line_that_is_no_output_raises(machine: Machine) -> None:
    with pytest.raises(ValueError, match="neither"):
        _run(machine, {"run": 'echo nothing >> "$GITHUB_OUTPUT"'})


def test_a_job_stays_red_after_a_step_that_cleans_up(machine: Machine) -> None:
    job = _run(machine, {"run": "false"}, {"id": "b", "if": "always()", "run": "true"})
    assert job["b"].outcome == "success"
    assert job.status == "failure"


def test_a_checkout_is_shallow_and_without_tags_unless_asked(machine: Machine) -> None:
    seen = "git rev-parse --is-shallow-repository; git tag; git rev-parse --abbrev-ref HEAD"
    whole = {"uses": "actions/checkout@v7", "with": {"fetch-depth": 0}}
    one = _run(machine, {"uses": "actions/checkout@v7"}, {"id": "a", "run": seen})
    all_ = _run(machine, whole, {"id": "a", "run": seen})
    assert one["a"].log.split() == ["true", "main"]
    assert all_["a"].log.split() == ["false", "old", "main"]


def test_what_is_not_run_is_noted(machine: Machine) -> None:
    job = _run(machine, {"uses": "actions/setup-python@v7"})
    assert job.noted == ["actions/setup-python@v7 was not run"]


@pytest.mark.parametrize(
    "step",
    [
        {"uses": "someone/else@v1"},
        {"run": "true", "continue-on-error": True},
        {"uses": "actions/checkout@v7", "with": {"fetch-deep": 0}},
    ],
)
def test_a_step_that_the_runner_cannot_run_raises(machine: Machine, step: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        _run(machine, step)


def test_an_event_that_does_not_start_the_workflow_raises(machine: Machine) -> None:
    with pytest.raises(Unknown):
        machine.run("on: {push: {branches: [main]}}\njobs: {}", Trigger("pull_request", "x"))


def test_annotations_are_read_as_github_reads_them() -> None:
    log = "::error title=a%3A b,file=x::one%0Atwo\n not ::error::at the start\n::notice::three\n"
    assert list(annotations(log)) == [
        Annotation("error", "a: b", "one\ntwo"),
        Annotation("notice", "", "three"),
    ]


def test_a_command_that_github_does_not_know_raises() -> None:
    with pytest.raises(ValueError, match="knows no command"):
        list(annotations("::eror::typo"))


@pytest.mark.parametrize("name", ["pip", "pipx"])
def test_the_stand_in_for_pip_takes_only_the_release_that_is_here(
    machine: Machine, name: str
) -> None:
    job = _run(machine, {"id": "a", "run": f"{name} install mcpverify==9.9.9"})
    assert job["a"].outcome == "failure"
