"""`diff` on files and versions: what is named, what is refused, and what exits how."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Mcpverify
from tests.repositories import commit, git
from tests.running import Run
from tests.servers import honest
from tests.servers.dialog import schema, tool

NARROW = tool("search", inputSchema=schema(mode={"enum": ["fast", "full"]}))
WIDE = tool("search", inputSchema=schema(mode={"enum": ["fast", "full", "fuzzy"]}))


def listing(path: Path, *tools: Any) -> str:
    path.write_text(json.dumps({"tools": tools}))
    return path.name


@pytest.fixture
def snapshot(mcpverify: Mcpverify, tmp_path: Path) -> Path:
    """A snapshot of a server that takes `fuzzy`, as `mcpverify snapshot` writes it."""
    with honest.serve(tools=[WIDE]) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "s.json").code == 0
    return tmp_path / "s.json"


def test_equal_sides_say_so_in_one_line(mcpverify: Mcpverify, snapshot: Path) -> None:
    run = mcpverify("diff", "s.json", "s.json", "--fail-on", "any")

    assert run.code == 0
    assert "IDENTICAL: no difference in 1 tool\n" in run.stdout
    assert run.stderr == ""


def test_a_break_shows_the_call_that_is_refused(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old, new = listing(tmp_path / "a.json", WIDE), listing(tmp_path / "b.json", NARROW)

    run = mcpverify("diff", old, new)

    assert run.code == 1
    assert "BREAKING: 1 of 1 tool breaks callers" in run.words
    assert 'search({"mode": "fuzzy"})' in run.words
    assert "'fuzzy' is not one of ['fast', 'full']" in run.words


def test_the_direction_decides(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old, new = listing(tmp_path / "a.json", WIDE), listing(tmp_path / "b.json", NARROW)

    run = mcpverify("diff", new, old, "--fail-on", "breaking")

    assert run.code == 0
    assert "COMPATIBLE: 1 of 1 tool changes; all that was valid stays valid" in run.words


@pytest.mark.parametrize(
    ("fail_on", "code"), [("any", 1), ("contract", 0), ("breaking", 0), ("none", 0)]
)
def test_fail_on_decides_the_exit_code(
    mcpverify: Mcpverify, tmp_path: Path, fail_on: str, code: int
) -> None:
    old, new = tool("add"), tool("add", description="Other words.")
    names = listing(tmp_path / "a.json", old), listing(tmp_path / "b.json", new)

    assert mcpverify("diff", *names, "--fail-on", fail_on).code == code


def test_contract_is_what_fails_by_default(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old = listing(tmp_path / "a.json", tool("add"))

    text = mcpverify("diff", old, listing(tmp_path / "b.json", tool("add", description="Other.")))
    added = mcpverify("diff", old, listing(tmp_path / "c.json", tool("add"), tool("b", title="B")))

    assert (text.code, added.code) == (0, 1)


def test_an_open_world_sends_undeclared_properties(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old = listing(tmp_path / "a.json", tool("f", inputSchema=schema(a={})))
    closed = schema(a={}) | {"additionalProperties": False}
    new = listing(tmp_path / "b.json", tool("f", inputSchema=closed))

    assert mcpverify("diff", old, new, "--fail-on", "breaking").code == 0
    assert mcpverify("diff", old, new, "--fail-on", "breaking", "--open-world").code == 1


def test_a_snapshot_is_compared_with_its_committed_self(
    mcpverify: Mcpverify, snapshot: Path, tmp_path: Path
) -> None:
    git("init", "-q", "-b", "main")
    commit(snapshot.read_bytes(), "snapshots/s.json")
    with honest.serve(tools=[NARROW]) as server:
        mcpverify("snapshot", server.url, "--snapshot", "snapshots/s.json")

    same = mcpverify("diff", "git:HEAD:snapshots/s.json", "s.json")
    changed = mcpverify("diff", "git:main:snapshots/s.json", "snapshots/s.json")

    assert same.code == 0, same.output
    assert changed.code == 1
    assert f"commit {git('rev-parse', 'HEAD')[:12]}" in changed.words
    assert "fuzzy" in changed.stdout


def test_git_is_asked_from_where_one_stands(
    mcpverify: Mcpverify, snapshot: Path, tmp_path: Path
) -> None:
    git("init", "-q")
    commit(snapshot.read_bytes(), "docs/s.json")

    run = mcpverify("diff", "git:HEAD:s.json", "../s.json", cwd=tmp_path / "docs")

    assert run.code == 0, run.output


def test_a_transcript_is_a_side(mcpverify: Mcpverify, snapshot: Path) -> None:
    with honest.serve(tools=[NARROW]) as server:
        mcpverify("check", server.url, "--no-snapshot", "--transcript", "t.json")

    run = mcpverify("diff", "s.json", "t.json")

    assert run.code == 1
    assert "'fuzzy' is not one of" in run.words
    assert mcpverify("diff", "t.json", "t.json").code == 0


def test_a_transcript_without_a_whole_listing_gives_no_verdict(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "http://127.0.0.1:9/mcp", "--no-snapshot", "--transcript", "t.json")
    assert run.code == 3

    run = mcpverify("diff", "t.json", "t.json")

    assert run.code == 3
    assert "NOT COMPARED: t.json: UNREACHABLE" in run.words


def test_a_listing_that_goes_on_gives_no_verdict(mcpverify: Mcpverify, tmp_path: Path) -> None:
    whole = listing(tmp_path / "a.json", WIDE)
    (tmp_path / "b.json").write_text(json.dumps({"tools": [WIDE], "nextCursor": "2"}))

    run = mcpverify("diff", whole, "b.json")

    assert run.code == 3
    assert "NOT COMPARED: b.json: the listing goes on after 1 page" in run.words
    assert "Save all pages" in run.words


def test_a_difference_in_what_was_seen_does_not_hide_what_was_not(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"tools": [NARROW], "nextCursor": "2"}))

    assert mcpverify("diff", listing(tmp_path / "a.json", WIDE), "b.json").code == 3


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("empty.json", b"", "empty.json cannot be compared. It is empty", "Give a URL"),
        ("notes.md", b"# Notes\n", "notes.md cannot be compared. It is not JSON", "Give a URL"),
        ("other.json", b'{"a": 1}', "other.json holds nothing that can be", "Give a URL"),
        ("list.json", b"[]", "list.json holds nothing that can be compared", "Give a URL"),
        ("bytes.json", b"\xff\xfe", "bytes.json cannot be compared. It is not UTF-8", "Give"),
        ("s.json", b'{"format": 1}', "s.json is no whole snapshot", "version control"),
        ("s.json", b'{"format": 9}', "has format 9", "Update mcpverify"),
        ("t.json", b'{"transcript": 1}', "t.json is no whole transcript", "--transcript FILE"),
        ("r.json", b'{"tools": 1}', "r.json is no result of tools/list", "Give a URL"),
        (
            *("r.json", b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -1, "message": "no"}}'),
            *("it is error -1: no", "Give a URL"),
        ),
        (
            *("lfs.json", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
            *("a pointer of Git LFS", "git lfs pull"),
        ),
        (
            *("m.json", b'{\n<<<<<<< HEAD\n "format": 1\n=======\n}\n>>>>>>> other\n'),
            *("m.json holds an unresolved merge conflict, on line 2", "snapshot --rehash m.json"),
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(
    mcpverify: Mcpverify, tmp_path: Path, name: str, content: bytes, message: str, hint: str
) -> None:
    (tmp_path / name).write_bytes(content)
    good = listing(tmp_path / "good.json", WIDE)

    run = mcpverify("diff", good, name)

    assert (run.code, run.stdout) == (2, "")
    assert message in run.words
    assert hint in run.words


def test_a_snapshot_that_was_edited_is_not_believed(
    mcpverify: Mcpverify, snapshot: Path, tmp_path: Path
) -> None:
    text = snapshot.read_text().replace("fuzzy", "loose")
    snapshot.write_text(text)
    git("init", "-q")
    commit(text, "s.json")

    here = mcpverify("diff", "s.json", "s.json")
    there = mcpverify("diff", "git:HEAD:s.json", "s.json")

    assert (here.code, there.code) == (2, 2)
    assert "s.json was changed after it was recorded" in here.words
    assert "snapshot --rehash s.json" in here.words
    assert "git:HEAD:s.json was changed after it was recorded" in there.words
    assert "rehash" not in there.words


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ((), "no OLD was given"),
        (("good.json",), "no NEW was given"),
        (("--", "true"), "no OLD was given"),
        (("", "good.json"), "OLD is empty"),
        (("good.json", " "), "NEW is empty"),
        (("good.json", "good.json", "good.json"), "there is more than OLD and NEW"),
        (("good.json", "good.json", "--", "true"), "both NEW and a COMMAND were given"),
        (("good.json", "--"), "no COMMAND after --"),
        (("good.json", "--", "./no-such-command"), "./no-such-command cannot be started"),
        (("good.json", "none.json"), "there is no file none.json"),
        (("good.json", "mcp.example.com/mcp"), "there is no file mcp.example.com/mcp"),
        (("good.json", "folder"), "folder is a directory"),
        (("good.json", "ftp://example.com/x"), "unknown scheme ftp://"),
        (("git:HEAD:good.json", "good.json"), "this is no git checkout"),
        (("git:-x:good.json", "good.json"), "a REF does not begin with -"),
        (("good.json", "good.json", "-H", "X-Key: y"), "-H means nothing to files"),
        (("good.json", "good.json", "--no-proxy"), "--no-proxy means nothing to files"),
        (("good.json", "--bearer-env", "T", "--", "true"), "--bearer-env means nothing to a COM"),
        (("good.json", "good.json", "--fail-on", "all"), "--fail-on"),
        (("good.json", "good.json", "--tool", "x"), "neither side has a tool of such a name"),
        (("good.json", "good.json", "--ignore-field", "x"), "TOOLGLOB:/pointer"),
        (("good.json", "good.json", "-q", "-v"), "exclude each other"),
        (("good.json", "good.json", "--format", "yaml"), "no such output format"),
        (("good.json", "good.json", "--report", "json"), "takes FORMAT=PATH"),
        (("good.json", "good.json", "--report", "json=none/x"), "there is no directory none"),
    ],
)
def test_nonsense_is_exit_2_and_explained(
    mcpverify: Mcpverify, tmp_path: Path, sides: tuple[str, ...], message: str
) -> None:
    listing(tmp_path / "good.json", WIDE)
    (tmp_path / "folder").mkdir()

    run = mcpverify("diff", *sides, env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})

    assert (run.code, run.stdout) == (2, "")
    assert message in run.words
    assert "Traceback" not in run.output


def test_a_file_may_be_called_like_a_server(mcpverify: Mcpverify, tmp_path: Path) -> None:
    name = listing(tmp_path / "localhost:8000", WIDE)

    assert mcpverify("diff", name, name).code == 0


def test_a_file_may_be_called_like_a_version(mcpverify: Mcpverify, tmp_path: Path) -> None:
    name = listing(tmp_path / "git:HEAD:a.json", WIDE)

    assert mcpverify("diff", f"./{name}", f"./{name}").code == 0


def test_nothing_is_written(mcpverify: Mcpverify, snapshot: Path, tmp_path: Path) -> None:
    new = listing(tmp_path / "b.json", NARROW)
    before = {path: path.read_bytes() for path in (snapshot, tmp_path / new)}
    mcpverify("diff", "s.json", new)

    assert {path: path.read_bytes() for path in before} == before
    assert {path.name for path in tmp_path.iterdir()} == {"s.json", "b.json", "home"}


def test_quiet_prints_only_what_differs(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old, new = listing(tmp_path / "a.json", WIDE), listing(tmp_path / "b.json", NARROW)

    run = mcpverify("diff", "-q", old, new)

    assert "search" in run.stdout
    assert "again" not in run.stdout


def test_what_a_file_holds_is_printed_inert(mcpverify: Mcpverify, tmp_path: Path) -> None:
    evil = "\x1b[31m::error::x\u202e[bold]"
    old = listing(tmp_path / "a.json", tool("add"))
    new = listing(tmp_path / "b.json", tool("add", description=evil), tool(evil, title=evil))

    run = mcpverify("diff", old, new)

    assert run.code == 1
    assert "\x1b" not in run.stdout
    assert "\u202e" not in run.stdout
    assert not any(line.lstrip().startswith("::") for line in run.stdout.splitlines())


def _report(run: Run) -> Any:
    assert run.stdout, run.output
    return json.loads(run.stdout)


def test_json_names_each_tool_with_its_compatibility(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old = listing(tmp_path / "a.json", WIDE, tool("add"), tool("gone", title="G"))
    new = listing(tmp_path / "b.json", NARROW, tool("add"), tool("new", outputSchema=schema()))

    run = mcpverify("diff", old, new, "--format", "json")

    report = _report(run)
    assert (report["report"], report["verdict"], report["exit_code"]) == (1, "failed", 1)
    assert {each["name"]: each["compatibility"] for each in report["tools"]} == {
        "add": "identical",
        "gone": "breaking",
        "new": "compatible",
        "search": "breaking",
    }
    (search,) = [each for each in report["tools"] if each["name"] == "search"]
    (change,) = search["changes"]
    assert change["compatibility"] == "breaking"
    assert change["witness"]["value"] == {"mode": "fuzzy"}


def test_json_keeps_its_shape_where_nothing_was_compared(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    name = listing(tmp_path / "a.json", WIDE)
    (tmp_path / "b.json").write_text(json.dumps({"tools": [], "nextCursor": "2"}))

    seen = _report(mcpverify("diff", name, name, "--format", "json"))
    unseen = _report(mcpverify("diff", name, "b.json", "--format", "json"))

    assert seen.keys() == unseen.keys()
    assert (unseen["verdict"], unseen["exit_code"], unseen["tools"]) == ("inconclusive", 3, [])


def test_reports_are_written_beside_the_output(mcpverify: Mcpverify, tmp_path: Path) -> None:
    old, new = listing(tmp_path / "a.json", WIDE), listing(tmp_path / "b.json", NARROW)

    run = mcpverify("diff", old, new, "--report", "json=r.json", "--report", "markdown=r.md")

    assert run.code == 1
    assert json.loads((tmp_path / "r.json").read_text())["verdict"] == "failed"
    assert "fuzzy" in (tmp_path / "r.md").read_text()
