"""What an earlier run left must not stand for one without verdict, nor turn a gate green."""

import json
import os
import signal
from pathlib import Path

import pytest

from mcpverify.cli.old_reports import report_paths
from mcpverify.cli.shards import run_of, told_options
from mcpverify.facts.target import HttpEndpoint, Limits, Target
from mcpverify.verify.waiting import Waiting
from mcpverify.wire.conduct import Conduct
from tests.cli.test_signals import running
from tests.conftest import Mcpverify
from tests.fleet.test_command_line import configured
from tests.servers import hangs, honest

QUICK = ("--samples", "1")


@pytest.fixture
def shards(mcpverify: Mcpverify, tmp_path: Path) -> list[str]:
    """The green reports of two shards. The server is gone afterwards."""
    with honest.serve() as server:
        configured(tmp_path, one=server.url, two=server.url)
        for index in (1, 2):
            run = mcpverify(
                "check", "--all", "--shard", f"{index}/2", "--report", f"json={index}.json"
            )
            assert run.code == 0
    return ["1.json", "2.json"]


@pytest.mark.parametrize(
    "wrongly",
    [
        ("--fail-on", "sometimes"),
        ("--samples", "many"),
        ("--no-such-option",),
        ("--quiet", "--verbose"),
        ("--config", "elsewhere.toml"),
        ("--report", "no-such-format=x"),
        ("-H", "Authorization: Bearer ${MISSING_TOKEN}"),
        ("--bearer-env", "MISSING_TOKEN"),
    ],
)
def test_a_shard_that_is_called_wrongly_leaves_no_old_report(
    mcpverify: Mcpverify, shards: list[str], tmp_path: Path, wrongly: tuple[str, ...]
) -> None:
    flags = ("check", "--all", "--shard", "2/2", "--report", "json=2.json")
    assert mcpverify(*flags, *wrongly).code == 2
    assert (tmp_path / "2.json").read_bytes() == b""
    run = mcpverify("merge", *shards)
    assert run.code == 3
    assert "2.json is empty: its run ended without a verdict" in run.words
    assert "shard 2/2 is missing, and with it 1 target: two" in run.words


def test_a_file_that_is_no_report_outlives_a_wrong_call(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("by hand")
    assert mcpverify("check", "--all", "--report", "json=notes.txt").code == 2
    assert (tmp_path / "notes.txt").read_text() == "by hand"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
def test_a_run_that_is_stopped_leaves_its_report_empty(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("whatever was here")
    with hangs.serve("tools/list") as server:
        configured(tmp_path, slow=server.url, other=server.url)
        report = ("--report", "json=old.json")
        with running(tmp_path, "check", "--all", *report) as process:
            server.wait_for("tools/list", times=2)
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=20)
    assert process.returncode == 143
    assert (tmp_path / "old.json").read_bytes() == b""


def test_reports_that_are_all_empty_are_refused(mcpverify: Mcpverify, tmp_path: Path) -> None:
    (tmp_path / "1.json").touch()
    run = mcpverify("merge", "1.json")
    assert run.code == 2
    assert "it is empty, since its run came to no verdict" in run.words


def test_a_merged_report_does_not_outlive_shards_that_cannot_be_merged(
    mcpverify: Mcpverify, shards: list[str], tmp_path: Path
) -> None:
    merging = ("merge", *shards, "--report", "json=all.json")
    assert mcpverify(*merging).code == 0
    (tmp_path / "2.json").write_text("{}")
    assert mcpverify(*merging).code == 2
    assert (tmp_path / "all.json").read_bytes() == b""


def test_an_edited_report_is_not_believed(
    mcpverify: Mcpverify, shards: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "2.json"
    path.write_text(path.read_text().replace('"outcome": "passed"', '"outcome": "failed"'))
    run = mcpverify("merge", *shards)
    assert run.code == 2
    assert "2.json: targets[0]: its verdict is not the one of its checks" in run.words


def test_a_report_of_another_run_is_refused(
    mcpverify: Mcpverify, shards: list[str], tmp_path: Path
) -> None:
    run = {"GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2"}
    mcpverify("check", "--all", "--shard", "2/2", "--report", "json=2.json", env=run)
    merged = mcpverify("merge", *shards)
    assert merged.code == 2
    assert "of different runs: of a run that nothing names and GITHUB_RUN_ID=77/2" in merged.words


def test_a_report_after_a_change_of_the_configuration_is_refused(
    mcpverify: Mcpverify, shards: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "mcpverify.toml"
    path.write_text(path.read_text().replace("[defaults]\n", "[defaults]\nstrict = true\n"))
    mcpverify("check", "--all", "--shard", "2/2", "--report", "json=2.json")
    merged = mcpverify("merge", *shards)
    assert merged.code == 2
    assert "were made with different configurations or options" in merged.words


def asked(mcpverify: Mcpverify, folder: Path, *flags: str) -> str:
    report = ("--report", "json=asked.json", "--timeout", "1s")
    mcpverify("check", *flags, "--shard", "1/1", *report)
    told: str = json.loads((folder / "asked.json").read_text())["shard"]["asked"]
    return told


def test_what_is_asked_is_the_same_however_it_is_typed_and_whatever_is_written(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    configured(tmp_path, gone="http://127.0.0.1:9/mcp")
    plain = asked(mcpverify, tmp_path, "--all", "--strict")
    text = (tmp_path / "mcpverify.toml").read_bytes()
    (tmp_path / "mcpverify.toml").write_bytes(text.replace(b"\n", b"\r\n"))
    config = ("--config", "mcpverify.toml")
    assert asked(mcpverify, tmp_path, "--strict", "gone", "-q", "--jobs=2", *config) == plain
    assert asked(mcpverify, tmp_path, "--all") != plain


def test_credentials_are_no_part_of_what_was_asked() -> None:
    told = told_options(
        {"header": ["X-Key: s3cret"], "health": "https://me:s3cret@host/", "shard": "1/2"}
    )
    assert "s3cret" not in told
    assert "shard" not in told
    assert "x-key" in told


@pytest.mark.parametrize(
    ("environ", "run"),
    [
        ({}, None),
        ({"GITHUB_RUN_ID": ""}, None),
        ({"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2"}, "GITHUB_RUN_ID=7/2"),
        ({"CI_PIPELINE_ID": "9"}, "CI_PIPELINE_ID=9"),
        ({"CI_PIPELINE_ID": "9", "MCPVERIFY_RUN_ID": "deploy-4"}, "MCPVERIFY_RUN_ID=deploy-4"),
    ],
)
def test_a_run_is_named_as_its_environment_names_it(
    environ: dict[str, str], run: str | None
) -> None:
    assert run_of(environ) == run


def test_report_files_are_found_on_a_command_line_that_cannot_be_read() -> None:
    words = ("check", "x", "--report", "json=a.json", "--report=junit=b=c.xml", "--report")
    assert report_paths(words) == ("a.json", "b=c.xml")


@pytest.mark.parametrize("flag", ["--transcript=", "--report=json="])
def test_the_configuration_in_force_is_not_overwritten(
    mcpverify: Mcpverify, tmp_path: Path, flag: str
) -> None:
    configured(tmp_path, gone="http://127.0.0.1:9/mcp")
    (tmp_path / "mcpverify.toml").rename(tmp_path / "gate.conf")
    (tmp_path / "link.json").symlink_to("gate.conf")
    before = (tmp_path / "gate.conf").read_bytes()
    for name in ("gate.conf", "link.json"):
        run = mcpverify("check", "gone", "--config", "gate.conf", f"{flag}{name}")
        assert run.code == 2
        assert f"{name} is a configuration: it would be overwritten" in run.words
    assert (tmp_path / "gate.conf").read_bytes() == before


def test_a_configuration_is_not_overwritten_by_a_check_that_needs_none(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    configured(tmp_path, gone="http://127.0.0.1:9/mcp")
    run = mcpverify("check", "http://127.0.0.1:9/mcp", "--report", "json=mcpverify.toml")
    assert run.code == 2


def test_a_transcript_is_not_overwritten_by_the_report_on_it(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as server:
        only = ("--no-snapshot", *QUICK)
        mcpverify("check", server.url, *only, "--transcript", "t.json")
    before = (tmp_path / "t.json").read_bytes()
    assert mcpverify("check", "--replay", "t.json", "--report", "json=t.json").code == 2
    assert (tmp_path / "t.json").read_bytes() == before


def test_a_file_of_servers_that_has_none_is_told_what_it_lacks(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    servers = {"mcpServers": {"x": {"disabled": True, "command": "y"}}}
    (tmp_path / "e.json").write_text(json.dumps(servers))
    run = mcpverify("check", "--from", "e.json")
    assert run.code == 2
    assert "Add a server to it, or enable one" in run.words


@pytest.mark.parametrize(
    ("waiting", "left", "told"),
    [
        (Waiting(), 2.0, "2 s"),
        (Waiting(), 1.99999, "2 s"),
        (Waiting(5.0), 2.0, "2 s"),
        (Waiting(5.0), 1.89321, "2 s, on top of 5 s of --wait,"),
    ],
)
def test_of_a_last_attempt_that_has_less_time_the_configured_one_is_told(
    waiting: Waiting, left: float, told: str
) -> None:
    limits = Limits(run_seconds=left, run_told=waiting.told(left, 2.0))
    target = Target("x", HttpEndpoint(("http://127.0.0.1:9/mcp",)), limits=limits)
    assert Conduct(target, None).deadline.reason == f"the run's deadline of {told} passed"
