"""recipes/github/deploy.yml, run as it stands: what each verdict does, and what goes wrong."""

import json

import pytest

from tests.recipes.production import SECRET, SNAPSHOT, Project, recipe
from tests.recipes.workflow import Job, Trigger

pytestmark = pytest.mark.timeout(180)  # real servers, several runs each, on a loaded machine

DEPLOY = "Deploy"
BACK = "The release before is back"
CHANGES = "What this deploy changes for callers"
REMEMBER = "Remember what runs now"


def _released(weather: Project) -> str:
    commit = weather.commit()
    weather.release(commit)
    return commit


def _change(weather: Project) -> str:
    """A reviewed change of the contract, on main."""
    weather.edit(', "fuzzy"', "")
    weather.record()
    return weather.commit()


def _unreviewed(weather: Project) -> str:
    """A change that went past the review: the snapshot on main knows nothing of it."""
    weather.patience = "2s"
    weather.edit("city: str", "town: str")
    weather.edit("{city}", "{town}")
    return weather.commit()


def _broken(weather: Project) -> str:
    """A release that starts over stdio, and not in production."""
    weather.patience = "2s"
    weather.edit("    from http_front", '    raise SystemExit("no database")\n    from http_front')
    return weather.commit()


def _rolled_back(job: Job) -> bool:
    return job["rollback"].outcome != "skipped"


def test_a_change_that_nobody_reviewed_is_rolled_back(weather: Project) -> None:
    _released(weather)
    before = _change(weather)
    weather.release(before)
    after = _unreviewed(weather)
    job = weather.deployed(after)
    assert job.status == "failure"
    assert job["gate"].outputs["exit-code"] == "1"
    assert job["gate"].outputs["situation"] == "unreviewed-change"
    assert weather.deploys == [after, before]
    assert job[BACK].outcome == "success", job.log
    assert weather.tag == before


def _other_words(weather: Project) -> str:
    """A reviewed change of a description and of nothing else, on main."""
    weather.edit("Say what the weather will be.", "Say tomorrow's weather.")
    weather.record()
    return weather.commit()


def test_a_stale_image_that_differs_in_a_description_alone_is_rolled_back(
    weather: Project,
) -> None:
    before = _released(weather)
    after = _other_words(weather)
    (weather.folder / "stale").touch()
    weather.patience = "2s"
    job = weather.deployed(after)
    assert job.status == "failure"
    assert job["gate"].outputs["situation"] == "old-release"
    assert weather.deploys == [after, before]
    assert weather.names == ["", ""], "of the one server"
    assert job[BACK].outcome == "success", job.log
    assert weather.tag == before


def test_a_roll_back_that_leaves_other_words_in_place_is_told(weather: Project) -> None:
    _released(weather)
    words = _other_words(weather)
    weather.switch(words)
    (weather.folder / "stale").touch()
    weather.patience = "2s"
    weather.edit(', "fuzzy"', "")
    weather.record()
    hasty = recipe("deploy.yml").replace("--wait 2m", "--wait 2s")
    job = weather.deployed(weather.commit(), workflow=hasty)
    assert job["preflight"].outcome == "success"
    assert job["rollback"].outcome == "success"
    assert job[BACK].outcome == "failure", "it serves what the tag does not lead to"


def test_words_that_differ_do_not_stop_the_deploy_that_mends_them(weather: Project) -> None:
    _released(weather)
    after = _other_words(weather)
    weather.switch(after)
    job = weather.deployed(after)
    assert job["preflight"].outputs["verdict"] == "passed"
    assert job.status == "success", job.log
    assert weather.tag == after


def test_a_server_that_does_not_come_up_is_rolled_back(weather: Project) -> None:
    before = _released(weather)
    after = _broken(weather)
    job = weather.deployed(after)
    assert job.status == "failure"
    assert job["gate"].outputs["exit-code"] == "3"
    assert job["gate"].outputs["situation"] == "unreachable"
    assert weather.deploys == [after, before]
    assert job[BACK].outcome == "success", job.log
    assert weather.tag == before


def test_a_roll_back_that_does_not_help_is_told(weather: Project) -> None:
    _released(weather)
    (weather.desk / "deploy.sh").write_text(
        '#!/bin/sh\nkill -KILL "$(cat "$PRODUCTION/pid")" 2> /dev/null || true\n'
    )
    weather.patience = "2s"
    hasty = recipe("deploy.yml").replace("--wait 2m", "--wait 2s")
    job = weather.deployed(weather.commit(), workflow=hasty)
    assert job["rollback"].outcome == "success"
    assert job[BACK].outcome == "failure"
    assert "refused the connection" in job[BACK].log


def test_an_empty_secret_stops_before_the_deploy(weather: Project) -> None:
    _released(weather)
    weather.secrets.clear()
    job = weather.deployed(_change(weather))
    assert job.status == "failure"
    assert job["preflight"].outputs["exit-code"] == "2"
    assert job["preflight"].outputs["rollback"] == "false"
    assert weather.deploys == []


def test_an_empty_secret_at_the_gate_is_exit_2_and_rolls_nothing_back(weather: Project) -> None:
    weather.secrets.clear()
    only = weather.commit()
    job = weather.deployed(only)
    assert job.status == "failure"
    assert job["gate"].outputs["verdict"] == "none"
    assert job["gate"].outputs["exit-code"] == "2"
    assert job["gate"].outputs["rollback"] == "false"
    assert weather.deploys == [only]
    assert not _rolled_back(job)
    assert weather.tag == ""


def test_a_wrong_token_is_found_before_the_deploy(weather: Project) -> None:
    _released(weather)
    weather.secrets["MCP_TOKEN"] = "of-last-year"
    job = weather.deployed(_change(weather))
    assert job["preflight"].outputs["situation"] == "not-let-in"
    assert weather.deploys == []


def test_a_release_that_is_broken_now_stops_the_deploy(weather: Project) -> None:
    _released(weather)
    weather.stop()
    job = weather.deployed(_change(weather))
    assert job.status == "failure"
    assert job["preflight"].outcome == "failure"
    assert weather.deploys == []
    assert not _rolled_back(job)


def test_by_hand_and_without_the_preflight_a_broken_release_is_mended(weather: Project) -> None:
    _released(weather)
    weather.stop()
    after = _change(weather)
    job = weather.deployed(after, by_hand={"preflight": False})
    assert job.status == "success", job.log
    assert job["preflight"].outcome == "skipped"
    assert weather.tag == after


def test_by_hand_the_preflight_is_on_unless_it_is_left_out(weather: Project) -> None:
    _released(weather)
    weather.stop()
    job = weather.deployed(_change(weather), by_hand={})
    assert job["preflight"].outcome == "failure"
    assert weather.deploys == []


def test_by_hand_no_other_branch_than_main_is_deployed(weather: Project) -> None:
    trigger = Trigger("workflow_dispatch", weather.commit("idea"), "refs/heads/idea")
    assert weather.run(recipe("deploy.yml"), trigger).steps == []
    assert weather.deploys == []


def test_a_first_deploy_that_fails_says_that_there_is_nothing_to_go_back_to(
    weather: Project,
) -> None:
    only = _unreviewed(weather)
    job = weather.deployed(only)
    assert job.status == "failure"
    assert job["preflight"].outcome == "skipped"
    assert weather.deploys == [only]
    assert [each.title for each in job["rollback"].annotations] == ["Nothing to go back to"]
    assert job[BACK].outcome == "skipped"
    assert weather.tag == ""


def test_a_shallow_clone_is_no_first_deploy(weather: Project) -> None:
    _released(weather)
    after = _change(weather)
    shallow = recipe("deploy.yml").replace("fetch-depth: 0", "fetch-depth: 1")
    job = weather.deployed(after, workflow=shallow)
    assert job.status == "failure"
    assert [each.title for each in job["running"].annotations] == ["Shallow clone"]
    assert weather.deploys == []


def test_a_snapshot_that_a_merge_has_spoilt_stops_before_the_deploy(weather: Project) -> None:
    _released(weather)
    weather.edit('"fuzzy"', '"fuzzier"', SNAPSHOT)
    job = weather.deployed(weather.commit())
    assert job[CHANGES].code == 2
    assert "the digest does not fit" in job[CHANGES].log
    assert weather.deploys == []


def test_a_snapshot_under_another_name_is_deployed_by_hand(weather: Project) -> None:
    _released(weather)
    (weather.desk / SNAPSHOT).rename(weather.desk / "snapshots" / "sky.json")
    after = weather.commit()
    renamed = recipe("deploy.yml").replace(SNAPSHOT, "snapshots/sky.json")
    assert weather.deployed(after, workflow=renamed)[CHANGES].code == 2
    job = weather.deployed(after, workflow=renamed, by_hand={"preflight": False})
    assert job.status == "success", job.log
    assert weather.tag == after


def test_those_on_call_find_in_the_summary_what_the_deploy_changes(weather: Project) -> None:
    _released(weather)
    job = weather.deployed(_change(weather))
    assert "'fuzzy' is not one of ['fast', 'full']" in job[CHANGES].summary


def test_a_gate_that_was_killed_rolls_nothing_back(weather: Project) -> None:
    _released(weather)
    after = _change(weather)
    killed = recipe("deploy.yml").replace('--snapshot "git:$GITHUB_SHA', "& kill -KILL $$ #")
    job = weather.deployed(after, workflow=killed)
    assert job["gate"].outcome == "failure"
    assert job["gate"].outputs == {}
    assert weather.deploys == [after]
    assert not _rolled_back(job)


def test_a_deploy_that_fails_half_way_is_neither_judged_nor_rolled_back(weather: Project) -> None:
    before = _released(weather)
    (weather.desk / "deploy.sh").write_text("#!/bin/sh\nexit 1\n")
    job = weather.deployed(weather.commit())
    assert job[DEPLOY].outcome == "failure"
    assert job["gate"].outcome == "skipped"
    assert not _rolled_back(job)
    assert weather.tag == before


def test_packages_that_cannot_be_had_change_nothing(weather: Project) -> None:
    _released(weather)
    weather.environment["PIP_FAILS"] = "yes"
    job = weather.deployed(_change(weather))
    assert job["Install mcpverify"].outcome == "failure"
    assert weather.deploys == []
    assert not _rolled_back(job)


def test_a_tag_that_cannot_be_moved_is_red_and_rolls_no_good_release_back(
    weather: Project,
) -> None:
    before = _released(weather)
    (weather.origin / "refuses").touch()
    after = _change(weather)
    job = weather.deployed(after)
    assert job["gate"].outcome == "success"
    assert job[REMEMBER].outcome == "failure"
    assert job.status == "failure"
    assert weather.deploys == [after]
    assert weather.tag == before


def test_the_tag_is_pushed_with_the_token_of_the_run(weather: Project) -> None:
    without = recipe("deploy.yml").replace("GH_TOKEN: ${{ github.token }}", "NOTHING: ''")
    job = weather.deployed(_change(weather), workflow=without)
    assert job["gate"].outcome == "success"
    assert job[REMEMBER].outcome == "failure"
    assert weather.tag == ""


def test_a_commit_is_deployed_although_main_has_moved_on(weather: Project) -> None:
    _released(weather)
    after = _change(weather)
    weather.edit("sun", "rain")
    weather.commit()
    job = weather.deployed(after)
    assert job.status == "success", job.log
    assert weather.deploys == [after]
    assert weather.tag == after


def test_an_annotated_tag_leads_to_its_commit(weather: Project) -> None:
    before = _released(weather)
    weather.annotate("deployed", before)
    after = _broken(weather)
    job = weather.deployed(after)
    assert weather.deploys == [after, before]
    assert job[BACK].outcome == "success", job.log


def test_the_reports_are_kept_and_hold_no_token(weather: Project) -> None:
    _released(weather)
    job = weather.deployed(_unreviewed(weather))
    (kept,) = job.artifacts.values()
    assert sorted(kept) == ["gate.json", "preflight.json", "rollback.json"]
    verdicts = {name: json.loads(text)["verdict"] for name, text in kept.items()}
    assert verdicts == {
        "gate.json": "failed",
        "preflight.json": "passed",
        "rollback.json": "passed",
    }
    assert all(SECRET.encode() not in text for text in kept.values())
    assert SECRET not in job.log + job.summary


def test_a_run_that_wrote_no_report_keeps_none_and_is_not_red_for_it(weather: Project) -> None:
    weather.secrets.clear()
    job = weather.deployed(weather.commit())
    assert job["Keep the reports"].outcome == "success"
    assert job.artifacts == {"mcpverify-1": {}}
