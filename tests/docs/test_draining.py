"""docs/draining.md: its servers end as it says, its numbers agree, and it names every point."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mcpverify.demo import draining
from mcpverify.rollout.judgement import judged
from mcpverify.rollout.points import all_points
from mcpverify.rollout.remedies import remedies_for
from tests.conftest import Mcpverify
from tests.documents import blocks, text_of
from tests.rollout import timelines

PAGE = text_of("docs/draining.md")
NODE = shutil.which("node")


def server(name: str) -> str:
    found = re.search(rf"<!-- server: {name} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    # What a reader leaves as it is: the port, which is others' too, and a duck's five seconds.
    return found[1].replace("port=8000", "port=0").replace("lame_duck=5", "lame_duck=1")


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(("name", "shutdown"), [("settings", "degraded"), ("draining", "graceful")])
def test_its_servers_end_as_it_says(
    name: str, shutdown: str, mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "server.py").write_text(server(name))
    shutil.copy(draining.__file__, tmp_path / "draining.py")
    run = mcpverify("drain", "--format", "json", "--", sys.executable, "server.py", timeout=50)
    assert (run.report["shutdown"], run.code) == (shutdown, 0), run.report["headline"]


def test_what_it_has_one_copy_needs_nothing_of_ours() -> None:
    source = Path(draining.__file__).read_text(encoding="utf-8")
    assert not re.search(r"^\s*(from|import) mcpverify", source, re.MULTILINE)


def test_it_names_every_point() -> None:
    listed = PAGE.partition("## What a good end is")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z-]+)`", listed)
    assert set(named) == {file.check.id for file in all_points()}


def test_its_numbers_keep_the_inequalities() -> None:
    pod = yaml.safe_load(blocks(PAGE, "yaml")[0])["spec"]
    (container,) = pod["containers"]
    said = re.search(r"With (\d+) seconds of P99, a drain limit of (\d+) seconds", PAGE)
    assert said is not None
    p99, limit = int(said[1]), int(said[2])
    pre_stop = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    readiness = container["readinessProbe"]
    assert limit >= p99 + 5
    assert pod["terminationGracePeriodSeconds"] >= pre_stop + limit + 5
    assert pre_stop >= readiness["periodSeconds"] * readiness["failureThreshold"]
    assert f"limit={limit}" in server("draining")
    assert f"timeout_graceful_shutdown={limit}" in server("settings")


def test_its_javascript_is_what_drain_prints() -> None:
    (block,) = blocks(PAGE, "js")
    remedy, *_ = remedies_for(judged(timelines.abrupt()))
    code = [step[2:] for step in remedy.steps if step.startswith("  ")]
    assert block.splitlines() == code


def test_its_job_is_red_for_a_degraded_server_and_uses_what_the_recipe_does() -> None:
    (job,) = yaml.safe_load(blocks(PAGE, "yaml")[1])["jobs"].values()
    assert any("mcpverify drain --strict" in step.get("run", "") for step in job["steps"])
    recipe = text_of("recipes/github/pull-request.yml")
    for action in (step["uses"] for step in job["steps"] if "uses" in step):
        assert action in recipe
    assert re.findall(r"mcpverify==\S+", PAGE) == re.findall(r"mcpverify==\S+", recipe)


@pytest.mark.skipif(NODE is None, reason="there is no node here")
def test_its_javascript_can_be_read(tmp_path: Path) -> None:
    (block,) = blocks(PAGE, "js")
    script = tmp_path / "handler.mjs"
    script.write_text(block)
    subprocess.run([str(NODE), "--check", str(script)], check=True, timeout=30)
