"""recipes/github/pull-request.yml, run as it stands on a throw-away project."""

import json
import shutil
import subprocess

import pytest

from mcpverify.reporters.markdown_report import MAX_CHARACTERS
from tests.recipes.production import SNAPSHOT, Project, recipe

pytestmark = pytest.mark.timeout(180)  # real servers, several runs each, on a loaded machine

NARROWER = (', "fuzzy"', "")
MARK = "<!-- mcpverify: snapshots/weather.json -->"


def _narrowed(weather: Project, *, recorded: bool) -> None:
    weather.edit(*NARROWER)
    if recorded:
        weather.record()
    weather.commit("narrower")


def test_a_change_that_was_not_recorded_is_red_and_the_comment_says_how_to_accept_it(
    weather: Project,
) -> None:
    _narrowed(weather, recorded=False)
    job = weather.checked("narrower")
    assert job.status == "failure"
    assert job["recorded"].outputs["verdict"] == "failed"
    (comment,) = weather.comments
    assert "is not what this branch serves" in comment
    assert (
        "mcpverify snapshot --snapshot snapshots/weather.json -- python -m weather_server"
        in comment
    )


def test_a_change_that_was_recorded_is_green_and_the_comment_shows_what_breaks(
    weather: Project,
) -> None:
    _narrowed(weather, recorded=True)
    job = weather.checked("narrower")
    assert job.status == "success", job.log
    (comment,) = weather.comments
    assert comment.startswith(MARK)
    assert "**breaking**" in comment
    assert "'fuzzy' is not one of ['fast', 'full']" in comment


def test_the_comment_is_updated_and_not_repeated(weather: Project) -> None:
    _narrowed(weather, recorded=False)
    assert weather.checked("narrower").status == "failure"
    weather.record()
    weather.commit("narrower")
    assert weather.checked("narrower").status == "success"
    (comment,) = weather.comments
    assert "is not what this branch serves" not in comment
    assert "**breaking**" in comment


def test_a_comment_that_no_longer_holds_is_taken_back(weather: Project) -> None:
    _narrowed(weather, recorded=True)
    weather.checked("narrower")
    weather.edit('"full"', '"full", "fuzzy"')
    weather.record()
    weather.commit("narrower")
    assert weather.checked("narrower").status == "success"
    (comment,) = weather.comments
    assert "Nothing changes for callers" in comment


def test_a_branch_that_changes_nothing_gets_no_comment(weather: Project) -> None:
    weather.edit("sun", "rain")
    weather.commit("rainy")
    job = weather.checked("rainy")
    assert job.status == "success", job.log
    assert job["What callers lose"].outcome == "skipped"
    assert weather.comments == []


def test_a_snapshot_that_is_new_is_said_and_not_red(weather: Project) -> None:
    (weather.desk / SNAPSHOT).unlink()
    weather.commit("main")
    weather.record()
    weather.commit("first-snapshot")
    job = weather.checked("first-snapshot")
    assert job.status == "success", job.log
    (comment,) = weather.comments
    assert "is new: main has none" in comment


def test_a_branch_without_a_snapshot_is_red(weather: Project) -> None:
    (weather.desk / SNAPSHOT).unlink()
    weather.commit("without")
    assert weather.checked("without").status == "failure"


def test_a_shallow_clone_is_red_and_no_new_snapshot(weather: Project) -> None:
    _narrowed(weather, recorded=True)
    shallow = recipe("pull-request.yml").replace("fetch-depth: 0", "fetch-depth: 1")
    job = weather.run(shallow, weather.pull_request("narrower"))
    assert job["main"].outcome == "failure"
    assert job.status == "failure"
    assert all("is new" not in each for each in weather.comments)


def test_a_fork_gets_no_comment_and_finds_the_same_in_the_summary(weather: Project) -> None:
    _narrowed(weather, recorded=True)
    job = weather.checked("narrower", fork=True)
    assert job.status == "success", job.log
    assert job["Comment on the pull request"].outcome == "skipped"
    assert weather.comments == []
    assert "'fuzzy' is not one of ['fast', 'full']" in job.summary


def test_a_token_that_may_not_write_is_a_warning_and_not_red(weather: Project) -> None:
    weather.environment["GH_REFUSES"] = "yes"
    _narrowed(weather, recorded=True)
    job = weather.checked("narrower")
    assert job.status == "success", job.log
    assert [each.level for each in job["Comment on the pull request"].annotations] == ["warning"]


def test_a_server_that_does_not_start_is_red_and_nothing_is_said_of_its_contract(
    weather: Project,
) -> None:
    weather.edit("import sys\n", "import sys\n\nraise SystemExit(3)\n")
    weather.commit("broken")
    job = weather.checked("broken")
    assert job.status == "failure"
    assert job["What callers lose"].outcome == "skipped"
    (comment,) = weather.comments
    assert "could not be checked" in comment


def test_only_our_own_comment_is_taken_for_ours(weather: Project) -> None:
    if shutil.which("jq") is None:
        pytest.skip("there is no jq here; the stand-in for gh knows this one filter")
    _narrowed(weather, recorded=True)
    weather.checked("narrower")
    listing = json.loads((weather.root / "calls").read_text(encoding="utf-8").splitlines()[0])
    comments = [
        {"id": 1, "user": {"login": "someone"}, "body": MARK},
        {"id": 2, "user": {"login": "github-actions[bot]"}, "body": f"{MARK}\ntext"},
        {"id": 3, "user": {"login": "github-actions[bot]"}, "body": f"of {MARK}"},
    ]
    done = subprocess.run(
        ["jq", listing[listing.index("--jq") + 1]],
        input=json.dumps(comments),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout == "2\n"


def test_the_largest_report_fits_into_a_comment() -> None:
    assert len(MARK) + 1 + MAX_CHARACTERS <= 65_536


def test_nothing_of_a_pull_request_runs_beside_the_token_that_may_write(weather: Project) -> None:
    weather.edit(
        "import sys\n",
        "import os\nimport sys\n\nassert not any(map(os.environ.get, ('GH_TOKEN', 'GITHUB_TOKEN')))"
        "\n",
    )
    weather.commit("curious")
    assert weather.checked("curious").status == "success"
