"""GitHub is served by itself: annotations, summary and outputs beside whatever is printed."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mcpverify.cli.exit_codes import ExitCode
from mcpverify.cli.explanations.exits import EXITS
from mcpverify.facts.json_text import Json
from mcpverify.reporters.github_files import MAX_SUMMARY
from tests.conftest import Mcpverify
from tests.reporters.actions_runner import Command, annotations, commands, outputs
from tests.running import Run, environment, started
from tests.servers import hangs, honest, is_no_mcp_server, puts_on_a_show
from tests.servers.dialog import schema, tool

NARROW = tool("search", inputSchema=schema(mode={"enum": ["fast", "full"]}))
WIDE = tool("search", inputSchema=schema(mode={"enum": ["fast", "full", "fuzzy"]}))
QUICK = ("--no-snapshot", "--samples", "1")
HUP = getattr(signal, "SIGHUP", signal.SIGTERM)  # Windows has none


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a job, with its two files."""

    mcpverify: Mcpverify
    folder: Path

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def summary(self) -> Path:
        return self.folder / "summary"

    @property
    def env(self) -> Mapping[str, str]:
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }

    def run(self, *arguments: str, **env: str) -> Run:
        return self.mcpverify(*arguments, env={**self.env, **env})

    @property
    def outputs(self) -> dict[str, str]:
        return outputs(self.output.read_text())


@pytest.fixture
def step(mcpverify: Mcpverify, tmp_path: Path) -> Step:
    made = Step(mcpverify, tmp_path)
    made.output.touch()
    made.summary.touch()
    return made


def recorded(mcpverify: Mcpverify, *tools: dict[str, Json]) -> str:
    with honest.serve(tools=list(tools)) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "weather.json").code == 0
    return "weather.json"


def test_a_red_gate_tells_the_job_and_the_people(step: Step) -> None:
    snapshot = recorded(step.mcpverify, WIDE)
    with honest.serve(tools=[NARROW]) as server:
        url = server.url
        arguments = ("check", url, "--snapshot", snapshot)
        run = step.run(*arguments, "--report", "junit=out.xml", "--report", "json=out.json")

    assert run.code == 1
    assert run.stdout.startswith("FAIL")
    first = annotations(run.stderr)[0]
    assert (first.name, first.title) == ("error", f"FAIL {url}: matches-snapshot")
    assert 'snapshot takes: search({"mode": "fuzzy"})' in first.lines
    assert "live refuses: at /mode: 'fuzzy' is not one of ['fast', 'full']" in first.lines
    told = step.outputs
    assert (told["verdict"], told["exit-code"], told["rollback"]) == ("failed", "1", "true")
    assert told["situation"]
    assert told["digest"].startswith("sha256:")
    assert told["expected-digest"].startswith("sha256:")
    assert told["digest"] != told["expected-digest"]
    assert told["report"] == "out.xml"
    assert f"### FAIL: `{url}` (exit 1)" in step.summary.read_text()
    assert 'search({"mode": "fuzzy"})' in step.summary.read_text()


def test_a_green_gate_rolls_nothing_back(step: Step) -> None:
    with honest.serve() as server:
        run = step.run("check", server.url, *QUICK, "-q")

    assert run.code == 0
    assert [each.name for each in annotations(run.stderr)] == ["notice"]
    told = step.outputs
    assert (told["verdict"], told["exit-code"], told["rollback"]) == ("passed", "0", "false")
    assert (told["situation"], told["report"]) == ("usable", "")
    assert "### PASS" in step.summary.read_text()


def test_a_server_that_is_not_there_rolls_back(step: Step) -> None:
    run = step.run("check", "http://127.0.0.1:9/mcp", *QUICK)

    assert run.code == 3
    told = step.outputs
    assert (told["verdict"], told["exit-code"], told["rollback"]) == ("inconclusive", "3", "true")
    assert told["situation"] == "unreachable"
    assert told["digest"] == ""


WRONG_GATES = [
    ("check",),
    ("--bogus", "check", "https://mcp.example.com/mcp"),
    ("check", "https://mcp.example.com/mcp", "--serve"),
    ("check", "https://mcp.example.com/mcp", "--sanpshot", "x"),
    ("check", "https://mcp.example.com/mcp", "-H", "Authorization: Bearer ${MCP_TOKEN}"),
    ("check", "https://mcp.example.com/mcp", "--bearer-env", "MCP_TOKEN"),
    ("check", "https://mcp.example.com/mcp", "--snapshot", "snapshots/weather.json"),
]
WRONG_CALLS = [
    ("chekc",),
    ("chekc", "check"),
    ("diff", "nowhere.json", "nowhere.json"),
    ("diff", "check", "nowhere.json"),
    ("snapshot",),
    ("demo", "--no-such-option"),
    ("--show-completion", "check"),
]


@pytest.mark.parametrize("arguments", [*WRONG_GATES, *WRONG_CALLS], ids=" ".join)
def test_a_wrong_call_rolls_nothing_back(step: Step, arguments: tuple[str, ...]) -> None:
    run = step.run(*arguments, MCP_TOKEN="")

    assert run.code == 2
    told = step.outputs
    assert (told["verdict"], told["exit-code"]) == ("none", "2")
    assert told.get("rollback") == ("false" if arguments in WRONG_GATES else None)
    (only,) = annotations(run.stderr)
    assert (only.name, only.title) == ("error", "mcpverify: no verdict (exit 2)")
    assert f"mcpverify: {only.lines[0]}\n" in run.stderr
    assert "### No verdict (exit 2)" in step.summary.read_text()


# A bug of ours, made to order, with a token in its words.
_BUGGY = """
import mcpverify.verify.check
def fail(*arguments, **options):
    raise KeyError("Zx9+Qw/7&tok=en~Value")
mcpverify.verify.check.check = fail
from mcpverify.__main__ import main
main()
"""


def test_a_bug_of_ours_rolls_nothing_back(step: Step, tmp_path: Path) -> None:
    header = ("-H", "Authorization: Bearer Zx9+Qw/7&tok=en~Value")
    run = subprocess.run(
        [sys.executable, "-c", _BUGGY, "check", "https://mcp.example.com/mcp", *QUICK, *header],
        cwd=tmp_path,
        env=environment(tmp_path, step.env),
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert run.returncode == 70
    assert (step.outputs["verdict"], step.outputs["rollback"]) == ("none", "false")
    (only,) = annotations(run.stderr)
    assert only.lines[0] == "a bug of mcpverify: KeyError"
    assert "Zx9" not in run.stderr + step.output.read_text() + step.summary.read_text()


def test_no_credential_of_a_wrong_call_is_told(step: Step) -> None:
    url = "https://user:s3cr3t-of-mine@mcp.example.com/mcp"
    run = step.run("check", url, "--report", "json=nowhere/s3cr3t-of-mine.json")

    assert run.code == 2
    assert "nowhere" in annotations(run.stderr)[0].data
    assert "s3cr3t" not in run.output + step.output.read_text() + step.summary.read_text()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, HUP])
def test_a_run_that_is_stopped_rolls_nothing_back(
    step: Step, tmp_path: Path, number: signal.Signals
) -> None:
    with (
        hangs.serve("tools/list") as server,
        started("check", server.url, *QUICK, cwd=tmp_path, home=tmp_path, env=step.env) as process,
    ):
        server.wait_for("tools/list")
        process.send_signal(number)
        _, err = process.communicate(timeout=20)

    assert process.returncode == 128 + number
    told = step.outputs
    assert (told["verdict"], told["exit-code"]) == ("none", str(128 + number))
    assert told["rollback"] == "false"
    assert [each.name for each in annotations(err)] == ["warning"]


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (HUP, 128 + HUP)])
def test_a_server_in_the_background_takes_back_no_verdict(
    step: Step, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with started("demo", "--serve", cwd=tmp_path, home=tmp_path, env=step.env) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        assert step.run("check", url, *QUICK).code == 0
        process.send_signal(number)
        process.communicate(timeout=20)

    assert process.returncode == code
    assert step.outputs["verdict"] == "passed"


@pytest.mark.parametrize("arguments", [("explain", "no-such-check"), ("explain", "exit-1")])
def test_an_explanation_takes_back_no_verdict(step: Step, arguments: tuple[str, ...]) -> None:
    step.run(*arguments)

    assert step.output.read_text() == step.summary.read_text() == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
@pytest.mark.parametrize("flag", [("--report", "json=/dev/full"), ("--transcript", "/dev/full")])
def test_the_last_word_is_that_of_the_exit_code(step: Step, flag: tuple[str, str]) -> None:
    with is_no_mcp_server.serve(404, b"not here", "text/plain") as server:
        run = step.run("check", server.url, *QUICK, *flag)

    assert run.code == 2
    assert (step.outputs["verdict"], step.outputs["rollback"]) == ("none", "false")


@pytest.mark.parametrize("value", ["", "false", "1"])
def test_nothing_is_told_elsewhere(step: Step, value: str) -> None:
    with honest.serve() as server:
        run = step.run("check", server.url, *QUICK, GITHUB_ACTIONS=value)

    assert run.stderr == ""
    assert step.output.read_text() == step.summary.read_text() == ""


def test_what_serves_github_is_not_even_loaded_elsewhere(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom mcpverify.cli.app import main\n"
        "main(['diff', 'nowhere.json', 'nowhere.json'])\nprint(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    loaded = set(run.stdout.split())
    assert "mcpverify.cli.output" in loaded
    assert not loaded & {"mcpverify.cli.github_actions", "mcpverify.reporters.github_files"}


def test_the_format_puts_the_annotations_on_stdout_and_nowhere_else(step: Step) -> None:
    with honest.serve() as server:
        run = step.run("check", server.url, *QUICK, "--format", "github")
        elsewhere = step.mcpverify("check", server.url, *QUICK, "--format", "github")

    assert annotations(run.stdout)
    assert run.stderr == ""
    assert elsewhere.stdout == run.stdout


def test_other_formats_hold_what_they_hold_elsewhere(step: Step) -> None:
    arguments = ("diff", recorded(step.mcpverify, WIDE), "weather.json", "--format", "markdown")
    assert step.run(*arguments).stdout == step.mcpverify(*arguments).stdout


def test_a_comparison_is_told_too(step: Step) -> None:
    old = recorded(step.mcpverify, WIDE)
    with honest.serve(tools=[NARROW]) as server:
        url = server.url
        run = step.run("diff", old, url)

    assert run.code == 1
    assert annotations(run.stderr)[0].title == f"FAIL weather.json -> {url}"
    assert step.outputs["verdict"] == "failed"
    assert step.outputs["digest"] != step.outputs["expected-digest"]
    assert "### FAIL" in step.summary.read_text()
    assert "rollback" not in step.outputs


def test_a_snapshot_is_told_too(step: Step) -> None:
    with honest.serve(tools=[NARROW]) as server:
        recording = step.run("snapshot", server.url, "--snapshot", "new.json")
    assert recording.code == 0, recording.output
    assert step.outputs["situation"] == "recorded"
    with honest.serve(tools=[WIDE]) as server:
        checked = step.run("snapshot", server.url, "--snapshot", "new.json", "--check")
    assert checked.code == 1
    assert (step.outputs["verdict"], step.outputs["exit-code"]) == ("failed", "1")
    assert "rollback" not in step.outputs


def test_the_demo_is_told_too(step: Step) -> None:
    run = step.run("demo", "--fault", "changed-schema")

    assert run.code == 1
    assert "place_order is breaking" in annotations(run.stderr)[0].data
    assert step.outputs["verdict"] == "failed"
    assert "rollback" not in step.outputs


def test_nothing_that_runs_after_the_gate_takes_its_word_back(step: Step) -> None:
    snapshot = recorded(step.mcpverify, WIDE)
    with honest.serve(tools=[NARROW]) as server:
        assert step.run("check", server.url, "--snapshot", snapshot).code == 1
        assert step.run("diff", snapshot, server.url, "--fail-on", "none").code == 0
        assert step.run("snapshot", server.url, "--snapshot", "new.json").code == 0
    assert step.run("diff", snapshot, "nowhere.json").code == 2

    assert (step.outputs["verdict"], step.outputs["rollback"]) == ("none", "true")


# -- the files of the runner


def test_what_a_step_wrote_before_is_kept_and_stands_on_lines_of_its_own(step: Step) -> None:
    step.output.write_text("mine=1\nlast=2")
    step.summary.write_text("# Mine")
    with honest.serve() as server:
        step.run("check", server.url, *QUICK)

    assert (step.outputs["mine"], step.outputs["last"]) == ("1", "2")
    assert step.outputs["verdict"] == "passed"
    assert step.summary.read_text().startswith("# Mine\n\n### PASS")


def test_the_last_of_several_runs_in_a_step_counts(step: Step) -> None:
    with honest.serve() as server:
        step.run("check", server.url, *QUICK)
        step.run("check")

    assert (step.outputs["verdict"], step.outputs["exit-code"]) == ("none", "2")
    assert step.summary.read_text().count("\n### ") == 2


@pytest.mark.parametrize(
    ("room", "words"), [(400_000, "### PASS"), (200, "no room is left here"), (50, ""), (0, "")]
)
def test_a_summary_stays_below_a_mebibyte(step: Step, room: int, words: str) -> None:
    step.summary.write_text("x" * (MAX_SUMMARY - room - 1) + "\n")
    with honest.serve() as server:
        run = step.run("check", server.url, *QUICK)

    assert run.code == 0
    text = step.summary.read_text().lstrip("x")
    assert (words in text) if words else (text == "\n")
    assert step.summary.stat().st_size <= MAX_SUMMARY


def broken(path: Path, how: str) -> str:
    match how:
        case "unset":
            return ""
        case "no directory":
            return str(path / "nowhere" / "file")
        case "a directory":
            return str(path)
        case "a pipe":
            os.mkfifo(path / "pipe")
            return str(path / "pipe")
        case _:
            return "\udc80" * 5_000  # no file can be named so


@pytest.mark.skipif(os.name != "posix", reason="pipes are made as on Unix")
@pytest.mark.parametrize("variable", ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"])
@pytest.mark.parametrize("how", ["unset", "no directory", "a directory", "a pipe", "no name"])
def test_a_file_that_cannot_be_written_changes_no_verdict(
    step: Step, tmp_path: Path, variable: str, how: str
) -> None:
    with is_no_mcp_server.serve(404, b"not here", "text/plain") as server:
        run = step.run("check", server.url, *QUICK, **{variable: broken(tmp_path, how)})
    (complaint,) = (line for line in run.stderr.splitlines() if line.startswith("mcpverify: "))
    assert run.code == 1
    assert variable in complaint
    assert annotations(run.stderr)
    if variable != "GITHUB_OUTPUT":
        assert step.outputs["rollback"] == "true"
    else:
        assert "### FAIL" in step.summary.read_text()


def test_a_file_that_is_not_there_yet_is_made(step: Step) -> None:
    step.output.unlink()
    step.summary.unlink()
    with honest.serve() as server:
        assert step.run("check", server.url, *QUICK).stderr.count("\n") == 1

    assert step.outputs["verdict"] == "passed"


# -- what a server says


def test_nothing_that_a_server_says_commands_the_runner(step: Step) -> None:
    snapshot = recorded(step.mcpverify, tool("tool-0"))
    with puts_on_a_show.serve() as server:
        run = step.run("check", server.url, "--snapshot", snapshot, "-v")

    assert run.code == 1
    found = annotations(run.stderr)
    assert found[0].title.startswith("FAIL ")
    assert all(_ours(each) for each in found)
    assert commands(run.stdout) == []
    assert commands(step.summary.read_text()) == []
    assert len(step.outputs) == 8
    assert step.outputs["rollback"] == "true"


def _ours(command: Command) -> bool:
    return set(command.properties) == {"title"} and "owned" not in command.name


def test_five_thousand_tools_that_differ_are_told_in_ten_annotations(step: Step) -> None:
    old = [tool(f"tool-{n:04}", inputSchema=schema(a={"type": "string"})) for n in range(5_000)]
    new = [tool(f"tool-{n:04}", inputSchema=schema(a={"type": "integer"})) for n in range(5_000)]
    snapshot = recorded(step.mcpverify, *old)
    with honest.serve(tools=new) as server:
        run = step.run("check", server.url, "--snapshot", snapshot, "--report", "junit=out.xml")

    assert run.code == 1
    found = annotations(run.stderr)
    assert len(found) == 10
    assert found[-1].title == "4,991 more"
    assert step.summary.stat().st_size < MAX_SUMMARY
    assert (step.folder / "out.xml").stat().st_size < 1_000_000


def test_what_explains_the_exit_codes_says_the_same_of_rolling_back() -> None:
    rolling = [code for code, text in EXITS.items() if text.brief == "roll back"]
    assert rolling == [code for code in ExitCode if code.rolls_back]
    assert rolling == [1, 3]
