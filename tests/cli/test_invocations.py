"""Called wrongly: exit code 2, one clear line on stderr and what to do, nothing on stdout."""

import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import honest

# Nobody listens here, and nobody is asked: all is refused before a connection is made.
URL = "http://127.0.0.1:9/mcp"


def assert_refused(run: Run, *words: str) -> None:
    assert run.code == 2, run.output
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert 1 <= len(lines) <= 2, run.stderr
    assert lines[0].startswith("mcpverify: ")
    assert all(line.startswith("  ") for line in lines[1:])
    assert "Traceback" not in run.stderr
    for word in words:
        assert word in run.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check",), "no TARGET was given"),
        (("check", ""), "the TARGET is empty"),
        (("check", "ftp://example.com/mcp"), "unknown scheme ftp://"),
        (("check", "weather"), "neither a URL nor host:port"),
        (("check", "::1:80"), "neither a URL nor host:port"),
        (("check", "http://[::1/mcp"), "is no URL"),
        (("check", "http://127.0.0.1:99999/mcp"), "is no URL"),
        (("check", "http://127.0.0.1:0/mcp"), "port 0"),
        (("check", "http://xn--/mcp"), "no legal host"),
        (("check", "http://①.invalid/mcp"), "no legal host"),
        (("check", "http://127.0.0.1:9/" + "a" * 9000), "longer than 8,192"),
        (("check", "http://127.0.0.1:9/\x1b[31mred"), "control characters"),
        (("check", "http://127.0.0.1:9/mcp\n"), "blanks or control characters"),
        (("check", URL, "--", "true"), "both a TARGET and a COMMAND"),
        (("check", "--"), "no COMMAND after --"),
        (("check", "-H", "Authorization: Bearer ", URL), "nothing follows the scheme"),
        (("check", "-H", "Authorization:", URL), "-H Authorization: the value is empty"),
        (("check", "-H", "X-Api-Key: ", URL), "-H X-Api-Key: the value is empty"),
        (("check", "--", "./no-such-command"), "./no-such-command cannot be started"),
        (("snapshot", "--", "./no-such-command"), "./no-such-command cannot be started"),
        (("check", "-H", "X: y", "--", "true"), "-H means nothing to a COMMAND"),
        (("check", "--transport", "sse", "--", "true"), "needs a URL"),
        (("check", URL, URL), "more than one TARGET"),
        (("chekc", URL), "Did you mean 'check'?"),
        (("check", "--snapshto", "x", URL), "--snapshot"),
        (("check", "--only", "handshak", URL), "Did you mean handshake?"),
        (("check", "--only", "latency", "--skip", "latency", URL), "leave no check"),
        (("check", "--only", "", URL), "--only"),
        (("check", "--fail-on", "braking", URL), "'any', 'contract', 'breaking', 'none'"),
        (("check", "--protocol", "2025-01-01", URL), "Known are 2024-11-05"),
        (("check", "--timeout", "10x", URL), "write 500ms, 30s or 2m"),
        (("check", "--timeout", "0", URL), "between 0 and 24 hours"),
        (("check", "--deadline", "-5s", URL), "no duration"),
        (("check", "--wait", "25h", URL), "between 0 and 24 hours"),
        (("check", "--timeout", "٣s", URL), "no duration"),
        (("check", "--samples", "0", URL), "--samples"),
        (("check", "--expect-digest", "sha256:abc", URL), "64 hex digits"),
        (("check", "--expect-name", "", URL), "--expect-name is empty"),
        (("check", "--snapshot", "", URL), "--snapshot is empty"),
        (("check", "--snapshot", "x", "--no-snapshot", URL), "exclude each other"),
        (("check", "-q", "-v", URL), "exclude each other"),
        (("check", "--format", "yaml", URL), "Known are github, json, junit,"),
        (("check", "--report", "report.json", URL), "takes FORMAT=PATH"),
        (("check", "--report", "yaml=report", URL), "yaml: no such output format"),
        (("check", "--resolve", "host:80", URL), "does not fit --resolve"),
        (("check", "--resolve", "host:80:elsewhere", URL), "is no IP address"),
        (("check", "--connect-to", "a:1:b:70000", URL), "70000 is no port"),
        (("check", "--connect-to", "127.0.0.1:9::8", "--resolve", "h:9:::1", URL), "names h:9"),
        (
            ("check", "--reference-client", "--resolve", "127.0.0.1:9:::1", URL),
            "--reference-client",
        ),
        (("check", "-H", "no colon", URL), "-H takes 'Name: value'"),
        (("check", "-H", "X: a\x07b", URL), "control characters"),
        (("check", "-H", "Content-Length: 5", URL), "frames the message"),
        (("check", "--report", "json=-", URL), "writes files only"),
        (("check", "--replay", "x", URL), "--replay takes no TARGET"),
        (("snapshot", "--include", "prompts", URL), "only resources can be included"),
        (("snapshot", "--rehash", "x", URL), "--rehash works offline"),
        (("snapshot", "--ignore-field", "/description", URL), "names no field of a tool"),
        (("demo", "--fault", "no-such-fault"), "--fault"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else "",
)
def test_a_wrong_invocation_is_told_in_one_line(
    mcpverify: Mcpverify, arguments: tuple[str, ...], words: str
) -> None:
    assert_refused(mcpverify(*arguments), words)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (("-H", "X: ${TOKEN}"), {}, "TOKEN is not set"),
        (("-H", "X: Bearer ${TOKEN}"), {"TOKEN": ""}, "TOKEN is empty"),
        (("--bearer-env", "TOKEN"), {}, "TOKEN is not set"),
        (("--bearer-env", "TOKEN"), {"TOKEN": "a\nb"}, "control characters"),
        (("--bearer-env", ""), {}, "--bearer-env"),
        (("--bearer-env", "$TOKEN"), {"TOKEN": "secret-value"}, "the NAME of a variable"),
        (("--bearer-env", "secret-value"), {}, "the NAME of a variable"),
        (("--bearer-env", "secretvalue"), {}, "of that name is not set"),
    ],
)
def test_a_variable_that_is_unset_or_empty_is_named(
    mcpverify: Mcpverify, arguments: tuple[str, ...], environment: Mapping[str, str], words: str
) -> None:
    run = mcpverify("check", URL, *arguments, env=environment)

    assert_refused(run, words)
    assert "secret" not in run.stderr.splitlines()[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of the wrong kind, by name."""
    (tmp_path / "directory").mkdir()
    (tmp_path / "text").write_text("hello\n")
    (tmp_path / "object.json").write_text("{}")
    (tmp_path / "empty").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")  # its whole path may be longer than the name of one can be
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--snapshot", "missing.json"), "There is no snapshot at missing.json"),
        (("--snapshot", "directory"), "directory is a directory"),
        (("--snapshot", "pipe"), "pipe is no regular file"),
        (("--snapshot", "loop"), "loop cannot be read"),
        (("--snapshot", "text"), "text cannot be understood"),
        (("--snapshot", "empty"), "empty cannot be understood"),
        (("--snapshot", "object.json"), "object.json is no snapshot"),
        (("--report", "json=directory"), "it is a directory"),
        (("--report", "json=no/such/file"), "there is no directory no/such"),
        (("--report", "json=loop"), "--report loop: Too many levels"),
        (("--transcript", "directory"), "it is a directory"),
        (("--report", "json=pipe"), "--report pipe: it is a pipe"),
        (("--report", "ndjson=pipe"), "--report pipe: it is a pipe"),
        (("--report", "junit=socket"), "--report socket: it is a socket"),
        (("--transcript", "pipe"), "--transcript pipe: it is a pipe"),
        (("--cacert", "missing.pem"), "--cacert missing.pem: no such file"),
        (("--cacert", "directory"), "--cacert directory: it is no file"),
        (("--cert", "pipe"), "--cert pipe: it is no file"),
        (("--key", "text"), "--key needs --cert"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_file_that_cannot_be_used_is_named(
    mcpverify: Mcpverify, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert_refused(mcpverify("check", URL, *arguments, cwd=folder), words)


@pytest.mark.parametrize("flags", [("--cacert", "text"), ("--cert", "text")])
def test_a_certificate_that_is_no_pem_is_named(
    mcpverify: Mcpverify, folder: Path, flags: tuple[str, str]
) -> None:
    run = mcpverify("check", "https://127.0.0.1:9/mcp", *flags, cwd=folder)

    assert_refused(run, f"{flags[0]} text", "PEM")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("missing", "no such file"),
        ("directory", "it is no file"),
        ("text", "it is no transcript"),
        ("object.json", "it is no transcript"),
        ("half.json", "it is no transcript"),
    ],
)
def test_only_a_transcript_can_be_replayed(
    mcpverify: Mcpverify, folder: Path, path: str, words: str
) -> None:
    (folder / "half.json").write_text('{"transcript": 1, "transcripts": [{"role": "primary"}]}')

    assert_refused(mcpverify("check", "--replay", path, cwd=folder), f"--replay {path}", words)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--snapshot", "locked/file"),
        ("--report", "json=locked/file"),
        ("--report", "json=locked/new"),
        ("--transcript", "locked/new"),
        ("--cacert", "locked/file"),
    ],
    ids=" ".join,
)
def test_a_path_without_permission_is_named(
    mcpverify: Mcpverify, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    (locked / "file").write_text("x")
    (locked / "file").chmod(0)
    locked.chmod(0o500)
    if os.access(locked / "file", os.R_OK):
        pytest.skip("this user may read and write everything, as root may")

    assert_refused(mcpverify("check", URL, *arguments), "locked/")


def recorded(mcpverify: Mcpverify, path: str, url: str) -> None:
    assert mcpverify("snapshot", "--snapshot", path, url).code == 0


def test_a_snapshot_that_was_edited_or_conflicts_is_refused(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as server:
        recorded(mcpverify, "good.json", server.url)
    text = (tmp_path / "good.json").read_text()
    edited = text.replace("Adds two numbers.", "Adds two figures.", 1)
    (tmp_path / "edited.json").write_text(edited)
    marks = "<<<<<<< ours\n" + text + "=======\n" + edited + ">>>>>>> theirs\n"
    (tmp_path / "conflict.json").write_text(marks)
    (tmp_path / "cut.json").write_text(text[: len(text) // 2])
    newer = json.loads(text) | {"format": 2}
    (tmp_path / "newer.json").write_text(json.dumps(newer))

    for flags in (("--report", "json=./good.json"), ("--transcript", "good.json")):
        run = mcpverify("check", URL, "--snapshot", "good.json", *flags)
        assert_refused(run, "good.json is a snapshot")
    assert (tmp_path / "good.json").read_text() == text
    for name, words in (
        ("edited", "the digest does not fit for tool add"),
        ("conflict", "an unresolved merge conflict, on line 1"),
        ("cut", "cut.json cannot be understood"),
        ("newer", "has format 2"),
    ):
        assert_refused(mcpverify("check", URL, "--snapshot", f"{name}.json"), words)
    assert_refused(
        mcpverify("check", URL, "--snapshot", "edited.json"), "mcpverify snapshot --rehash"
    )


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",), ("--version",)], ids=" ".join)
def test_help_and_version_are_no_mistakes(mcpverify: Mcpverify, arguments: tuple[str, ...]) -> None:
    run = mcpverify(*arguments)

    assert run.code == 0
    assert run.stderr == ""
    assert "mcpverify" in run.stdout


@pytest.mark.parametrize("command", ["check", "snapshot", "demo"])
def test_the_help_of_a_command_begins_with_examples(mcpverify: Mcpverify, command: str) -> None:
    run = mcpverify(command, "--help")

    assert run.code == 0
    assert run.stderr == ""
    examples, options = run.stdout.index("Examples:"), run.stdout.index("Options:")
    assert examples < run.stdout.index(f"mcpverify {command}", examples) < options


def test_every_option_is_in_lower_case(mcpverify: Mcpverify) -> None:
    for command in ("check", "snapshot", "demo"):
        words = mcpverify(command, "--help").stdout.replace(",", " ").split()
        flags = [word for word in words if word.startswith("--")]
        assert flags == [flag.lower() for flag in flags]


@pytest.mark.parametrize("place", ["before", "after"])
def test_debug_shows_the_traceback_and_keeps_the_code(mcpverify: Mcpverify, place: str) -> None:
    arguments = ("check", "ftp://example.com/")
    arguments = ("--debug", *arguments) if place == "before" else (*arguments, "--debug")
    run = mcpverify(*arguments)

    assert run.code == 2
    assert run.stdout == ""
    assert "Traceback (most recent call last)" in run.stderr
    assert run.stderr.splitlines()[-2].startswith("mcpverify: unknown scheme")


def test_a_debug_after_the_dashes_belongs_to_the_command(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "--", "./no-such-command", "--debug")

    assert_refused(run, "cannot be started")


def test_bytes_that_are_no_text_are_refused(mcpverify: Mcpverify) -> None:
    odd = os.fsdecode(b"\xff\xfe")

    assert_refused(mcpverify("check", f"http://127.0.0.1:9/{odd}"), "the TARGET")
    assert_refused(mcpverify("check", URL, "-H", f"X: {odd}"), "-H X")
    assert_refused(mcpverify("check", URL, "--snapshot", odd), "There is no snapshot")


def test_a_missing_default_snapshot_is_a_warning(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        run = mcpverify("check", server.url, "--format", "json")

    assert run.code == 0
    finding = judged(run).finding("matches-snapshot")
    assert finding["outcome"] == "warned"
    assert "snapshots/honest.json" in finding["message"]
    assert "mcpverify snapshot" in finding["hint"]


def test_a_missing_default_snapshot_is_a_mistake_in_ci(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        assert_refused(
            mcpverify("check", server.url, env={"CI": "1"}),
            "there is no snapshots/honest.json",
            "--no-snapshot",
        )
        assert mcpverify("check", server.url, "--no-snapshot", env={"CI": "1"}).code == 0
        assert mcpverify("check", server.url, env={"CI": "false"}).code == 0


def test_a_server_does_not_choose_among_the_snapshots_in_ci(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as server:
        assert mcpverify("snapshot", server.url).code == 0
        assert mcpverify("check", server.url, env={"CI": "1"}).code == 0
        (tmp_path / "snapshots" / "weather.json").write_text("{}")
        assert_refused(
            mcpverify("check", server.url, env={"CI": "1"}),
            "snapshots/ holds snapshots/honest.json, snapshots/weather.json",
            "--snapshot PATH",
        )
        named = ("--snapshot", "snapshots/honest.json")
        assert mcpverify("check", server.url, *named, env={"CI": "1"}).code == 0
        assert mcpverify("check", server.url).code == 0


def test_whether_a_server_answers_does_not_mend_a_call_that_names_no_snapshot(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "billing.json").write_text("{}")
    (tmp_path / "snapshots" / "weather.json").write_text("{}")
    assert_refused(mcpverify("check", URL, env={"CI": "1"}), "no snapshot was named")


def is_hard_link(path: Path) -> str:
    os.link(path, "report.json")
    return "report.json"


def is_soft_link(path: Path) -> str:
    os.symlink(path, "report.json")
    return "report.json"


WAYS: dict[str, Callable[[Path], str]] = {
    "itself": str,
    "another spelling": lambda path: f"snapshots/../{path}",
    "a hard link": is_hard_link,
    "a soft link": is_soft_link,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("kept", "arguments"),
    [
        ("weather.json", ("--snapshot=weather.json", "--report=ndjson=")),
        ("snapshots/weather.json", ("--transcript=",)),
        ("snapshots/weather.json", ("--no-snapshot", "--report=json=")),
        ("contracts/weather.json", ("--snapshot=git:HEAD:contracts/weather.json", "--transcript=")),
        ("weather.json", ("--snapshot=git:@{12:00}:weather.json", "--report=json=")),
    ],
)
def test_a_check_overwrites_no_snapshot(
    mcpverify: Mcpverify, tmp_path: Path, kept: str, arguments: tuple[str, ...], way: str
) -> None:
    (tmp_path / "snapshots").mkdir()
    path = Path(kept)
    path.parent.mkdir(exist_ok=True)
    path.write_text("reviewed")
    *others, flag = arguments
    written = WAYS[way](path)

    assert_refused(mcpverify("check", URL, *others, f"{flag}{written}"), written, "overwritten")
    assert path.read_text() == "reviewed"


@pytest.mark.parametrize("side", [0, 1])
def test_a_diff_overwrites_neither_of_its_sides(mcpverify: Mcpverify, side: int) -> None:
    sides = ("old.json", "new.json")
    for name in sides:
        Path(name).write_text("reviewed")

    assert_refused(mcpverify("diff", *sides, f"--report=json=./{sides[side]}"), "overwritten")
    assert Path(sides[side]).read_text() == "reviewed"


def test_a_report_may_lie_beside_the_snapshots(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as server:
        assert mcpverify("snapshot", server.url).code == 0
        reports = ("--report=json=snapshots/report.txt", "--report=junit=/dev/null")
        assert mcpverify("check", server.url, *reports).code == 0
    assert (tmp_path / "snapshots" / "report.txt").read_text().startswith("{")


def test_a_missing_default_snapshot_among_others_lists_them(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "weather.json").write_text("{}")
    with honest.serve() as server:
        assert_refused(mcpverify("check", server.url), "snapshots/weather.json")


def test_a_command_that_is_no_program_is_named(mcpverify: Mcpverify, tmp_path: Path) -> None:
    (tmp_path / "greeting").write_text("print('hello')\n")
    (tmp_path / "greeting").chmod(0o755)

    assert_refused(mcpverify("check", "--", "./greeting"), "./greeting cannot be started")
    assert_refused(mcpverify("check", "--", str(tmp_path)), "cannot be started")
    # It is looked up on PATH, not in the working directory.
    assert_refused(mcpverify("check", "--", "greeting"), "greeting cannot be started")
