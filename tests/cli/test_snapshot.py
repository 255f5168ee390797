"""`snapshot`: writes what it fully saw, the same bytes every time, and nothing else."""

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import (
    fails_listing,
    honest,
    honest_sse,
    lists_invalid_schemas,
    stdio,
)
from tests.servers.dialog import tool

PATH = ("--snapshot", "s.json")


def snapshot(mcpverify: Mcpverify, *arguments: str) -> Run:
    return mcpverify("snapshot", *PATH, *arguments)


def test_a_failed_list_is_never_told_as_all_tools_removed(mcpverify: Mcpverify) -> None:
    with honest.serve() as server:
        snapshot(mcpverify, server.url)
    with fails_listing.serve() as server:
        run = mcpverify("check", server.url, *PATH, "--format", "json")

    report = judged(run)
    assert run.code == 1
    assert report.outcome("tools-listed") == "failed"
    assert report.outcome("matches-snapshot") == "not-observed"
    assert report.target["tools"] == []


def test_twice_gives_equal_bytes(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as server:
        first = snapshot(mcpverify, server.url)
        before = (tmp_path / "s.json").read_bytes()
        second = snapshot(mcpverify, server.url)

    assert first.code == second.code == 0
    assert "s.json recorded" in first.words
    assert "s.json is up to date" in second.words
    assert (tmp_path / "s.json").read_bytes() == before


def test_every_transport_gives_equal_bytes(mcpverify: Mcpverify, tmp_path: Path) -> None:
    contract: dict[str, Any] = {"tools": [tool("b"), tool("a"), tool("c")]}
    with honest.serve(page_size=1, streams=True, **contract) as server:
        mcpverify("snapshot", server.url, "--snapshot", "http.json")
    with honest.serve(eras=("handshake", "stateless"), **contract) as server:
        mcpverify("snapshot", server.url, "--snapshot", "both.json")
    with honest_sse.serve(**contract) as server:
        mcpverify("snapshot", server.url, "--snapshot", "sse.json", "--transport", "sse")
    command = stdio.command("honest", "tools=a,c,b")
    mcpverify("snapshot", "--snapshot", "stdio.json", "--", *command)

    names = ("http", "both", "sse", "stdio")
    assert len({(tmp_path / f"{name}.json").read_bytes() for name in names}) == 1


def test_the_default_path_is_the_name_of_the_server(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve(name="Weather & Co/../x") as server:
        assert mcpverify("snapshot", server.url).code == 0
        assert mcpverify("check", server.url, env={"CI": "1"}).code == 0

    (path,) = (tmp_path / "snapshots").iterdir()
    assert path.name == "weather-co-..-x.json"


def test_a_server_without_a_name_needs_a_path(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve(name="") as server:
        run = mcpverify("snapshot", server.url)

    assert run.code == 2
    assert run.stdout == ""
    assert "--snapshot PATH" in run.stderr
    assert not (tmp_path / "snapshots").exists()


def test_check_writes_nothing_and_says_whether_it_would(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve() as server:
        missing = snapshot(mcpverify, server.url, "--check")
        assert not (tmp_path / "s.json").exists()
        snapshot(mcpverify, server.url)
        equal = snapshot(mcpverify, server.url, "--check")
    before = (tmp_path / "s.json").read_bytes()
    with honest.serve(tools=[tool("add")]) as server:
        different = snapshot(mcpverify, server.url, "--check")

    assert (missing.code, equal.code, different.code) == (1, 0, 1)
    assert "s.json does not exist" in missing.words
    assert "s.json would change" in different.words
    assert "subtract" in different.stdout
    assert (tmp_path / "s.json").read_bytes() == before


def test_an_update_shows_what_changes(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as server:
        snapshot(mcpverify, server.url)
    with honest.serve(tools=[tool("add", description="Sums."), tool("multiply")]) as server:
        run = snapshot(mcpverify, server.url)
        again = mcpverify("check", server.url, *PATH, "--strict")

    assert run.code == 0
    assert "s.json updated" in run.words
    for word in ("subtract", "multiply", "Sums."):
        assert word in run.stdout
    assert again.code == 0


def told_command(run: Run) -> list[str]:
    """The `check` command that a report in JSON says to repeat."""
    command = shlex.split(str(judged(run).target["again"]))
    assert command[:2] == ["mcpverify", "check"]
    return command[1:]


def test_the_command_that_snapshot_prints_passes(mcpverify: Mcpverify) -> None:
    with honest.serve(path="/a/mcp") as server:
        url = f"{server.origin}/a/mcp"
        run = mcpverify(
            *("snapshot", *PATH, url, "--tool", "a*", "--ignore-field", "add:/description"),
            *("--timeout=5s", "--transport", "streamable-http", "-H", "X-Team: ${TEAM}"),
            *("--include", "resources", "--format", "json"),
            env={"TEAM": "blue"},
        )
        command = told_command(run)
        again = mcpverify(*command, "--strict", env={"TEAM": "blue", "CI": "1"})

    assert run.code == 0
    assert again.code == 0, again.output
    assert "--tool" not in command


def test_the_command_that_snapshot_prints_passes_for_a_command(mcpverify: Mcpverify) -> None:
    command = stdio.command("honest", "tools=a b,c")
    run = mcpverify("snapshot", "--format=json", "--snapshot=new dir/s.json", "--", *command)
    again = mcpverify(*told_command(run), env={"CI": "1"})

    assert run.code == 0
    assert again.code == 0, again.output


def test_a_check_that_fails_says_what_differs_however_quiet(mcpverify: Mcpverify) -> None:
    with honest.serve(tools=[tool("add")]) as server:
        snapshot(mcpverify, server.url)
    with honest.serve(tools=[tool("sum")]) as server:
        quiet = snapshot(mcpverify, server.url, "--check", "-q")
        report = judged(snapshot(mcpverify, server.url, "--check", "--format", "json"))

    assert quiet.code == 1
    assert "x matches-snapshot" in quiet.stdout
    assert report.outcome("matches-snapshot") == "failed"


def test_a_tool_of_the_stored_scope_that_is_gone_is_a_change_and_no_slip(
    mcpverify: Mcpverify,
) -> None:
    glob = ("--tool", "a*")
    with honest.serve(tools=[tool("add"), tool("sum")]) as server:
        snapshot(mcpverify, server.url, *glob)
    with honest.serve(tools=[tool("sum")]) as server:
        run = snapshot(mcpverify, server.url, *glob, "--check")

    assert run.code == 1, run.output
    assert "breaks callers" in run.words


def test_scope_is_stored_kept_and_honored(mcpverify: Mcpverify, tmp_path: Path) -> None:
    flags = ("--tool", "a*", "--ignore-field", "add:/description")
    with honest.serve() as server:
        assert snapshot(mcpverify, server.url, *flags).code == 0
        first = (tmp_path / "s.json").read_bytes()
        assert snapshot(mcpverify, server.url).code == 0
        assert (tmp_path / "s.json").read_bytes() == first, "a later run keeps them"
    stored = json.loads(first)
    assert stored["scope"] == ["a*"]
    assert stored["ignored"] == ["add:/description"]
    assert [each["name"] for each in stored["tools"]] == ["add"]

    restless = [tool("add", description="Another."), tool("multiply")]
    with honest.serve(tools=restless) as server:
        assert mcpverify("check", server.url, *PATH, "--strict").code == 0
    with honest.serve(tools=[tool("add", title="Sum"), tool("another")]) as server:
        run = mcpverify("check", server.url, *PATH, "--fail-on", "any")
    assert run.code == 1
    assert "another" in run.stdout


def test_flags_add_to_the_stored_scope(mcpverify: Mcpverify, tmp_path: Path) -> None:
    tools = [tool("add"), tool("subtract"), tool("zip")]
    with honest.serve(tools=tools) as server:
        snapshot(mcpverify, server.url, "--tool", "a*")
        run = snapshot(mcpverify, server.url, "--tool", "s*")

    names = [each["name"] for each in json.loads((tmp_path / "s.json").read_text())["tools"]]
    assert run.code == 0
    assert names == ["add", "subtract"]


def test_resources_are_recorded_on_request_and_kept(mcpverify: Mcpverify, tmp_path: Path) -> None:
    resources = [{"uri": "file:///a", "name": "a"}]
    with honest.serve(resources=resources) as server:
        snapshot(mcpverify, server.url)
        assert "resources" not in json.loads((tmp_path / "s.json").read_text())
        snapshot(mcpverify, server.url, "--include", "resources")
        snapshot(mcpverify, server.url)
        assert len(json.loads((tmp_path / "s.json").read_text())["resources"]) == 1
    with honest.serve(resources=[]) as server:
        assert mcpverify("check", server.url, *PATH).code == 1


def test_the_handshake_era_is_recorded_while_it_is_spoken(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    with honest.serve(eras=("handshake", "stateless")) as server:
        snapshot(mcpverify, server.url)
    assert json.loads((tmp_path / "s.json").read_text())["era"] == "handshake"

    with honest.serve(eras=("stateless",)) as server:
        snapshot(mcpverify, server.url)
    assert json.loads((tmp_path / "s.json").read_text())["era"] == "stateless"


def test_check_lists_in_the_era_that_was_recorded(mcpverify: Mcpverify) -> None:
    with honest.serve(eras=("stateless",)) as server:
        snapshot(mcpverify, server.url)
    with honest.serve(eras=("handshake", "stateless")) as server:
        run = mcpverify("check", server.url, *PATH, "--samples", "1", "--format", "json")

        listings = [each for each in server.requests if each.step == "tools/list"]
        assert listings[0].header("MCP-Protocol-Version") == "2026-07-28"
    assert run.code == 0
    assert judged(run).target["server"]["revision"] == "2026-07-28"


def test_a_default_snapshot_of_the_stateless_era_is_compared_in_it(mcpverify: Mcpverify) -> None:
    with honest.serve(eras=("stateless",)) as server:
        assert mcpverify("snapshot", server.url).code == 0
    with honest.serve(eras=("handshake", "stateless")) as server:
        run = mcpverify("check", server.url, "--format", "json")

    assert run.code == 0
    assert judged(run).outcome("matches-snapshot") == "passed"
    assert judged(run).target["server"]["revision"] == "2026-07-28"


@pytest.mark.parametrize(
    ("recorded", "served"), [("handshake", "stateless"), ("stateless", "handshake")]
)
def test_where_the_recorded_era_is_gone_the_other_is_judged(
    mcpverify: Mcpverify, recorded: str, served: str
) -> None:
    extra = {"execution": {"taskSupport": "optional"}} if recorded == "handshake" else {}
    with honest.serve(eras=(recorded,), tools=[tool("add", **extra)]) as server:
        snapshot(mcpverify, server.url)
    with honest.serve(eras=(served,), tools=[tool("add")]) as server:
        run = mcpverify("check", server.url, *PATH, "--format", "json")
    with honest.serve(eras=(served,), tools=[tool("sum")]) as server:
        different = mcpverify("check", server.url, *PATH)

    assert run.code == 0, run.output
    if extra:
        assert "execution" in judged(run).message("matches-snapshot")
    assert different.code == 1


def test_an_invalid_schema_can_be_recorded_and_is_told(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    kind = next(iter(lists_invalid_schemas.INPUTS))
    with lists_invalid_schemas.serve(kind) as server:
        run = snapshot(mcpverify, server.url)
        again = mcpverify("check", server.url, *PATH)

    assert run.code == 0
    assert "schema" in run.stdout
    assert (tmp_path / "s.json").exists()
    assert again.code == 1, "to record it is not to mend it"


def test_rehash_makes_an_edited_snapshot_whole(mcpverify: Mcpverify, tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    with honest.serve() as server:
        snapshot(mcpverify, server.url)
    text = path.read_text()
    path.write_text(text.replace("Adds two numbers.", "Adds two figures."))

    refused = mcpverify("check", "http://127.0.0.1:9/mcp", *PATH)
    run = mcpverify("snapshot", "--rehash", "s.json")
    with honest.serve(
        tools=[tool(name, description="Adds two figures.") for name in ("add", "subtract")]
    ) as server:
        checked = mcpverify("check", server.url, *PATH, "--strict")

    assert refused.code == 2
    assert (run.code, run.stderr) == (0, "")
    assert run.stdout.startswith("s.json: sha256:")
    assert checked.code == 0, checked.output


@pytest.mark.parametrize("content", ["", "{}", "<<<<<<< a\n", "[1]", '{"format": 1}'])
def test_rehash_refuses_what_is_no_snapshot(
    mcpverify: Mcpverify, tmp_path: Path, content: str
) -> None:
    (tmp_path / "s.json").write_text(content)
    run = mcpverify("snapshot", "--rehash", "s.json")

    assert run.code == 2
    assert run.stdout == ""
    assert (tmp_path / "s.json").read_text() == content


def test_a_foreign_file_is_not_overwritten(mcpverify: Mcpverify, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"name": "a package of another tool"}')
    with honest.serve() as server:
        run = snapshot(mcpverify, server.url)

    assert run.code == 2
    assert "is no snapshot" in run.stderr
    assert (tmp_path / "s.json").read_text() == '{"name": "a package of another tool"}'


@pytest.mark.parametrize("path", ["directory", "file/below", "loop"])
def test_a_path_that_cannot_be_written_is_a_mistake(
    mcpverify: Mcpverify, tmp_path: Path, path: str
) -> None:
    (tmp_path / "directory").mkdir()
    (tmp_path / "file").write_text("x")
    (tmp_path / "loop").symlink_to("loop")
    with honest.serve() as server:
        run = mcpverify("snapshot", server.url, "--snapshot", path)

    assert run.code == 2
    assert run.stdout == ""
    assert path in run.stderr
    assert "Traceback" not in run.stderr


def test_nothing_half_written_is_left_and_links_and_modes_are_kept(
    mcpverify: Mcpverify, tmp_path: Path
) -> None:
    real = tmp_path / "real.json"
    with honest.serve() as server:
        mcpverify("snapshot", server.url, "--snapshot", "real.json")
    real.chmod(0o640)
    (tmp_path / "s.json").symlink_to("real.json")
    with honest.serve(tools=[tool("add")]) as server:
        assert snapshot(mcpverify, server.url).code == 0

    assert (tmp_path / "s.json").is_symlink()
    assert len(json.loads(real.read_text())["tools"]) == 1
    if os.name == "posix":
        assert real.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir() if ".tmp" in path.name] == []


def test_the_check_never_writes(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as server:
        snapshot(mcpverify, server.url)
    before = sorted(path.name for path in tmp_path.iterdir()), (tmp_path / "s.json").read_bytes()
    with honest.serve(tools=[tool("other")]) as server:
        for flags in ((), ("--fail-on", "none"), ("--strict",)):
            mcpverify("check", server.url, *PATH, *flags)

    after = sorted(path.name for path in tmp_path.iterdir()), (tmp_path / "s.json").read_bytes()
    assert after == before


@pytest.mark.parametrize(
    ("served", "flags", "code"),
    [
        ([tool("add", description="Other words.")], (), 0),
        ([tool("add", description="Other words.")], ("--fail-on", "any"), 1),
        ([tool("add", inputSchema={"type": "object"})], (), 1),
        ([tool("add", inputSchema={"type": "object"})], ("--fail-on", "none"), 0),
        ([tool("add"), tool("new")], (), 1),
    ],
    ids=["text", "text-any", "schema", "schema-none", "new-tool"],
)
def test_fail_on_decides_which_difference_fails(
    mcpverify: Mcpverify, served: list[Any], flags: tuple[str, ...], code: int
) -> None:
    with honest.serve(tools=[tool("add")]) as server:
        snapshot(mcpverify, server.url)
    with honest.serve(tools=served) as server:
        run = mcpverify("check", server.url, *PATH, *flags, "--format", "json")

    assert run.code == code
    assert judged(run).outcome("matches-snapshot") == ("failed" if code else "warned")


def test_a_digest_gates_without_a_file(mcpverify: Mcpverify, tmp_path: Path) -> None:
    with honest.serve() as server:
        snapshot(mcpverify, server.url)
        digest = json.loads((tmp_path / "s.json").read_text())["digest"]
        (tmp_path / "s.json").unlink()
        right = mcpverify("check", server.url, "--expect-digest", digest, env={"CI": "1"})
        wrong = mcpverify("check", server.url, "--expect-digest", "sha256:" + "0" * 64)

    assert (right.code, wrong.code) == (0, 1)


def test_a_server_without_tools_has_a_contract_too(mcpverify: Mcpverify, tmp_path: Path) -> None:
    prompts = [{"name": "greet", "arguments": [{"name": "who", "required": True}]}]
    with honest.serve(tools=None, prompts=prompts) as server:
        assert snapshot(mcpverify, server.url).code == 0
        assert mcpverify("check", server.url, *PATH, "--strict").code == 0
    assert [each["name"] for each in json.loads((tmp_path / "s.json").read_text())["prompts"]]
    with honest.serve(tools=None, prompts=[]) as server:
        run = mcpverify("check", server.url, *PATH)

    assert run.code == 1
    assert "greet" in run.stdout
