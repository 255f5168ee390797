"""A fleet as a team runs it: mcpverify.toml, --all, shards in jobs of their own, and merge."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_signals import Issue, all_gone, ended, pids_in, running
from tests.conftest import Mcpverify
from tests.reporters.test_json_report import VALIDATOR
from tests.reporters.test_ndjson_report import named, read
from tests.servers import hangs, honest, is_no_mcp_server, stdio

DEFAULTS = '[defaults]\nno-snapshot = true\nonly = ["reachable", "handshake", "tools-listed"]\n'


def configured(folder: Path, **targets: str | tuple[str, ...]) -> None:
    """An mcpverify.toml with these targets: a URL, or a command."""
    lines = [DEFAULTS]
    for name, where in targets.items():
        key = "url" if isinstance(where, str) else "command"
        held = where if isinstance(where, str) else list(where)
        lines.append(f"[targets.{name}]\n{key} = {json.dumps(held)}\n")
    (folder / "mcpverify.toml").write_text("\n".join(lines))


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[list[str]]:
    """Seven targets of which one is red and one cannot be reached."""
    with honest.serve() as server, is_no_mcp_server.serve() as page:
        targets: dict[str, str] = {f"fine{n}": server.url for n in range(4)}
        targets |= {"page": page.url, "gone": "http://127.0.0.1:9/mcp", "last": server.url}
        configured(tmp_path, **targets)
        yield list(targets)


def without_times(document: Any) -> Any:
    """A report without what differs from run to run."""
    text = json.dumps(document)
    text = re.sub(
        r'"(started|seconds|slowest_seconds|slowest_step)": ("[^"]*"|[0-9.e-]+)', "", text
    )
    return re.sub(r"\b[0-9.]+ m?s\b", "", text)


def test_three_shards_merge_to_the_report_of_one_run(
    mcpverify: Mcpverify, fleet: list[str], tmp_path: Path
) -> None:
    run = mcpverify("check", "--all", "--report", "json=whole.json")
    whole = json.loads((tmp_path / "whole.json").read_text())
    codes = [
        mcpverify("check", "--all", "--shard", f"{n}/3", "--report", f"json=s{n}.json").code
        for n in (1, 2, 3)
    ]
    merged = mcpverify("merge", "s2.json", "s3.json", "s1.json", "--format", "json")

    assert (run.code, merged.code) == (1, 1)
    assert sorted(codes) == [0, 1, 3]
    assert [each["target"] for each in merged.report["targets"]] == fleet
    part = json.loads((tmp_path / "s2.json").read_text())
    assert part["shard"] | {"asked": ""} == {
        "index": 2,
        "count": 3,
        "fleet": fleet,
        "run": None,
        "asked": "",
    }
    for document in (whole, merged.report, part):
        VALIDATOR.validate(document)
    assert without_times(merged.report["targets"]) == without_times(whole["targets"])
    assert {k: merged.report[k] for k in ("verdict", "exit_code", "shard", "missing")} == {
        "verdict": "failed",
        "exit_code": 1,
        "shard": None,
        "missing": [],
    }


def test_a_missing_shard_is_named_in_the_first_lines(
    mcpverify: Mcpverify, fleet: list[str], tmp_path: Path
) -> None:
    flags = ("check", "--all", "--only", "reachable")
    mcpverify(*flags, "--shard-index", "0/7", "--report", "json=s0.json")
    run = mcpverify("merge", "s0.json")

    assert run.code == 3
    lines = run.stdout.splitlines()
    assert lines[0].startswith("NO VERDICT  1 target: 1 passed")
    assert lines[1] == "?  shard 2/7 is missing, and with it 1 target: fine1"


def test_a_shard_with_nothing_to_do_passes_and_is_merged(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as server:
        configured(tmp_path, only=server.url)
        first = mcpverify("check", "only", "--shard", "1/2", "--report", "json=1.json")
        second = mcpverify("check", "only", "--shard", "2/2", "--report", "json=2.json")
    merged = mcpverify("merge", "1.json", "2.json")

    assert (first.code, second.code, merged.code) == (0, 0, 0)
    assert "0 targets of shard 2/2" in second.stdout
    assert "PASS  only" in merged.stdout, "as a run of one target is shown"


def test_variables_of_other_shards_are_not_needed(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as server:
        configured(tmp_path, here=server.url, there="https://${ELSEWHERE}/mcp")
        assert mcpverify("check", "--all", "--shard", "1/2").code == 0
        assert mcpverify("check", "--all", "--shard", "2/2").code == 2


@pytest.mark.parametrize("text", ["", "{}", '{"report": 1, "tools": []}', "\x00"])
def test_a_file_that_is_no_report_is_named(mcpverify: Mcpverify, tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text)
    run = mcpverify("merge", "odd.json")
    assert run.code == 2
    assert "odd.json: " in run.stderr
    assert run.stdout == ""


def test_a_report_whose_exit_code_was_changed_is_refused(
    mcpverify: Mcpverify, fleet: list[str], tmp_path: Path
) -> None:
    mcpverify("check", "fine0", "fine1", "--report", "json=s.json")
    text = (tmp_path / "s.json").read_text()
    (tmp_path / "s.json").write_text(text.replace('"exit_code": 0', '"exit_code": 3'))
    run = mcpverify("merge", "s.json")
    assert run.code == 2
    assert "its exit code is not the one of its targets" in run.words


def test_a_report_is_not_overwritten_by_what_is_merged_from_it(
    mcpverify: Mcpverify, fleet: list[str], tmp_path: Path
) -> None:
    mcpverify("check", "fine0", "fine1", "--report", "json=s.json")
    before = (tmp_path / "s.json").read_bytes()
    assert mcpverify("merge", "s.json", "--report", "json=s.json").code == 2
    assert (tmp_path / "s.json").read_bytes() == before


def test_one_target_that_is_asked_wrongly_loses_no_result(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as server:
        configured(tmp_path, fine=server.url, odd=("/no/such/program",))
        run = mcpverify("check", "--all")

    assert run.code == 2
    lines = run.stdout.splitlines()
    assert lines[0].startswith("NO VERDICT  2 targets: 1 without verdict, 1 passed")
    assert lines[1].startswith("?  odd  CALLED WRONGLY: /no/such/program cannot be started")
    assert "ok 1 passed: fine" in lines
    assert run.stderr.splitlines()[-1].startswith("2/2 ")


def test_progress_is_a_line_for_each_target_and_none_with_quiet(
    mcpverify: Mcpverify, fleet: list[str]
) -> None:
    told = mcpverify("check", "--all").stderr.splitlines()
    assert len(told) == 7
    assert sum(" failed page " in line and ": NO MCP SERVER" in line for line in told) == 1
    assert mcpverify("check", "--all", "-q").stderr == ""


def test_events_of_all_targets_say_whose_they_are(mcpverify: Mcpverify, fleet: list[str]) -> None:
    run = mcpverify("check", "--all", "-q", "--format", "ndjson")
    events = read(run.stdout)

    assert events[0]["targets"] == fleet
    assert events[-1]["event"] == "run-ended"
    assert (events[-1]["verdict"], events[-1]["exit_code"]) == ("failed", 1)
    assert sorted(each["target"] for each in named(events, "target")) == sorted(fleet)
    assert {each["target"] for each in named(events, "exchange")} == set(fleet)
    for name in fleet:
        kinds = [each["event"] for each in events if each.get("target") == name]
        assert kinds.index("finding") > kinds.index("exchange")
        assert kinds[-1] == "target"


def test_a_transcript_of_many_targets_is_refused(mcpverify: Mcpverify, fleet: list[str]) -> None:
    run = mcpverify("check", "--all", "--transcript", "t.json")
    assert run.code == 2
    assert "--transcript holds one target" in run.words


def test_verbose_shows_the_exchanges_of_every_target(
    mcpverify: Mcpverify, fleet: list[str]
) -> None:
    text = mcpverify("check", "fine0", "fine1", "-v").stdout
    assert text.count("session: primary") == 2


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
@pytest.mark.parametrize("times", [1, 2])
def test_a_signal_ends_a_fleet_with_its_children(tmp_path: Path, times: int) -> None:
    issue, pids = Issue(), tmp_path / "pids"
    with hangs.serve("tools/list", issue=issue) as server:
        command = stdio.command("clings_to_life", str(pids), "silent")
        configured(tmp_path, clings=command, slow=server.url, other=server.url)
        with running(tmp_path, "check", "--all", "--format", "ndjson") as process:
            server.wait_for("tools/list", times=2)
            children = pids_in(pids)
            for _ in range(times):
                process.send_signal(signal.SIGINT)
                if times == 2:
                    server.wait_for("delete")
            out, err = process.communicate(timeout=20)

        assert process.returncode == 130
        assert "Traceback" not in err
        assert err.splitlines()[-1].startswith("mcpverify: stopped")
        assert sorted(ended(server)) == sorted(issue.issued)
    assert all_gone(children)
    last = read(out)[-1]
    assert (last["event"], last["verdict"], last["exit_code"]) == ("run-ended", None, 130)
