"""What a difference from the snapshot is called, by whom it fails, and what is said to do."""

from typing import Any

import pytest

from mcpverify.facts.change import Change, ChangeKind, Part, Subject
from mcpverify.facts.compatibility import Compatibility, EntryDrift, JudgedChange
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.json_text import Json
from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.running import Run
from tests.servers import honest

MODES: dict[str, Json] = {
    "type": "object",
    "properties": {"mode": {"enum": ["fast", "full", "fuzzy"]}, "n": {"type": "integer"}},
}


def tool(name: str, schema: Json = MODES, **fields: Any) -> dict[str, Json]:
    return {"name": name, "inputSchema": schema} | fields


def narrowed(*modes: str) -> dict[str, Json]:
    return {"type": "object", "properties": {"mode": {"enum": [*modes]}, "n": {"type": "integer"}}}


def checked(
    mcpverify: Mcpverify, snapshot: list[Any], live: list[Any], *flags: str
) -> tuple[Run, Any, Any]:
    """A run against a snapshot, with the finding of the comparison and the whole target."""
    with honest.serve(tools=snapshot) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "s.json").code == 0
    with honest.serve(tools=live) as server:
        run = mcpverify(
            *("check", server.url, "--snapshot", "s.json", "--format", "json"),
            *flags,
        )
    report = judged(run)
    return run, report.finding("matches-snapshot"), report.target


def test_a_break_is_told_first_with_the_call_and_its_refusal(mcpverify: Mcpverify) -> None:
    snapshot = [tool("search"), tool("a", title="A"), tool("b")]
    live = [tool("search", narrowed("fast", "full")), tool("a", title="B"), tool("b")]
    run, finding, target = checked(mcpverify, snapshot, live)
    assert run.code == 1
    assert finding["message"] == "1 of 3 tools breaks callers; 1 changes behavior"
    assert target["headline"].endswith(finding["message"])
    first, second = finding["details"]
    assert first["subject"] == "search"
    assert first["text"] == (
        'breaking: the snapshot takes search({"mode": "fuzzy"}), live refuses it: '
        "at /mode: 'fuzzy' is not one of ['fast', 'full']"
    )
    assert second["subject"] == "a"
    assert second["text"].startswith("behavioral: ")


def test_a_break_says_what_to_do_with_the_command_that_accepts_it(mcpverify: Mcpverify) -> None:
    _, finding, target = checked(mcpverify, [tool("a")], [tool("a", narrowed("fast"))])
    assert "under a new name" in finding["hint"]
    hint, command = target["next"]
    assert hint == finding["hint"]
    assert command.startswith("mcpverify snapshot http://127.0.0.1:")
    assert command.endswith(" --snapshot s.json")


def drift(verdict: Compatibility, part: Part = Part.CONTRACT) -> EntryDrift:
    change = Change(Subject.TOOL, "t", ChangeKind.CHANGED, part, "/x", 1, 2)
    return EntryDrift(Subject.TOOL, "t", (JudgedChange(change, verdict, "so"),))


@pytest.mark.parametrize(
    ("difference", "failing"),
    [
        (drift(Compatibility.BREAKING), ("any", "contract", "breaking")),
        (drift(Compatibility.UNDECIDED), ("any", "contract", "breaking")),
        (drift(Compatibility.BEHAVIORAL), ("any", "contract")),
        (drift(Compatibility.COMPATIBLE), ("any", "contract")),
        (drift(Compatibility.BEHAVIORAL, Part.PROMPT), ("any",)),
    ],
)
def test_fail_on_chooses_which_difference_fails(
    difference: EntryDrift, failing: tuple[str, ...]
) -> None:
    assert tuple(each for each in FailOn if each.objects_to(difference)) == failing


def test_breaking_alone_may_fail(mcpverify: Mcpverify) -> None:
    flags = ("--fail-on", "breaking")
    run, finding, _ = checked(mcpverify, [tool("a")], [tool("a", narrowed("fast"))], *flags)
    assert (run.code, finding["outcome"]) == (1, "failed")
    wide = narrowed("fast", "full", "fuzzy", "new")
    run, finding, _ = checked(mcpverify, [tool("a")], [tool("a", wide)], *flags)
    assert (run.code, finding["outcome"]) == (0, "warned")


def test_texts_alone_are_told_as_such(mcpverify: Mcpverify) -> None:
    run, finding, _ = checked(mcpverify, [tool("a")], [tool("a", description="x")])
    assert run.code == 0
    assert finding["message"] == "text only: 1 of 1 tool changes behavior"


def test_prompts_are_counted_beside_tools(mcpverify: Mcpverify) -> None:
    prompt: dict[str, Json] = {"name": "p", "arguments": [{"name": "a"}]}
    asking: Json = {"name": "p", "arguments": [{"name": "a", "required": True}]}
    with honest.serve(tools=[tool("a")], prompts=[prompt]) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "s.json").code == 0
    with honest.serve(tools=[], prompts=[asking]) as server:
        run = mcpverify(
            *("check", server.url, "--snapshot", "s.json", "--format", "json", "--min-tools", "0")
        )
    finding = judged(run).finding("matches-snapshot")
    assert finding["message"] == "1 of 1 tool breaks callers; 1 prompt breaks callers"
    assert any("the snapshot takes p({})" in each["text"] for each in finding["details"])


def test_the_open_world_can_be_asked_for(mcpverify: Mcpverify) -> None:
    typed: Json = {"type": "object", "properties": {"a": {}, "b": {"type": "string"}}}
    snapshot = [tool("t", {"type": "object", "properties": {"a": {}}})]
    flags = ("--fail-on", "breaking")
    closed, _, _ = checked(mcpverify, snapshot, [tool("t", typed)], *flags)
    opened, finding, _ = checked(mcpverify, snapshot, [tool("t", typed)], *flags, "--open-world")
    assert (closed.code, opened.code) == (0, 1)
    assert "breaks callers" in finding["message"]


def test_a_renamed_tool_is_told_as_such(mcpverify: Mcpverify) -> None:
    _, finding, target = checked(mcpverify, [tool("search")], [tool("find")])
    assert finding["message"] == "1 of 1 tool breaks callers"
    assert "it is 'find' now" in finding["details"][0]["text"]
    assert {each["name"]: each["state"] for each in target["tools"]} == {
        "find": "added",
        "search": "missing",
    }


def test_snapshot_shows_the_same_verdicts_and_fails_by_none(mcpverify: Mcpverify) -> None:
    with honest.serve(tools=[tool("search")]) as server:
        assert mcpverify("snapshot", server.url, "--snapshot", "s.json").code == 0
    with honest.serve(tools=[tool("search", narrowed("fast"))]) as server:
        run = mcpverify("snapshot", server.url, "--snapshot", "s.json", "--format", "json")
    assert run.code == 0
    finding = judged(run).finding("matches-snapshot")
    assert finding["message"] == "1 of 1 tool breaks callers"
    assert "live refuses it" in finding["details"][0]["text"]
