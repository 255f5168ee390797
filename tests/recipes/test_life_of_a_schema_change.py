"""The life of a schema change, by the recipes for GitHub as they stand, on real git and servers.

Replaced are the URL of the example and `--wait 2m`, for the sake of time, and nothing else.
"""

import shutil
from pathlib import Path

import pytest

from tests.recipes import production
from tests.recipes.production import SECRET, Project

pytestmark = pytest.mark.timeout(180)  # real servers, several runs each, on a loaded machine

NEXT = '"fast", "full", "fuzzy"'


@pytest.fixture
def weather_files(weather_files: Path, tmp_path: Path, scrubbed_environment: Path) -> Path:
    """The same server on the SDK, as a team's own is. All other recipes do without its weight."""
    files = tmp_path / "files"
    shutil.copytree(weather_files, files)
    (files / "by_hand.py").unlink()
    server = files / "weather_server.py"
    text = server.read_text(encoding="utf-8")
    assert "from by_hand import" in text
    text = text.replace("from by_hand import", "from mcp.server.mcpserver import")
    server.write_text(text, encoding="utf-8")
    production.record(files, scrubbed_environment)
    return files


def test_a_schema_change_lives_from_the_pull_request_to_the_roll_back(weather: Project) -> None:
    # The first deploy: no tag, so nothing is checked before, and the tag is set after.
    first = weather.commit()
    job = weather.deployed(first)
    assert job.status == "success", job.log
    assert job["preflight"].outcome == "skipped"
    assert weather.tag == first

    # A pull request takes a value away. Red, until the snapshot says so, too.
    weather.edit(NEXT, '"fast", "full"')
    weather.commit("narrower")
    assert weather.checked("narrower").status == "failure"
    weather.record()
    weather.commit("narrower")
    job = weather.checked("narrower")
    assert job.status == "success", job.log
    (comment,) = weather.comments
    assert "forecast" in comment
    assert "'fuzzy' is not one of ['fast', 'full']" in comment

    # Merged and deployed: the release before was sound, and the new one is the reviewed one.
    second = weather.merge("narrower")
    job = weather.deployed(second)
    assert job.status == "success", job.log
    assert job["preflight"].outputs["situation"] == "reviewed"
    assert job["gate"].outputs["verdict"] == "passed"
    assert weather.tag == second

    # The next change is merged, and the deploy quietly keeps the old image.
    weather.edit('"fast", "full"', '"fast", "full", "hourly"')
    weather.record()
    weather.commit("hourly")
    third = weather.merge("hourly")
    (weather.folder / "stale").touch()
    weather.patience = "3s"
    job = weather.deployed(third)
    assert job.status == "failure"
    assert job["gate"].outputs["situation"] == "old-release"
    assert second[:7] in job["gate"].log
    assert "an old release is serving" in " ".join(job["gate"].log.split())

    # Rolled back to the commit that is known to run, seen to be back, and told to nobody as new.
    assert weather.deploys == [first, second, third, second]
    assert job["The release before is back"].outcome == "success"
    assert weather.tag == second

    # Once the cache is gone, the same commit goes out.
    (weather.folder / "stale").unlink()
    weather.patience = "20s"
    job = weather.deployed(third)
    assert job.status == "success", job.log
    assert weather.tag == third

    # Over its whole life, the token was never printed.
    for path in weather.root.rglob("job-*/temp/*"):
        assert SECRET.encode() not in path.read_bytes(), path
