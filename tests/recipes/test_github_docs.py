"""docs/github-actions.md says what the code and the recipes say."""

import re

import pytest
import yaml

from mcpverify.cli.exit_codes import ExitCode
from mcpverify.facts.situation import Situation
from tests.recipes.production import CHECKOUT, recipe

PAGE = (CHECKOUT / "docs" / "github-actions.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((CHECKOUT / "action.yml").read_text(encoding="utf-8"))


def _steps(name: str) -> list[str]:
    ((_, job),) = yaml.safe_load(recipe(name))["jobs"].items()
    return [each["name"] for each in job["steps"] if "name" in each]


def test_it_says_which_exit_codes_roll_back() -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \| (true|false) \|", PAGE, re.MULTILINE)
    assert {int(code): told == "true" for code, _, told in rows} == {
        int(code): code.rolls_back for code in ExitCode if code < 128
    }


def test_the_situations_that_it_explains_exist() -> None:
    (rows,) = re.findall(r"^\| `situation` .*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    told = re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| ([^|]+) \|", rows, re.MULTILINE)))
    assert set(told) - {"situation"} <= set(Situation)
    assert {Situation.OLD_RELEASE, Situation.NOT_LET_IN, Situation.UNREACHABLE} <= set(told)


@pytest.mark.parametrize("name", ["pull-request.yml", "deploy.yml"])
def test_every_step_that_judges_or_changes_something_is_explained(name: str) -> None:
    told = {each.rstrip(".") for each in re.findall(r"\*\*([^*]+)\*\*", PAGE)}
    unexplained = {
        *("Install mcpverify", "Install the server and mcpverify"),
        *("Does this branch change the snapshot?", "Comment on the pull request"),
    }
    assert {each.rstrip(".") for each in _steps(name)} <= told | unexplained


def test_the_inputs_and_outputs_of_the_action_are_all_told() -> None:
    for name in (*ACTION["inputs"], *ACTION["outputs"]):
        assert f"`{name}`" in PAGE, name


def test_the_example_of_the_action_gives_it_inputs_that_it_has() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    gate, back = yaml.safe_load(example)
    assert gate["with"].keys() <= ACTION["inputs"].keys()
    assert back["if"] in recipe("deploy.yml")
