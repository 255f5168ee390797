"""The workflows that `mcpverify init` writes, run as they stand."""

import shutil
import sys
from pathlib import Path

import pytest

from tests import running
from tests.recipes.production import SECRET, SNAPSHOT, Project
from tests.repositories import git

pytestmark = pytest.mark.timeout(180)  # real servers, several runs each, on a loaded machine


def _workflow(weather: Project, kind: str, *arguments: str) -> str:
    """The workflow of that kind, written by init into a project without a snapshot."""
    (weather.desk / SNAPSHOT).unlink()
    run = running.run(
        *("init", "--forge", "github", *arguments),
        cwd=weather.desk,
        home=weather.root / "home",
        env={"MCP_TOKEN": SECRET, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
    )
    assert run.code == 0, run.output
    path = weather.desk / ".github" / "workflows" / f"{kind}-weather.yml"
    return path.read_text(encoding="utf-8")


def test_the_job_for_pull_requests_is_red_until_a_change_is_recorded(weather: Project) -> None:
    workflow = _workflow(weather, "contract", "--", "python", "-m", "weather_server")
    weather.commit()
    weather.edit(', "fuzzy"', "")
    weather.commit("narrower")
    before = weather.run(workflow, weather.pull_request("narrower"))
    weather.record()
    weather.commit("narrower")
    after = weather.run(workflow, weather.pull_request("narrower"))

    assert before["recorded"].outputs["verdict"] == "failed"
    assert (before.status, after.status) == ("failure", "success"), after.log
    assert "'fuzzy' is not one of ['fast', 'full']" in weather.comments[0]


def test_beside_another_server_the_job_for_deploys_moves_its_own_tag_and_rolls_back_to_it(
    weather: Project,
) -> None:
    weather.switch(weather.commit())
    shutil.copy(weather.desk / SNAPSHOT, weather.desk / "snapshots" / "other.json")
    workflow = _workflow(weather, "deploy", weather.url, "--bearer-env", "MCP_TOKEN")
    first = weather.commit()
    green = weather.deployed(first, workflow=workflow)
    weather.patience = "2s"
    weather.edit("city", "town")
    second = weather.commit()
    red = weather.deployed(second, workflow=workflow)

    (notice,) = green["running"].annotations
    assert notice.message.startswith("There is no tag deployed-weather:")
    assert green.status == "success", green.log
    assert red["gate"].outputs["rollback"] == "true"
    assert weather.deploys == [first, second, first]
    assert weather.names == ["weather", "weather", "weather"], "and never the other server"
    assert red["The release before is back"].outcome == "success", red.log
    assert git("tag", cwd=weather.origin) == "deployed-weather"
    assert git("rev-parse", "deployed-weather^{commit}", cwd=weather.origin) == first
