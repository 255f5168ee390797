"""The snapshot of a target of a configuration: where it lies, what it leaves out, who shares it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import honest
from tests.servers.dialog import tool

SCHEMA = "*:/inputSchema"


@pytest.fixture
def url() -> Iterator[str]:
    with honest.serve(tools=[tool("add")]) as server:
        yield server.url


def configured(folder: Path, **targets: str) -> None:
    """An mcpverify.toml of targets by their names, each with the text of its table."""
    tables = [f"[targets.{name}]\n{text}\n" for name, text in targets.items()]
    (folder / "mcpverify.toml").write_text("\n".join(tables))


def at(url: str, *lines: str) -> str:
    return "\n".join((f'url = "{url}"', *lines))


def compared(run: Run) -> dict[str, Any]:
    """The finding on the snapshot in a JSON report of one target."""
    (target,) = run.report["targets"]
    return next(each for each in target["checks"] if each["id"] == "matches-snapshot")


def test_a_required_comparison_without_a_snapshot_is_no_pass(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, weather=at(url, 'require = ["matches-snapshot"]'))
    run = mcpverify("check", "weather", "--format", "json")
    assert run.code == 3
    assert compared(run)["outcome"] == "not-observed"
    assert "it is required, and nothing was compared" in compared(run)["message"]


def test_a_missing_snapshot_is_a_warning_with_its_command_where_there_is_none_at_all(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, weather=at(url))
    run = mcpverify("check", "weather", "--format", "json")
    assert run.code == 0
    assert "mcpverify snapshot weather" in run.report["targets"][0]["next"]


def test_a_snapshot_that_is_missing_among_others_is_a_mistake_of_that_target(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, first=at(url), second=at(url))
    config = str(tmp_path / "mcpverify.toml")
    assert mcpverify("snapshot", "first").code == 0
    alone = mcpverify("check", "second", "--config", config)
    both = mcpverify("check", "--all", "--format", "json")
    blind = mcpverify("check", "second", "--only", "reachable")

    assert alone.code == 2
    assert "snapshots/second.json, and " in alone.stderr
    assert "holds first.json" in alone.stderr
    assert f"`mcpverify snapshot second --config {config}`" in alone.stderr
    assert both.code == 2
    first, second = both.report["targets"]
    assert (first["situation"], second["situation"]) == ("reviewed", "called-wrongly")
    assert "`mcpverify snapshot second`" in second["next"][0]
    assert blind.code == 0


def test_a_missing_file_that_was_named_comes_with_the_command_that_records_it(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, weather=at(url, 'snapshot = "w.json"'))
    assert "`mcpverify snapshot weather`" in mcpverify("check", "weather").stderr
    elsewhere = mcpverify("check", "weather", "--snapshot", "x.json")
    assert "`mcpverify snapshot weather --snapshot x.json`" in elsewhere.stderr


@pytest.mark.parametrize("form", ["terminal", "markdown", "json", "junit"])
def test_every_report_says_which_fields_the_configuration_leaves_out(
    mcpverify: Mcpverify, tmp_path: Path, url: str, form: str
) -> None:
    configured(tmp_path, weather=at(url))
    assert mcpverify("snapshot", "weather").code == 0
    configured(tmp_path, weather=at(url, f'ignore = ["{SCHEMA}"]'))
    run = mcpverify("check", "weather", "--format", form)
    assert run.code == 0
    assert f"left out: {SCHEMA} by the configuration" in " ".join(
        run.stdout.replace("`", "").split()
    )


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_the_report_of_many_says_whose_green_leaves_what_out(
    mcpverify: Mcpverify, tmp_path: Path, url: str, form: str
) -> None:
    ignoring = at(url, f'ignore = ["{SCHEMA}"]')
    requiring = at(url, 'require = ["latency"]')
    configured(tmp_path, one=ignoring, two=ignoring, all=requiring)
    assert mcpverify("snapshot", "--all").code == 0
    run = mcpverify("check", "--all", "--skip", "latency", "--format", form)
    said = " ".join(run.stdout.replace("`", "").split())
    assert run.code == 0
    assert f"left out: {SCHEMA} by the configuration: one two" in said
    assert "latency: it is left out by skip, though the configuration requires it: all" in said


def test_what_the_snapshot_of_a_url_leaves_out_is_said_and_kept(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    named = ("--snapshot", "x.json")
    assert mcpverify("snapshot", url, *named, "--ignore-field", SCHEMA, "--tool", "a*").code == 0
    again = mcpverify("snapshot", url, *named)
    assert f"left out: {SCHEMA}" in again.stdout
    run = mcpverify("check", url, *named, "--format", "json")
    said = f"left out: {SCHEMA}, tools beyond a* by the snapshot"
    assert run.code == 0
    assert compared(run)["outcome"] == "passed"
    assert compared(run)["message"].endswith(said)
    assert said in run.report["targets"][0]["headline"]


def test_fields_that_the_file_no_longer_ignores_come_back(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, weather=at(url, f'ignore = ["{SCHEMA}"]'))
    assert mcpverify("snapshot", "weather").code == 0
    path = tmp_path / "snapshots" / "weather.json"
    assert json.loads(path.read_text())["ignored"] == [SCHEMA]
    configured(tmp_path, weather=at(url))
    run = mcpverify("check", "weather", "--format", "json")

    assert run.code == 0
    assert compared(run)["outcome"] == "warned"
    assert f"left out: {SCHEMA} by the snapshot, beyond what" in compared(run)["message"]
    assert run.report["targets"][0]["situation"] == "reviewed"
    assert "mcpverify snapshot weather" in run.report["targets"][0]["next"]
    assert mcpverify("snapshot", "weather", "--check").code == 1
    assert mcpverify("snapshot", "weather").code == 0
    assert json.loads(path.read_text())["ignored"] == []
    assert compared(mcpverify("check", "weather", "--format", "json"))["outcome"] == "passed"


def test_a_default_that_ignores_what_no_tool_has_keeps_nothing_from_being_recorded(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, weather=at(url, 'ignore = ["*:/inputSchema/nosuch"]'))
    assert mcpverify("snapshot", "weather").code == 0
    assert mcpverify("snapshot", "weather", "--ignore-field", "*:/nosuch").code == 2


def test_the_command_after_a_snapshot_compares_with_the_file_that_was_named(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, weather=at(url))
    named = mcpverify("snapshot", "weather", "--snapshot", "x.json", "--format", "json")
    own = mcpverify("snapshot", "weather", "--format", "json")
    (at_x,), (at_own,) = named.report["targets"], own.report["targets"]
    assert at_x["again"] == "mcpverify check --format json weather --snapshot x.json"
    assert at_own["again"] == "mcpverify check --format json weather"


def test_a_version_that_git_keeps_is_not_written(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, weather=at(url, 'snapshot = "git:HEAD:w.json"'))
    run = mcpverify("snapshot", "weather")
    assert run.code == 2
    assert "cannot be written" in run.stdout + run.stderr


@pytest.mark.parametrize("spelled", ["./snapshots/one.json", "linked.json"])
def test_one_file_is_one_however_it_is_spelled(
    mcpverify: Mcpverify, tmp_path: Path, url: str, spelled: str
) -> None:
    (tmp_path / "linked.json").symlink_to("snapshots/one.json")
    with honest.serve(tools=[tool("sum")]) as other:
        configured(tmp_path, one=at(url), two=at(other.url, f'snapshot = "{spelled}"'))
        run = mcpverify("snapshot", "--all", "--format", "json")
    one, two = run.report["targets"]
    assert run.code == 1
    assert one["situation"] == "recorded"
    assert two["headline"].endswith("holds one, which offers something else")
    recorded = json.loads((tmp_path / "snapshots" / "one.json").read_text())
    assert [each["name"] for each in recorded["tools"]] == ["add"]


def test_targets_may_share_the_default_file_of_one_on_purpose(
    mcpverify: Mcpverify, tmp_path: Path, url: str
) -> None:
    configured(tmp_path, one=at(url), two=at(url, 'snapshot = "snapshots/one.json"'))
    assert mcpverify("snapshot", "--all").code == 0
    assert mcpverify("check", "--all").code == 0


def test_who_was_not_recorded_holds_no_file(mcpverify: Mcpverify, tmp_path: Path, url: str) -> None:
    shared = 'snapshot = "one.json"'
    configured(tmp_path, gone=at("http://127.0.0.1:9/mcp", shared), there=at(url, shared))
    run = mcpverify("snapshot", "--all", "--format", "json")
    assert [each["situation"] for each in run.report["targets"]] == ["unreachable", "recorded"]
    assert (tmp_path / "one.json").exists()


@pytest.mark.parametrize("flags", [("--skip", "latency"), ("--only", "reachable")])
def test_a_flag_that_leaves_out_what_the_file_requires_is_told(
    mcpverify: Mcpverify, tmp_path: Path, url: str, flags: tuple[str, str]
) -> None:
    configured(tmp_path, weather=at(url, 'require = ["latency"]', "no-snapshot = true"))
    run = mcpverify("check", "weather", *flags)
    by = flags[0].removeprefix("--")
    assert run.code == 0
    said = f"it is left out by {by}, though the configuration requires it"
    assert said in " ".join(run.stdout.split())
