"""What a contract is: what moves its digests, and what does not."""

from copy import deepcopy
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpverify.errors import UsageError
from mcpverify.facts.change import Subject
from mcpverify.facts.contract import (
    FIELDS_OF_ONE_ERA,
    Digests,
    Scope,
    across_eras,
    contract_of,
    malformed_items,
)
from mcpverify.facts.definition import IgnoredField, parse_ignored
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.revision import Era
from tests.strategies import json_values, prompt_lists, respelled, tool_lists, tools


def tool(name: str = "search", **fields: Any) -> dict[str, Json]:
    return {"name": name, "inputSchema": {"type": "object"}} | fields


def schema_tool(**keywords: Any) -> dict[str, Json]:
    return tool(inputSchema={"type": "object", **keywords})


def digests(*tools_: Json, **scope: tuple[str, ...]) -> Digests:
    return contract_of(tools_, scope=Scope(**scope)).digests


def definition(one: Json, *ignored: str) -> dict[str, Json]:
    (entry,) = contract_of([one], scope=Scope(ignored=ignored)).tools
    return entry.definition


def moved(old: Digests, new: Digests) -> set[str]:
    return {
        field
        for field in ("digest", "contract", "prompt")
        if getattr(old, field) != getattr(new, field)
    }


# What makes a list no contract


def test_a_wellformed_list_has_no_problems() -> None:
    assert malformed_items(Subject.TOOL, [tool("a"), tool("b")]) == ()
    assert malformed_items(Subject.PROMPT, []) == ()
    template: Json = {"name": "same", "uriTemplate": "file:///{a}"}
    other: Json = {"name": "same", "uriTemplate": "file:///{b}"}
    assert malformed_items(Subject.TEMPLATE, [template, other]) == ()


@pytest.mark.parametrize(
    ("subject", "items", "problem"),
    [
        (Subject.TOOL, {"a": 1}, "The tools are no array."),
        (Subject.TOOL, None, "The tools are no array."),
        (Subject.TOOL, [tool(), "x"], "The tool at place 2 is no object."),
        (Subject.TOOL, [None], "The tool at place 1 is no object."),
        (Subject.PROMPT, [{}], "The prompt at place 1 has no name."),
        (Subject.TOOL, [tool(name="")], "The tool at place 1 has no name."),
        (Subject.TOOL, [tool() | {"name": None}], "The tool at place 1 has no name."),
        (Subject.TOOL, [tool() | {"name": 7}], "The name of the tool at place 1 is no string."),
        (Subject.TOOL, [tool(), tool("b"), tool()], "2 tools have the same name: search"),
        (Subject.TEMPLATE, [{"name": "a"}], "The resource template at place 1 has no uriTemplate."),
        (Subject.RESOURCE, [{"uri": "a:b"}], "The resource at place 1 has no name."),
        (
            Subject.RESOURCE,
            [{"name": "a", "uri": "a:b"}, {"name": "b", "uri": "a:b"}],
            "2 resources have the same uri: a:b",
        ),
    ],
)
def test_a_malformed_list_is_told_in_a_sentence(
    subject: Subject, items: Json, problem: str
) -> None:
    assert malformed_items(subject, items) == (problem,)


@given(json_values | st.lists(json_values | tools()))
def test_any_list_is_either_malformed_or_a_contract(items: Any) -> None:
    if not malformed_items(Subject.TOOL, items):
        assert len(contract_of(items).tools) == len(items)


# What moves no digest


@given(tool_lists, prompt_lists, st.randoms(use_true_random=False))
def test_order_says_nothing(tools_: list[Any], prompts: list[Any], random: Random) -> None:
    shuffled = [respelled(each, random) for each in tools_]
    random.shuffle(shuffled)
    assert contract_of(shuffled, prompts[::-1]) == contract_of(tools_, prompts)


@given(tool_lists, prompt_lists)
def test_the_lists_are_left_as_they_are(tools_: list[Any], prompts: list[Any]) -> None:
    before = deepcopy((tools_, prompts))
    contract_of(tools_, prompts, scope=Scope(ignored=("*:/inputSchema/*",)))
    assert (tools_, prompts) == before


@given(tool_lists, prompt_lists)
def test_a_contract_is_its_own_canonical_form(tools_: list[Any], prompts: list[Any]) -> None:
    once = contract_of(tools_, prompts)
    again = contract_of(
        [entry.definition for entry in once.tools], [entry.definition for entry in once.prompts]
    )
    assert again == once


def test_only_the_meta_of_the_item_itself_is_left_out() -> None:
    schema: Json = {"properties": {"_meta": {"type": "string"}}, "_meta": {"a": 1}}
    assert definition(tool(_meta={"a": 1}, inputSchema=schema)) == tool(inputSchema=schema)


@pytest.mark.parametrize("keyword", ["required", "enum", "type"])
def test_a_set_is_sorted_where_it_is_a_keyword_of_a_schema(keyword: str) -> None:
    schema: Json = {"not": {keyword: ["b", "a", "c", "a"]}, keyword: ["b", "a"]}
    sorted_schema: Json = {"not": {keyword: ["a", "a", "b", "c"]}, keyword: ["a", "b"]}
    one = tool(inputSchema=schema, outputSchema=schema)
    assert definition(one) == tool(inputSchema=sorted_schema, outputSchema=sorted_schema)


@pytest.mark.parametrize("keyword", ["dependentRequired", "dependencies"])
def test_sets_by_name_are_sorted(keyword: str) -> None:
    schema: Json = {keyword: {"a": ["c", "b"], "enum": {"enum": [2, 1]}}}
    expected: Json = {keyword: {"a": ["b", "c"], "enum": {"enum": [1, 2]}}}
    if keyword == "dependentRequired":  # which holds no schemas
        expected = {keyword: {"a": ["b", "c"], "enum": {"enum": [2, 1]}}}
    assert definition(tool(inputSchema=schema)) == tool(inputSchema=expected)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"required": ["b", "a"]}},
        {"default": {"required": ["b", "a"], "enum": ["b", "a"]}},
        {"const": {"enum": ["b", "a"]}},
        {"enum": [{"enum": ["b", "a"]}]},
        {"x-own": {"required": ["b", "a"]}},
        {"allOf": [{}, {"examples": ["b", "a"]}]},
        {"prefixItems": [{"title": "b"}, {"title": "a"}]},
    ],
)
def test_a_list_that_is_no_set_stays_in_its_order(schema: Json) -> None:
    assert definition(tool(inputSchema=schema)) == tool(inputSchema=schema)
    assert definition(tool(execution={"required": ["b", "a"]})) == tool(
        execution={"required": ["b", "a"]}
    )


def test_a_prompt_has_no_schemas() -> None:
    prompt: Json = {"name": "p", "inputSchema": {"required": ["b", "a"]}}
    assert contract_of([], [prompt]).prompts[0].definition == prompt


def test_a_set_of_anything_has_one_order() -> None:
    values: list[Json] = [None, True, 1, 0.5, "1", "true", [2], [1], {"b": 1, "a": 2}, False, 0]
    expected = definition(schema_tool(enum=values))
    random = Random(1)
    for _ in range(20):
        random.shuffle(values)
        assert canonical_text(definition(schema_tool(enum=values))) == canonical_text(expected)


# What moves them


@given(tools(), st.data())
def test_every_other_byte_moves_a_digest(one: dict[str, Any], data: st.DataObject) -> None:
    one.pop("_meta", None)
    holders = [each for each in everything_in(one) if isinstance(each, dict | list) and each]
    changed = deepcopy(one)
    holder = holder_at(changed, one, data.draw(st.sampled_from(holders)))
    key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else [0]))
    if data.draw(st.booleans()) and not (holder is changed and key == "name"):
        del holder[key]
    else:
        holder[key] = f"{holder[key]}!"
    old, new = contract_of([one]).digests, contract_of([changed]).digests
    differing = moved(old, new)
    assert "digest" in differing
    assert differing & {"contract", "prompt"}


@given(tool_lists, tool_lists)
def test_the_digest_moves_with_one_of_its_parts_and_never_alone(
    some: list[Any], others: list[Any]
) -> None:
    differing = moved(contract_of(some).digests, contract_of(others).digests)
    assert ("digest" in differing) == bool(differing & {"contract", "prompt"})
    by_name = [{e.name: e.digests for e in contract_of(each).tools} for each in (some, others)]
    assert ("digest" in differing) == (by_name[0] != by_name[1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (tool(title="a"), tool(title="b")),
        (tool(description="a"), tool(description="a ")),
        (tool(description="a"), tool()),
        (tool(annotations={"title": "a"}), tool(annotations={"title": "b"})),
        (tool(annotations={"title": "a"}), tool(annotations={})),
        (schema_tool(title="a"), schema_tool()),
        (schema_tool(properties={"title": {"title": "a"}}), schema_tool(properties={"title": {}})),
        (schema_tool(anyOf=[{"description": ""}]), schema_tool(anyOf=[{}])),
        (tool(outputSchema={"description": "a"}), tool(outputSchema={})),
    ],
)
def test_text_moves_the_prompt_digest_only(old: Json, new: Json) -> None:
    assert moved(digests(old), digests(new)) == {"digest", "prompt"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (tool(), tool("other")),
        (tool(annotations={"readOnlyHint": True}), tool(annotations={"readOnlyHint": False})),
        (tool(annotations={"description": "a"}), tool(annotations={"description": "b"})),
        (tool(icons=[{"title": "a"}]), tool(icons=[{"title": "b"}])),
        (tool(annotations={}), tool()),
        (tool(title=None), tool()),
        (tool(title=None), tool(title=0)),
        (schema_tool(properties={"title": True}), schema_tool(properties={})),
        (schema_tool(default={"title": "a"}), schema_tool(default={"title": "b"})),
        (schema_tool(const={"description": "a"}), schema_tool(const={"description": "b"})),
        (schema_tool(enum=[1]), schema_tool(enum=[True])),
        (schema_tool(enum=[1]), schema_tool(enum=[1.5])),
        (schema_tool(enum=["a"]), schema_tool(enum=["a", "a"])),
        (schema_tool(maximum=2**53), schema_tool(maximum=2**53 + 1)),
        (schema_tool(pattern="é"), schema_tool(pattern="e\u0301")),
        (schema_tool(allOf=[{}, True]), schema_tool(allOf=[True, {}])),
        (tool(unknown=1), tool(unknown=2)),
    ],
)
def test_all_else_moves_the_contract_digest_only(old: Json, new: Json) -> None:
    assert moved(digests(old), digests(new)) == {"digest", "contract"}


def test_text_that_moves_elsewhere_moves_the_prompt_digest() -> None:
    old = schema_tool(properties={"a": {"title": "x"}, "b": {}})
    new = schema_tool(properties={"a": {}, "b": {"title": "x"}})
    assert moved(digests(old), digests(new)) == {"digest", "prompt"}
    assert moved(digests(tool("a", title="x"), tool("b")), digests(tool("a"), tool("b"))) == {
        "digest",
        "prompt",
    }


def test_a_tool_without_text_leaves_the_prompt_digest_alone() -> None:
    assert moved(digests(tool("a", title="x")), digests(tool("a", title="x"), tool("b"))) == {
        "digest",
        "contract",
    }


def test_the_arguments_of_a_prompt_have_text() -> None:
    def prompt(**argument: Any) -> Digests:
        return contract_of([], [{"name": "p", "arguments": [{"name": "a", **argument}]}]).digests

    assert moved(prompt(description="a"), prompt(description="b")) == {"digest", "prompt"}
    assert moved(prompt(title="a"), prompt()) == {"digest", "prompt"}
    assert moved(prompt(required=True), prompt()) == {"digest", "contract"}


def test_prompts_templates_and_resources_count() -> None:
    none = contract_of([])
    prompts = contract_of([], prompts=[{"name": "a"}])
    templates = contract_of([], templates=[{"name": "a", "uriTemplate": "a:{b}"}])
    resources = contract_of([], resources=[{"name": "a", "uri": "a:b"}])
    no_resources = contract_of([], resources=[])
    all_of_them = (none, prompts, templates, resources, no_resources)
    assert len({each.digests.digest for each in all_of_them}) == 5
    assert none.resources is None
    assert no_resources.resources == ()
    assert [entry.name for entry in templates.templates] == ["a:{b}"]
    assert resources.resources is not None
    assert [entry.name for entry in resources.resources] == ["a:b"]


def test_entries_stand_in_the_order_of_their_names() -> None:
    names = ["b", "\U00010000", "a", "\ue000", "B"]
    sorted_names = ["B", "a", "b", "\U00010000", "\ue000"]
    contract = contract_of([tool(name) for name in names])
    assert [entry.name for entry in contract.tools] == sorted_names


def test_digests_are_those_that_are_documented() -> None:
    one = tool(title="T", outputSchema={"allOf": [{"description": "D", "enum": [2, 1]}]})
    prompt: Json = {"name": "p", "arguments": [{"name": "x", "title": "X"}]}
    contract = contract_of([one, tool("bare")], [prompt])
    whole = (
        '{"inputSchema":{"type":"object"},"name":"search",'
        '"outputSchema":{"allOf":[{"description":"D","enum":[1,2]}]},"title":"T"}'
    )
    bare = (
        '{"inputSchema":{"type":"object"},"name":"search",'
        '"outputSchema":{"allOf":[{"enum":[1,2]}]}}'
    )
    text = '{"outputSchema":{"allOf":{"0":{"description":"D"}}},"title":"T"}'
    other = '{"inputSchema":{"type":"object"},"name":"bare"}'
    said = '{"arguments":[{"name":"x","title":"X"}],"name":"p"}'
    unsaid = '{"arguments":[{"name":"x"}],"name":"p"}'
    spoken = '{"arguments":{"0":{"title":"X"}}}'
    assert contract.tools[1].digests == Digests(sha(whole), sha(bare), sha(text))
    assert contract.prompts[0].digests == Digests(sha(said), sha(unsaid), sha(spoken))
    assert contract.digests == Digests(
        sha(f'{{"prompts":[{said}],"resourceTemplates":[],"tools":[{other},{whole}]}}'),
        sha(f'{{"prompts":[{unsaid}],"resourceTemplates":[],"tools":[{other},{bare}]}}'),
        sha(f'{{"prompts":{{"p":{spoken}}},"resourceTemplates":{{}},"tools":{{"search":{text}}}}}'),
    )


# Scope


def test_globs_restrict_tools_and_nothing_else() -> None:
    tools_ = [tool("get_a"), tool("get_b"), tool("set_a"), tool("GET_C")]
    contract = contract_of(tools_, [{"name": "p"}], scope=Scope(tools=("get_*", "set_[!b]")))
    assert [entry.name for entry in contract.tools] == ["get_a", "get_b", "set_a"]
    assert [entry.name for entry in contract.prompts] == ["p"]
    assert contract == contract_of(tools_[:3], [{"name": "p"}])
    assert contract_of(tools_, scope=Scope(tools=("none",))).tools == ()


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ("search:/inputSchema/properties/a/default", {"a": {"x": 1}, "b": {"default": 2}}),
        ("s*:/inputSchema/properties/*/default", {"a": {"x": 1}, "b": {}}),
        ("*:/inputSchema/properties/*", {}),
        ("*:/inputSchema/*/b", {"a": {"x": 1, "default": 1}}),
        ("other:/inputSchema/properties", {"a": {"x": 1, "default": 1}, "b": {"default": 2}}),
        ("*:/inputSchema/properties/c/d", {"a": {"x": 1, "default": 1}, "b": {"default": 2}}),
        ("*:/inputSchema/properties/a/x/y", {"a": {"x": 1, "default": 1}, "b": {"default": 2}}),
    ],
)
def test_ignored_fields_are_left_out(ignored: str, left: Json) -> None:
    properties: Json = {"a": {"x": 1, "default": 1}, "b": {"default": 2}}
    result = definition(tool(inputSchema={"properties": properties}), ignored)
    assert result == tool(inputSchema={"properties": left})


def test_ignored_items_are_those_of_the_canonical_form() -> None:
    one = schema_tool(enum=["c", "a", "b", "d"], examples=[0, 1, 2])
    result = definition(
        one, "*:/inputSchema/enum/0", "*:/inputSchema/enum/2", "*:/inputSchema/examples/9",
        "*:/inputSchema/examples/01", "*:/inputSchema/examples/-", "*:/inputSchema/examples/1",
    )  # fmt: skip
    assert result == schema_tool(enum=["b", "d"], examples=[0, 2])
    assert definition(one, "*:/inputSchema/examples/*") == schema_tool(
        enum=["a", "b", "c", "d"], examples=[]
    )


def test_an_ignored_field_that_is_gone_with_another_is_no_trouble() -> None:
    fields = ("*:/inputSchema/properties/a", "*:/inputSchema/properties", "*:/inputSchema/*/*")
    assert definition(schema_tool(properties={"a": {"title": "x"}}), *fields) == schema_tool()


def test_an_ignored_text_leaves_the_prompt_digest_alone() -> None:
    ignored = ("*:/description",)
    some, others = tool(description="in /home/a"), tool(description="in /home/b")
    assert digests(some, ignored=ignored) == digests(others, ignored=ignored) == digests(tool())


def test_the_text_of_an_ignored_schema_is_ignored_too() -> None:
    one = schema_tool(properties={"a": {"title": "x", "items": {"title": "y"}}})
    assert digests(one, ignored=("*:/inputSchema/properties/a",)) == digests(
        schema_tool(properties={})
    )


def test_an_ignored_field_is_understood() -> None:
    assert parse_ignored("get:*:/a~1b/~0/*/") == IgnoredField("get:*", ("a/b", "~", "*", ""))


@pytest.mark.parametrize(
    "text",
    ["", "search", "search:", "search:/", ":/x", "search:x", "/x", "*:/a~2", "*:/~", "*:/name"],
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        contract_of([], scope=Scope(ignored=(text,)))
    assert repr(text) in refusal.value.message or not text
    assert refusal.value.hint
    with pytest.raises(UsageError):
        contract_of([], scope=Scope(tools=("a", "")))


# Eras


def test_fields_of_one_era_are_those_of_the_mcp_package() -> None:
    from mcp_types import _v2025_11_25 as handshake
    from mcp_types import _v2026_07_28 as stateless

    def fields(model: Any) -> set[str]:
        return {field.alias or name for name, field in model.model_fields.items()}

    old, new = fields(handshake.Tool), fields(stateless.Tool)
    assert set(FIELDS_OF_ONE_ERA[Era.HANDSHAKE]) == old - new
    assert set(FIELDS_OF_ONE_ERA[Era.STATELESS]) == new - old


def test_a_field_of_one_era_is_left_out_and_named() -> None:
    execution: Json = {"taskSupport": "optional"}
    handshake = contract_of([tool("a", execution=execution), tool("b")])
    stateless = contract_of([tool("a"), tool("b")])
    across = across_eras(handshake, stateless)
    assert across.left_out == ("execution",)
    assert across.handshake == across.stateless == stateless


@pytest.mark.parametrize(
    ("handshake", "stateless"),
    [
        ([tool(execution={})], [tool(execution={})]),
        ([tool(execution={})], [tool(execution={"taskSupport": "required"})]),
        ([tool()], [tool(execution={})]),
        ([tool(execution={})], []),
        ([], [tool()]),
        ([tool(title="a")], [tool()]),
    ],
)
def test_no_other_difference_is_left_out(handshake: list[Json], stateless: list[Json]) -> None:
    one, other = contract_of(handshake), contract_of(stateless)
    across = across_eras(one, other)
    assert (across.handshake, across.stateless, across.left_out) == (one, other, ())


def test_what_else_differs_stays_when_a_field_is_left_out() -> None:
    prompts: list[Json] = [{"name": "p"}]
    handshake = contract_of([tool(execution={}, title="a")], prompts, resources=[])
    stateless = contract_of([tool(title="b")], prompts, resources=[])
    across = across_eras(handshake, stateless)
    assert across.handshake == contract_of([tool(title="a")], prompts, resources=[])
    assert across.stateless == stateless


# Size


def test_a_deep_schema_has_digests_like_any_other() -> None:
    def deep(enum: list[Json], title: str) -> Digests:
        schema: Json = {"title": title, "enum": enum}
        for _ in range(900):
            schema = {"not": schema}
        return digests(tool(inputSchema=schema))

    assert deep(["b", "a"], "x") == deep(["a", "b"], "x")
    assert moved(deep(["a"], "x"), deep(["a"], "y")) == {"digest", "prompt"}
    assert moved(deep(["a"], "x"), deep(["b"], "x")) == {"digest", "contract"}


def sha(text: str) -> str:
    return "sha256:" + sha256(text.encode()).hexdigest()


def everything_in(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value] + [each for item in inner for each in everything_in(item)]


def holder_at(copy: Any, original: Any, wanted: Any) -> Any:
    """What stands in `copy` where `wanted` stands in `original`."""
    pairs = zip(everything_in(copy), everything_in(original), strict=True)
    return next(copied for copied, each in pairs if each is wanted)
