"""Two contracts side by side: what is looked at, what is left aside, what it comes to."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcpverify.errors import UsageError
from mcpverify.facts.comparison import Comparison, SourceKind
from mcpverify.facts.compatibility import Compatibility
from mcpverify.facts.contract import Scope, contract_of
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era
from mcpverify.facts.snapshot import Snapshot
from mcpverify.facts.verdict import Verdict
from mcpverify.snapshots.snapshot_file import dump
from mcpverify.verify.compare import Question, compare
from mcpverify.verify.sources import InFile
from tests.servers.dialog import schema, tool

PROMPT: Json = {"name": "greet", "arguments": [{"name": "who"}]}
TEMPLATE: Json = {"name": "file", "uriTemplate": "file:///{path}"}
RESOURCE: Json = {"name": "readme", "uri": "file:///README"}

CORPUS = sorted(
    str(path) for path in (Path(__file__).parents[1] / "data" / "drift").glob("*/*.json")
)


def listing(name: str, *tools: Json) -> InFile:
    """A file with a raw listing of `tools`."""
    Path(name).write_text(json.dumps({"tools": tools}))
    return InFile(name)


def snapshot(
    name: str,
    *tools: Json,
    prompts: tuple[Json, ...] = (),
    templates: tuple[Json, ...] = (),
    resources: tuple[Json, ...] | None = None,
    scope: Scope = Scope(),
    era: Era = Era.HANDSHAKE,
) -> InFile:
    """A snapshot file, as `mcpverify snapshot` writes it."""
    contract = contract_of(tools, prompts, templates, resources, scope)
    Path(name).write_bytes(dump(Snapshot(contract, era, {}, scope, frozenset())))
    return InFile(name)


def compared(old: InFile, new: InFile, **question: Any) -> Comparison:
    return compare(Question(old, new, **question))


def differing(comparison: Comparison) -> dict[str, str]:
    """The names of what differs, and the state of the tools among it."""
    tools = {each.name: each.state for each in comparison.tools if each.state != "identical"}
    return tools | {each.name: str(each.subject) for each in comparison.others}


def test_equal_sides_are_identical_and_pass_whatever_fails() -> None:
    for fail_on in FailOn:
        comparison = compared(
            listing("a.json", tool("add")), listing("b.json", tool("add")), fail_on=fail_on
        )

        assert comparison.verdict is Verdict.PASSED
        assert comparison.compatibility is Compatibility.IDENTICAL
        assert comparison.headline == "IDENTICAL: no difference in 1 tool"
        assert comparison.old.digests == comparison.new.digests
        assert comparison.next_steps == ()


def test_order_and_spelling_of_a_listing_are_no_difference() -> None:
    pages = [
        {"tools": [dict(reversed(tool("b").items()))], "nextCursor": "2"},
        {"jsonrpc": "2.0", "id": 7, "result": {"tools": [tool("a")]}},
    ]
    Path("b.json").write_text(json.dumps(pages, indent=2))

    comparison = compared(listing("a.json", tool("a"), tool("b")), InFile("b.json"))

    assert comparison.compatibility is Compatibility.IDENTICAL


def test_every_tool_is_reported_by_name_with_its_state() -> None:
    old = (tool("b"), tool("gone", inputSchema=schema(x={})), tool("same"), tool("text"))
    new = (
        *(tool("b", inputSchema=schema(a={"type": "number"})), tool("same")),
        *(tool("new", inputSchema=schema(y={}, z={})), tool("text", description="Other.")),
    )

    comparison = compared(listing("a.json", *old), listing("b.json", *new))

    assert [(each.name, each.state) for each in comparison.tools] == [
        ("b", "changed"),
        ("gone", "missing"),
        ("new", "added"),
        ("same", "identical"),
        ("text", "text"),
    ]
    assert (comparison.old.tools, comparison.new.tools) == (4, 4)


def test_definitions_of_both_sides_are_there_where_they_differ() -> None:
    comparison = compared(
        listing("a.json", tool("b"), tool("gone", title="x")),
        listing("b.json", tool("b", description="Other."), tool("c", inputSchema=schema(q={}))),
    )

    b, c, gone = comparison.tools
    assert b.snapshot is not None
    assert b.live is not None
    assert (b.snapshot["description"], b.live["description"]) == ("Adds two numbers.", "Other.")
    assert c.snapshot is None
    assert c.live is not None
    assert gone.snapshot is not None
    assert gone.live is None


@pytest.mark.parametrize(
    ("new", "fails"),
    [
        # any, contract, breaking, none
        ([tool("add", description="Other.")], (True, False, False, False)),
        ([tool("add"), tool("more", title="x")], (True, True, False, False)),
        ([tool("add", annotations={"readOnlyHint": True})], (True, True, False, False)),
        ([tool("add", inputSchema=schema(a={"type": "string"}))], (True, True, True, False)),
        ([], (True, True, True, False)),
    ],
)
def test_fail_on_decides_which_difference_fails(
    new: list[Json], fails: tuple[bool, bool, bool, bool]
) -> None:
    old = listing("a.json", tool("add"))
    order = (FailOn.ANY, FailOn.CONTRACT, FailOn.BREAKING, FailOn.NONE)
    verdicts = [
        compared(old, listing("b.json", *new), fail_on=fail_on).verdict for fail_on in order
    ]

    assert verdicts == [Verdict.FAILED if each else Verdict.PASSED for each in fails]


def test_what_is_tolerated_is_said() -> None:
    comparison = compared(
        listing("a.json", tool("add")), listing("b.json", tool("add", description="Other."))
    )

    assert comparison.headline == (
        "BEHAVIORAL: 1 of 1 tool changes behavior; all that was valid stays valid; "
        "--fail-on contract tolerates it"
    )
    assert differing(comparison) == {"add": "text"}


def test_a_break_is_counted_among_all_tools() -> None:
    comparison = compared(
        listing("a.json", tool("a"), tool("b"), tool("c")),
        listing("b.json", tool("c", description="Other.")),
    )

    assert comparison.headline == "BREAKING: 2 of 3 tools break callers"


def test_prompts_and_templates_are_compared_where_both_sides_tell_of_them() -> None:
    comparison = compared(
        snapshot("a.json", tool("add"), prompts=(PROMPT,), templates=(TEMPLATE,)),
        snapshot("b.json", tool("add")),
    )

    assert differing(comparison) == {
        "greet": "prompt",
        "file:///{path}": "resource template",
    }
    assert comparison.verdict is Verdict.FAILED
    assert comparison.headline == "BREAKING: 1 prompt and 1 resource template break callers"


def test_a_raw_listing_says_nothing_of_prompts() -> None:
    both = {"prompts": (PROMPT,), "templates": (TEMPLATE,), "resources": (RESOURCE,)}
    for old, new in (
        (snapshot("a.json", tool("add"), **both), listing("b.json", tool("add"))),
        (listing("b.json", tool("add")), snapshot("a.json", tool("add"), **both)),
    ):
        comparison = compared(old, new)

        assert comparison.compatibility is Compatibility.IDENTICAL
        assert comparison.notes == (
            "only tools were compared: a result of tools/list holds nothing else",
        )


def test_nothing_is_noted_where_a_listing_lacks_nothing() -> None:
    assert compared(snapshot("a.json", tool()), listing("b.json", tool())).notes == ()


def test_resources_are_compared_where_both_sides_hold_them() -> None:
    with_one = snapshot("a.json", tool(), resources=(RESOURCE,))
    with_none = snapshot("b.json", tool(), resources=())
    without = snapshot("c.json", tool())

    assert differing(compared(with_one, with_none)) == {"file:///README": "resource"}
    for one, other in ((with_one, without), (without, with_one)):
        comparison = compared(one, other)
        assert comparison.compatibility is Compatibility.IDENTICAL
        assert comparison.notes == ("resources were not compared: only one side tells of them",)


def test_the_scope_of_a_snapshot_holds_for_the_other_side() -> None:
    scope = Scope(("a*",), ("*:/annotations",))
    old = snapshot("a.json", tool("add"), tool("other"), scope=scope)
    new = listing("b.json", tool("add", annotations={"readOnlyHint": True}), tool("more"))

    for comparison in (compared(old, new), compared(new, old)):
        assert comparison.compatibility is Compatibility.IDENTICAL
        assert [each.name for each in comparison.tools] == ["add"]
        assert comparison.notes == (
            "only tools a* were compared, as a.json says",
            "*:/annotations left out, as a.json says",
        )


def test_the_scopes_of_two_snapshots_hold_both() -> None:
    old = snapshot("a.json", tool("add"), tool("addition"), scope=Scope(("a*",)))
    new = snapshot("b.json", tool("add"), tool("subtract"), scope=Scope(("add", "s*")))

    assert compared(old, new).compatibility is Compatibility.IDENTICAL


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (Scope(), Scope(("a*",)), "tools beyond a*"),
        (Scope(("a*", "s*")), Scope(("a*",)), "tools beyond a*"),
        (Scope(), Scope(ignored=("*:/title",)), "*:/title"),
    ],
)
def test_a_snapshot_that_holds_less_than_before_fails_though_the_rest_is_equal(
    before: Scope, after: Scope, lost: str
) -> None:
    tools = (tool("add", title="Add"), tool("sum"))
    old, new = snapshot("a.json", *tools, scope=before), snapshot("b.json", *tools, scope=after)

    for fail_on in FailOn:
        comparison = compared(old, new, fail_on=fail_on)
        assert (comparison.verdict is Verdict.PASSED) is (fail_on is FailOn.NONE)
        assert comparison.headline.startswith(f"NARROWED: b.json leaves out {lost}; of the rest: ")
    assert compared(new, old).headline.startswith("IDENTICAL")


def test_a_snapshot_without_the_resources_of_before_fails() -> None:
    old = snapshot("a.json", tool("add"), resources=(RESOURCE,))

    assert compared(old, snapshot("b.json", tool("add"))).verdict is Verdict.FAILED


@pytest.mark.parametrize("scope", [Scope(), Scope(("c",))])
def test_scopes_that_leave_no_tool_call_nothing_equal(scope: Scope) -> None:
    old = snapshot("a.json", tool("a"), scope=Scope(("a*",)))
    new = snapshot("b.json", tool("b"), tool("c"), scope=Scope(("b*", "c*")))

    with pytest.raises(UsageError, match="no tool is left to compare"):
        compared(old, new, scope=scope)


def test_flags_narrow_what_is_compared() -> None:
    old = listing("a.json", tool("add", title="One"), tool("b"))
    new = listing("b.json", tool("add", title="Two"), tool("c"))
    scope = Scope(("add",), ("add:/title",))

    comparison = compared(old, new, scope=scope)

    assert comparison.compatibility is Compatibility.IDENTICAL
    assert [each.name for each in comparison.tools] == ["add"]


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (Scope(("nosuch*",)), "--tool nosuch*: neither side has"),
        (Scope(("add", "Add")), "--tool Add: neither side has"),
        (Scope(ignored=("*:/nosuch",)), "--ignore-field *:/nosuch: no tool"),
        (Scope(("",)), "empty"),
        (Scope(ignored=("nonsense",)), "nonsense"),
    ],
)
def test_flags_that_would_call_anything_equal_are_refused(scope: Scope, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        compared(listing("a.json", tool("add")), listing("b.json", tool("sum")), scope=scope)

    assert message in caught.value.message


def test_a_tool_that_only_one_side_has_may_be_named() -> None:
    comparison = compared(listing("a.json", tool("add")), listing("b.json"), scope=Scope(("add",)))

    assert differing(comparison) == {"add": "missing"}


def test_fields_that_one_era_cannot_carry_are_left_out_and_named() -> None:
    execution = tool("add", execution={"taskSupport": "optional"})
    handshake = snapshot("a.json", execution)
    stateless = snapshot("b.json", tool("add"), era=Era.STATELESS)

    for one, other in ((handshake, stateless), (stateless, handshake)):
        comparison = compared(one, other)
        assert comparison.compatibility is Compatibility.IDENTICAL
        assert comparison.notes == ("execution left out: one of the two eras cannot carry it",)


def test_fields_of_one_era_count_within_it() -> None:
    execution = tool("add", execution={"taskSupport": "required"})

    comparison = compared(snapshot("a.json", tool("add")), snapshot("b.json", execution))

    assert differing(comparison) == {"add": "changed"}


def test_a_listing_that_goes_on_is_not_compared() -> None:
    Path("b.json").write_text(json.dumps({"tools": [tool("add")], "nextCursor": "2"}))

    comparison = compared(listing("a.json", tool("add")), InFile("b.json"))

    assert comparison.verdict is Verdict.INCONCLUSIVE
    assert comparison.compatibility is None
    assert comparison.tools == ()
    assert comparison.headline.startswith("NOT COMPARED: b.json: the listing goes on after 1 page")
    assert comparison.old.digests is not None
    assert comparison.old.tools == 1
    assert comparison.new.digests is None


def test_sides_tell_where_they_were_read() -> None:
    comparison = compared(listing("a.json", tool()), snapshot("b.json", tool()))

    assert (comparison.old.name, comparison.old.kind) == ("a.json", SourceKind.LISTING)
    assert (comparison.new.name, comparison.new.kind) == ("b.json", SourceKind.SNAPSHOT)


def test_a_break_offers_to_accept_it_only_where_that_is_possible() -> None:
    command = "mcpverify snapshot https://mcp.example.com/mcp --snapshot a.json"
    new = listing("b.json", tool("sum"))

    kept = compared(snapshot("a.json", tool("add")), new, accepting=command)
    loose = compared(listing("a.json", tool("add")), new, accepting=command)

    assert kept.next_steps[-1] == command
    assert command not in loose.next_steps


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: "-".join(Path(path).parts[-2:]))
def test_a_released_listing_is_identical_to_itself(path: str) -> None:
    comparison = compared(InFile(path), InFile(path), fail_on=FailOn.ANY)

    assert comparison.compatibility is Compatibility.IDENTICAL
    assert comparison.tools
