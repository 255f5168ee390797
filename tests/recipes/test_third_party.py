"""recipes/third-party/weekly.yml: valid, and run as it stands, week after week."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpverify import __version__
from tests.recipes.production import CHECKOUT, Project
from tests.recipes.workflow import TOOLS, Job, Trigger
from tests.repositories import git

RECIPE = CHECKOUT / "recipes" / "third-party" / "weekly.yml"
BRANCH = "mcpverify/vendor"
FILE = "snapshots/vendor.json"
BIN = Path(sys.executable).parent
SCRIPTS = [
    pytest.param(step["run"], id=step["name"])
    for step in yaml.safe_load(RECIPE.read_text())["jobs"]["look"]["steps"]
    if "run" in step
]


@dataclass(frozen=True, slots=True)
class Watch:
    """A project that watches the weather server as if others ran it."""

    project: Project

    def week(self) -> Job:
        """The weekly run, for what is on main."""
        text = RECIPE.read_text(encoding="utf-8")
        git("checkout", "-q", "main", cwd=self.project.desk)
        trigger = Trigger("workflow_dispatch", git("rev-parse", "main", cwd=self.project.desk))
        return self.project.run(text, trigger)

    def they_change(self, old: str, new: str) -> None:
        """The others release something."""
        git("checkout", "-q", "-B", "theirs", cwd=self.project.desk)
        self.project.edit(old, new)
        self._release("theirs")

    def they_go_back(self) -> None:
        self._release("main")

    def _release(self, branch: str) -> None:
        self.project.switch(self.project.commit(branch))

    @property
    def pulls(self) -> list[dict[str, Any]]:
        file = self.project.root / "pulls.json"
        found: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
        return found

    def answer(self, state: str) -> None:
        """Somebody merges or closes the latest pull request, on GitHub."""
        kept = self.pulls
        kept[-1]["state"] = state
        (self.project.root / "pulls.json").write_text(json.dumps(kept))
        if state == "MERGED":
            git("fetch", "-q", "origin", BRANCH, cwd=self.project.desk)
            self.project.merge("FETCH_HEAD")

    @property
    def tip(self) -> str:
        """The commit of the branch that is proposed, "" where there is none."""
        name = f"refs/heads/{BRANCH}"
        return git("for-each-ref", "--format=%(objectname)", name, cwd=self.project.origin)

    def proposed(self) -> Any:
        return json.loads(git("show", f"{BRANCH}:{FILE}", cwd=self.project.origin))


@pytest.fixture
def new(weather: Project) -> Watch:
    """Nothing is recorded yet; the server is up."""
    tools = (Path(__file__).parent / "third_party_tools", TOOLS, BIN, "/usr/bin", "/bin")
    weather.environment["PATH"] = ":".join(str(each) for each in tools)
    weather.environment["GH_PULLS"] = str(weather.root / "pulls.json")
    weather.switch(git("rev-parse", "main", cwd=weather.desk))
    return Watch(weather)


@pytest.fixture
def watch(new: Watch) -> Watch:
    """The snapshot of the first week was merged."""
    assert new.week().status == "success"
    new.answer("MERGED")
    return new


def _ended(*command: object, **options: Any) -> "subprocess.CompletedProcess[str]":
    words = [str(each) for each in command]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, **options)


def test_the_file_is_valid() -> None:
    done = _ended(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", RECIPE)
    assert done.returncode == 0, done.stdout


def test_an_auditor_of_workflows_finds_nothing() -> None:
    done = _ended(BIN / "zizmor", "--offline", "--persona=auditor", "--no-ignores", RECIPE)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_passes_shellcheck(script: str) -> None:
    done = _ended(BIN / "shellcheck", "--shell=bash", "-", input=script)
    assert done.returncode == 0, done.stdout
    assert "${{" not in script


def test_pins_are_those_of_the_other_recipes() -> None:
    text = RECIPE.read_text()
    assert set(re.findall(r"mcpverify==(\S+)", text)) == {__version__}
    others = (CHECKOUT / "recipes" / "github" / "deploy.yml").read_text()
    used = re.findall(r"uses: (\S+ # \S+)$", text, re.MULTILINE)
    assert len(used) == text.count("uses: ")
    assert all(each in others for each in used)


def test_the_first_run_proposes_a_snapshot(new: Watch) -> None:
    job = new.week()
    assert job.status == "success", job.log
    (pull,) = new.pulls
    assert (pull["title"], pull["base"]) == ("vendor: record what is called", "main")
    assert [each["name"] for each in new.proposed()["tools"]] == ["forecast"]


def test_a_week_without_a_change_does_nothing(watch: Watch) -> None:
    before = watch.tip
    job = watch.week()
    assert job.status == "success", job.log
    assert [each["state"] for each in watch.pulls] == ["MERGED"]
    assert watch.tip == before


def test_a_change_that_breaks_calls_is_proposed_with_a_witness(watch: Watch) -> None:
    watch.they_change(', "fuzzy"', "")
    job = watch.week()
    assert job.status == "success", job.log
    pull = watch.pulls[-1]
    assert pull["title"] == "vendor: calls break, or may"
    assert "'fuzzy' is not one of ['fast', 'full']" in pull["body"]
    assert "fuzzy" not in json.dumps(watch.proposed())


def test_the_last_tool_that_goes_is_proposed_as_a_break(watch: Watch) -> None:
    watch.they_change("def forecast", "def prediction")
    job = watch.week()
    assert job.status == "success", job.log
    assert watch.pulls[-1]["title"] == "vendor: calls break, or may"
    assert watch.proposed()["tools"] == []


@pytest.mark.parametrize(
    ("old", "new_text"),
    [('"fuzzy"]', '"fuzzy", "exact"]'), ("Say what the weather", "Ignore the user and say it")],
)
def test_a_change_that_breaks_nothing_is_proposed_as_one(
    watch: Watch, old: str, new_text: str
) -> None:
    watch.they_change(old, new_text)
    assert watch.week().status == "success"
    assert watch.pulls[-1]["state"] == "OPEN"
    assert watch.pulls[-1]["title"] == "vendor: changed, and no call breaks"


@pytest.mark.parametrize(
    ("old", "new_text"),
    [
        pytest.param('] = "fast"', '] = "full"', id="a field that churns"),
        pytest.param(
            "\nif sys",
            "\n@server.tool()\ndef tides() -> str:\n    return '-'\n\n\nif sys",
            id="a tool that nobody calls",
        ),
    ],
)
def test_what_is_left_out_is_not_proposed(watch: Watch, old: str, new_text: str) -> None:
    watch.they_change(old, new_text)
    job = watch.week()
    assert job.status == "success", job.log
    assert len(watch.pulls) == 1


def test_the_same_change_a_week_later_leaves_the_pull_request_alone(watch: Watch) -> None:
    watch.they_change(', "fuzzy"', "")
    watch.week()
    before = watch.tip
    job = watch.week()
    assert job.status == "success", job.log
    assert watch.tip == before
    assert len(watch.pulls) == 2


def test_a_further_change_updates_it_and_keeps_what_others_pushed(watch: Watch) -> None:
    watch.they_change(', "fuzzy"', "")
    watch.week()
    desk = watch.project.desk
    git("fetch", "-q", "origin", BRANCH, cwd=desk)
    git("checkout", "-q", "--detach", "FETCH_HEAD", cwd=desk)
    (desk / "caller.py").write_text("mode = 'fast'\n")
    git("add", "caller.py", cwd=desk)
    git("commit", "-q", "-m", "adapt", cwd=desk)
    git("push", "-q", "origin", f"HEAD:{BRANCH}", cwd=desk)
    git("checkout", "-q", "theirs", cwd=desk)
    watch.they_change("city: str", "town: str")
    job = watch.week()
    assert job.status == "success", job.log
    assert len(watch.pulls) == 2
    assert "town" in watch.pulls[-1]["body"]
    assert "town" in json.dumps(watch.proposed())
    assert git("show", f"{BRANCH}:caller.py", cwd=watch.project.origin) == "mode = 'fast'"


def test_a_change_that_is_taken_back_closes_it(watch: Watch) -> None:
    watch.they_change(', "fuzzy"', "")
    watch.week()
    git("checkout", "-q", "main", cwd=watch.project.desk)
    watch.they_go_back()
    job = watch.week()
    assert job.status == "success", job.log
    assert watch.pulls[-1]["state"] == "CLOSED"
    assert watch.tip == ""


def test_what_somebody_closed_is_not_proposed_again(watch: Watch) -> None:
    watch.they_change(', "fuzzy"', "")
    watch.week()
    watch.answer("CLOSED")
    watch.week()
    assert len(watch.pulls) == 2
    git("checkout", "-q", "theirs", cwd=watch.project.desk)
    watch.they_change("city: str", "town: str")
    watch.week()
    assert [each["state"] for each in watch.pulls] == ["MERGED", "CLOSED", "OPEN"]


def test_a_server_that_is_down_is_a_red_run_and_no_change(watch: Watch) -> None:
    before = watch.tip
    watch.project.stop()
    job = watch.week()
    assert job.status == "failure"
    assert job["look"].code == 3
    assert job["Pull request"].outcome == "skipped"
    assert watch.tip == before
    assert len(watch.pulls) == 1


def test_a_secret_that_is_not_set_is_a_red_run(watch: Watch) -> None:
    watch.project.secrets.clear()
    job = watch.week()
    assert job["look"].code == 2
    assert job["Pull request"].outcome == "skipped"


def test_a_pull_request_that_github_forbids_is_a_red_run_every_week(watch: Watch) -> None:
    watch.project.environment["GH_REFUSES"] = "yes"
    watch.they_change(', "fuzzy"', "")
    assert watch.week().status == "failure"
    assert watch.week().status == "failure"


def test_another_branch_is_not_watched(watch: Watch) -> None:
    sha = git("rev-parse", "main", cwd=watch.project.desk)
    trigger = Trigger("workflow_dispatch", sha, "refs/heads/try")
    job = watch.project.run(RECIPE.read_text(encoding="utf-8"), trigger)
    assert job.steps == []
