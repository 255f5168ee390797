"""The schemas of tools, judged: against the metaschemas, and for what the protocol adds."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpverify.drift.validity.schema_problem import PROBLEMS_SHOWN, ProblemKind, SchemaProblem
from mcpverify.drift.validity.schema_validity import (
    Which,
    is_valid_in_every_revision,
    schema_problems,
    tool_problems,
)
from mcpverify.facts.dialect import Dialect
from mcpverify.facts.json_text import Json, canonical_text, parse
from mcpverify.facts.revision import Revision
from tests.servers.lists_a_lot import TOOLS
from tests.servers.lists_invalid_schemas import INPUTS
from tests.servers.refers_to_itself import SCHEMAS
from tests.servers.uses_patterns import CATASTROPHIC, ECMA
from tests.strategies import json_values

CORPUS = Path(__file__).parents[1] / "data" / "drift"
OLD, NEW = Revision.R2025_11_25, Revision.R2026_07_28
URIS = {
    Dialect.DRAFT_04: "http://json-schema.org/draft-04/schema#",
    Dialect.DRAFT_06: "http://json-schema.org/draft-06/schema#",
    Dialect.DRAFT_07: "http://json-schema.org/draft-07/schema#",
    Dialect.D2019_09: "https://json-schema.org/draft/2019-09/schema",
    Dialect.D2020_12: "https://json-schema.org/draft/2020-12/schema",
}


def problems(
    schema: Any, which: Which = "inputSchema", *revisions: Revision
) -> list[SchemaProblem]:
    return list(schema_problems(schema, which, *(revisions or (OLD, NEW))))


def with_properties(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def one(schema: Any, which: Which = "inputSchema", *revisions: Revision) -> SchemaProblem:
    found = problems(schema, which, *revisions)
    assert len(found) == 1, found
    return found[0]


# The metaschemas as oracle.


def values_for(keyword: str, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values that some dialect accepts for `keyword`, and values that none does."""
    words = st.sampled_from(["string", "object", "a", "a", "b:c", "-", "_d", "", "\n"])
    counts = st.sampled_from([0, 1, 1.5, -1, 10**30, True])
    shapes: tuple[st.SearchStrategy[Any], ...] = (
        words,
        st.booleans(),
        st.none(),
        counts,
        st.just({}),
        st.just([]),
        inner,
        st.lists(inner, max_size=2),
        st.lists(words, max_size=3),
        st.lists(st.sampled_from([0, False, 1, True, "", None, [0], [False]]), max_size=3),
        st.dictionaries(words, inner, max_size=2),
        st.dictionaries(words, st.lists(words, max_size=3), max_size=2),
        st.dictionaries(words, st.booleans(), max_size=2),
    )
    match keyword:
        case "$ref" | "$recursiveRef" | "$dynamicRef":
            return st.sampled_from(["#", 5, None])
        case "$schema":
            return st.sampled_from([5, None, True])
        case "pattern":
            return st.sampled_from(["^a", 5, None, [], {}])
        case "patternProperties":
            return st.dictionaries(st.sampled_from(["^a", "b"]), inner, max_size=2) | shapes[6]
        case "$id" | "id":
            return st.sampled_from(["a", "http://b/c", "d#", "e#f", "#", "", 5, None])
        case _:
            return st.one_of(shapes)


# All that the five metaschemas know, each foreign to some of them, and one foreign to all.
_WORDS = """
    $anchor $comment $defs $dynamicAnchor $dynamicRef $id $recursiveAnchor $recursiveRef $ref
    $schema $vocabulary additionalItems additionalProperties allOf anyOf const contains
    contentEncoding contentMediaType contentSchema default definitions dependencies
    dependentRequired dependentSchemas deprecated description else enum examples exclusiveMaximum
    exclusiveMinimum format id if items maxContains maxItems maxLength maxProperties maximum
    minContains minItems minLength minProperties minimum multipleOf not oneOf pattern
    patternProperties prefixItems properties propertyNames readOnly required then title type
    unevaluatedItems unevaluatedProperties uniqueItems unknown writeOnly
"""
KEYWORDS = _WORDS.split()
# Draft 4 leaves references to another text, which asks for a string all the same.
BEYOND_THE_METASCHEMA = {Dialect.DRAFT_04: {"$ref"}}


def schemas(dialect: Dialect) -> st.SearchStrategy[dict[str, Any]]:
    keywords = [each for each in KEYWORDS if each not in BEYOND_THE_METASCHEMA.get(dialect, ())]

    def holding(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(st.sampled_from(keywords), max_size=3, unique=True).flatmap(
            lambda chosen: st.fixed_dictionaries(
                {keyword: values_for(keyword, inner) for keyword in chosen}
            )
        )

    leaves: st.SearchStrategy[Any] = st.sampled_from([{}, True, False, {"type": "string"}, 5, "a"])
    return holding(st.recursive(leaves, holding, max_leaves=4)).map(
        lambda schema: schema | {"$schema": URIS[dialect]}
    )


@pytest.mark.parametrize("dialect", Dialect)
def test_what_the_metaschema_refuses_is_invalid_and_nothing_else(dialect: Dialect) -> None:
    import jsonschema

    validators = {
        Dialect.DRAFT_04: jsonschema.Draft4Validator,
        Dialect.DRAFT_06: jsonschema.Draft6Validator,
        Dialect.DRAFT_07: jsonschema.Draft7Validator,
        Dialect.D2019_09: jsonschema.Draft201909Validator,
        Dialect.D2020_12: jsonschema.Draft202012Validator,
    }
    validator = validators[dialect]
    oracle = validator(validator.META_SCHEMA)
    verdicts = set()

    @settings(max_examples=400, deadline=None)
    @given(schemas(dialect))
    def agrees(drawn: dict[str, Any]) -> None:
        schema = parse(canonical_text(drawn))
        # In 2026-07-28 the root of an outputSchema is free: only the metaschema speaks.
        found = problems(schema, "outputSchema", NEW)
        assert (not found) == oracle.is_valid(schema), found
        verdicts.add(not found)

    agrees()
    assert verdicts == {True, False}


BAD: dict[str, Json] = {"type": "strin"}
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, "a", "a:b", [], {}, ["a"], ["a", "a"], [{}], [True], [5], [1, True]),
    *({"a": {}}, {"a": True}, {"a": ["b"]}, {"a": ["b", "b"]}, {"a": []}, {"a": 5}),
    *(BAD, [BAD], {"a": BAD}),
)


def keyword_rules() -> Iterator[tuple[Dialect, str, Json]]:
    for dialect in Dialect:
        beyond = BEYOND_THE_METASCHEMA.get(dialect, set())
        for keyword in sorted(set(KEYWORDS) - beyond - {"$schema"}):
            for value in VALUES:
                if not (keyword.lower().endswith("ref") and isinstance(value, str)):
                    yield dialect, keyword, value


def test_every_keyword_is_held_to_the_metaschema_of_every_dialect() -> None:
    import jsonschema

    oracles = {
        dialect: jsonschema.validators.validator_for({"$schema": uri})
        for dialect, uri in URIS.items()
    }
    metaschemas = {dialect: each(each.META_SCHEMA) for dialect, each in oracles.items()}
    wrong = []
    for dialect, keyword, value in keyword_rules():
        schema: Json = {"$schema": URIS[dialect], keyword: value}
        found = problems(schema, "outputSchema", NEW)
        if (not found) != metaschemas[dialect].is_valid(schema):
            wrong.append((dialect.value, keyword, value, found))
    assert not wrong


def test_a_line_feed_ends_no_anchor_though_the_oracle_lets_it_pass() -> None:
    # The $ of the metaschema's pattern is that of ECMA-262; Python's matches before "\n" too.
    for keyword in ("$anchor", "$dynamicAnchor"):
        assert one({"type": "object", keyword: "a\n"}).pointer == f"/{keyword}"


def test_every_tool_of_the_released_servers_is_valid() -> None:
    files = sorted(CORPUS.glob("*/*.json"))
    assert files
    for file in files:
        listing: Any = parse(file.read_bytes())
        for tool in listing["tools"]:
            assert is_valid_in_every_revision(tool), (file.name, tool["name"])


# Total, and bounded.


@settings(max_examples=300, deadline=None)
@given(
    json_values | st.dictionaries(st.sampled_from(KEYWORDS), json_values),
    st.sampled_from(["inputSchema", "outputSchema"]),
    st.sampled_from(sorted(Revision)),
)
def test_nothing_that_a_server_sends_raises(schema: Json, which: Which, revision: Revision) -> None:
    for problem in schema_problems(schema, which, revision):
        assert problem.text


def deep(levels: int, wrap: str) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        inner = {wrap: {"a": inner} if wrap in ("properties", "$defs") else inner}
    return inner


@pytest.mark.parametrize("wrap", ["properties", "items", "not", "$defs", "additionalProperties"])
def test_depth_costs_no_recursion(wrap: str) -> None:
    levels = 400 if wrap in ("properties", "$defs") else 900
    schema = deep(levels, wrap) | {"type": "object"}
    spoiled = deep(levels, wrap) | {"type": "object"}
    innermost: Any = spoiled
    while wrap in innermost:
        innermost = innermost[wrap]
        innermost = innermost.get("a", innermost)
    innermost["$ref"] = "#/gone"
    limit = sys.getrecursionlimit()
    frames = 0
    frame: Any = sys._getframe()
    while frame is not None:
        frames, frame = frames + 1, frame.f_back
    sys.setrecursionlimit(frames + 40)
    try:
        found = schema_problems(schema, "inputSchema", OLD)
        refused = schema_problems(spoiled, "inputSchema", OLD)
    finally:
        sys.setrecursionlimit(limit)
    assert found == ()
    assert [problem.text for problem in refused] == ['"#/gone" leads to nothing in this schema']


@pytest.mark.parametrize("what", TOOLS)
def test_large_contracts_are_judged_in_linear_time(what: str) -> None:
    tools = TOOLS[what]()
    started = time.process_time()
    assert not any(tool_problems(tool, OLD, NEW) for tool in tools)
    assert time.process_time() - started < 3


def test_a_draft_4_enum_of_many_values_is_compared_in_linear_time() -> None:
    values: list[Json] = [[number, "a"] for number in range(50_000)]
    schema: Json = {"type": "object", "$schema": URIS[Dialect.DRAFT_04], "enum": values}
    started = time.process_time()
    assert not problems(schema)
    values.append([0, "a"])
    assert one(schema).pointer == "/enum"
    assert time.process_time() - started < 5


def test_a_schema_beyond_the_budget_is_undecided_and_not_valid() -> None:
    schema = with_properties(**{f"a{number}": {"type": "string"} for number in range(100)})
    (problem,) = schema_problems(schema, "inputSchema", OLD, steps=50)
    assert problem.kind is ProblemKind.UNDECIDED
    assert schema_problems(schema, "inputSchema", OLD, steps=1_000) == ()


def test_the_budget_is_enough_for_all_that_can_be_parsed() -> None:
    names = [str(number) for number in range(1_900_000)]
    assert not problems({"type": "object", "required": names})


def test_problems_beyond_a_few_are_counted() -> None:
    schema = with_properties(**{f"a{number}": {"type": "strin"} for number in range(100)})
    found = problems(schema)
    assert len(found) == PROBLEMS_SHOWN + 1
    assert found[-1] == SchemaProblem("", "and 95 more problems")


def test_the_worst_problems_come_first() -> None:
    doubtful = {f"a{number}": {"pattern": "(?i)a"} for number in range(100)}
    found = problems(with_properties(**doubtful, b={"type": "strin"}))
    assert [problem.kind for problem in found[:2]] == [ProblemKind.INVALID, ProblemKind.DOUBTFUL]


def test_a_pointer_that_a_server_made_very_long_is_cut() -> None:
    problem = one(with_properties(**{"a" * 1_000_000: {"type": "strin"}}))
    assert len(problem.pointer) < 3_000


# What the protocol adds.


@pytest.mark.parametrize("kind", sorted(set(INPUTS) - {"unknown-dialect"}))
def test_a_bad_input_schema_is_invalid(kind: str) -> None:
    assert problems(INPUTS[kind])[0].kind is ProblemKind.INVALID


@pytest.mark.parametrize("schema", [None, True, False, 5, "object", [], [{"type": "object"}]])
@pytest.mark.parametrize("which", ["inputSchema", "outputSchema"])
def test_a_schema_of_a_tool_is_an_object(schema: Json, which: Which) -> None:
    for revision in Revision:
        assert one(schema, which, revision).kind is ProblemKind.INVALID


def test_an_input_schema_is_required_and_an_output_schema_is_not() -> None:
    assert tool_problems({"name": "a", "inputSchema": {"type": "object"}}, OLD) == ()
    assert tool_problems({"name": "a"}, OLD) == (
        ("inputSchema", SchemaProblem("", "it is missing")),
    )


@pytest.mark.parametrize("root", [{}, {"type": "array"}, {"type": ["object"]}, {"type": "strin"}])
def test_the_root_of_an_input_schema_is_an_object_in_every_revision(root: Json) -> None:
    for revision in Revision:
        assert one(root, "inputSchema", revision).kind is ProblemKind.INVALID


@pytest.mark.parametrize("root", [{}, {"type": "array"}, {"type": ["object", "null"]}])
def test_the_root_of_an_output_schema_is_free_from_2026_07_28_on(root: Json) -> None:
    assert one(root, "outputSchema", OLD).kind is ProblemKind.INVALID
    assert one(root, "outputSchema", OLD, NEW).kind is ProblemKind.INVALID
    assert not problems(root, "outputSchema", NEW)


def test_a_property_that_is_no_object_is_doubtful_before_2026_07_28() -> None:
    assert one(with_properties(a=True)).kind is ProblemKind.DOUBTFUL
    assert not problems(with_properties(a=True), "inputSchema", NEW)
    assert not problems(with_properties(a={"not": True}))


# Dialects.


def test_the_dialect_is_2020_12_where_none_is_declared() -> None:
    tuple_ = with_properties(a={"type": "array", "items": [{}]})
    assert one(tuple_).pointer == "/properties/a/items"
    assert not problems(tuple_ | {"$schema": URIS[Dialect.DRAFT_07]})


@pytest.mark.parametrize("dialect", Dialect)
def test_an_empty_fragment_makes_no_difference_to_a_dialect(dialect: Dialect) -> None:
    for uri in (dialect.uri, dialect.uri + "#"):
        assert not problems({"type": "object", "$schema": uri})


def test_an_unknown_dialect_is_undecided() -> None:
    problem = one(INPUTS["unknown-dialect"])
    assert (problem.pointer, problem.kind) == ("/$schema", ProblemKind.UNDECIDED)


def test_an_unknown_dialect_excuses_no_root() -> None:
    kinds = [problem.kind for problem in problems({"$schema": "urn:mine", "type": "strin"})]
    assert kinds == [ProblemKind.INVALID, ProblemKind.UNDECIDED]


def test_a_dialect_with_the_wrong_scheme_is_doubtful_and_applied() -> None:
    schema = with_properties(a={"exclusiveMinimum": True, "minimum": 0})
    uri = URIS[Dialect.DRAFT_04].replace("http:", "https:")
    assert one(schema | {"$schema": uri}).kind is ProblemKind.DOUBTFUL
    assert one(schema).kind is ProblemKind.INVALID


def test_an_embedded_resource_may_have_a_dialect_of_its_own() -> None:
    inner = {"$id": "https://example.com/inner", "items": [{}]}
    assert one({"type": "object", "$defs": {"a": inner}}).pointer == "/$defs/a/items"
    inner["$schema"] = URIS[Dialect.DRAFT_07]
    assert not problems({"type": "object", "$defs": {"a": inner}})
    inner["$schema"] = "urn:mine"
    assert one({"type": "object", "$defs": {"a": inner}}).kind is ProblemKind.UNDECIDED


# References.


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_reference_that_leads_back_is_fine(kind: str) -> None:
    assert not problems(SCHEMAS[kind])


@pytest.mark.parametrize(
    "reference",
    [
        "http://example.com/a.json",
        "https://[",
        "file:///etc/passwd",
        "a.json",
        "//host/a",
        "urn:a",
        "?",
    ],
)
def test_a_reference_to_elsewhere_is_invalid(reference: str) -> None:
    problem = one(with_properties(a={"$ref": reference}))
    assert problem.pointer == "/properties/a/$ref"
    assert "never fetched" in problem.text


@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef"])
def test_a_dangling_reference_is_invalid_even_where_nobody_uses_it(keyword: str) -> None:
    schema = {"type": "object", "$defs": {"unused": {"items": {keyword: "#/$defs/gone"}}}}
    assert one(schema).pointer == f"/$defs/unused/items/{keyword}"


def test_a_dangling_recursive_reference_is_invalid() -> None:
    schema = {"type": "object", "$schema": URIS[Dialect.D2019_09], "$recursiveRef": "#/gone"}
    assert one(schema).pointer == "/$recursiveRef"
    assert not problems(schema | {"$recursiveRef": "#"})


@pytest.mark.parametrize("keyword", ["const", "default", "examples", "enum", "x-mine"])
def test_what_looks_like_a_reference_inside_data_is_none(keyword: str) -> None:
    data: Json = {"$ref": "http://example.com/gone"}
    assert not problems(with_properties(a={keyword: [data]}))


def test_a_property_named_like_a_keyword_is_a_property() -> None:
    names = ("$ref", "$dynamicRef", "$id", "$schema", "type", "required", "enum", "x-mcp-header")
    assert not problems(with_properties(**{name: {"type": "string"} for name in names}))


def test_a_reference_to_the_metaschema_needs_no_fetching() -> None:
    for dialect in Dialect:
        uri = URIS[dialect]
        assert not problems(with_properties(a={"$ref": uri}) | {"$schema": uri})
    assert not problems(
        with_properties(a={"$ref": "https://json-schema.org/draft/2020-12/meta/core"})
    )


def test_what_a_reference_leads_to_is_judged_as_a_schema() -> None:
    leads = with_properties(a={"$ref": "#/components/a"})
    assert not problems(leads | {"components": {"a": {"type": "string"}}})
    assert not problems(leads | {"components": {"a": True}})
    assert one(leads | {"components": {"a": {"type": "strin"}}}).pointer == "/components/a/type"
    assert "no schema" in one(leads | {"components": {"a": "string"}}).text
    further = {"components": {"a": {"$ref": "#/components/b"}, "b": {"$ref": "#/components/c"}}}
    assert one(leads | further).pointer == "/components/b/$ref"


def test_identifiers_too_long_to_be_joined_leave_references_undecided() -> None:
    inner = {"$id": "b", "items": {"$ref": "c"}}
    schema = {"type": "object", "$id": "http://a/" + "a" * 3_000_000 + "/"}
    problem = one(schema | {"$defs": {"b": inner}})
    assert problem.kind is ProblemKind.UNDECIDED


# Patterns.


@pytest.mark.parametrize("pattern", [*ECMA, *CATASTROPHIC])
def test_a_pattern_of_ecma_262_is_valid(pattern: str) -> None:
    bait = "a" * 5_000 + "!"
    assert not problems(with_properties(a={"pattern": pattern, "default": bait}))
    assert not problems({"type": "object", "patternProperties": {pattern: {}}})


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("(a", ProblemKind.INVALID),
        ("a)", ProblemKind.INVALID),
        ("[a", ProblemKind.INVALID),
        ("*", ProblemKind.INVALID),
        ("a|+", ProblemKind.INVALID),
        ("(?:?)", ProblemKind.INVALID),
        ("a**", ProblemKind.INVALID),
        ("a\\", ProblemKind.INVALID),
        ("(?i)a", ProblemKind.DOUBTFUL),
        ("(?P<name>a)", ProblemKind.DOUBTFUL),
        ("a++", ProblemKind.DOUBTFUL),
        ("[](]", ProblemKind.DOUBTFUL),
    ],
)
def test_a_pattern_that_is_none_is_told(pattern: str, kind: ProblemKind) -> None:
    assert one(with_properties(a={"pattern": pattern})).kind is kind
    assert one({"type": "object", "patternProperties": {pattern: {}}}).kind is kind


# Headers that repeat arguments.


@pytest.mark.parametrize("type_", ["string", "integer", "boolean"])
def test_a_header_on_a_property_is_valid_at_any_depth(type_: str) -> None:
    annotated = {"type": type_, "x-mcp-header": "Region"}
    assert not problems(with_properties(a=annotated))
    assert not problems(with_properties(a=with_properties(b=annotated)))


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "ä", 5, None, ["a"]])
def test_a_header_that_is_no_field_name_is_invalid(name: Json) -> None:
    problem = one(with_properties(a={"type": "string", "x-mcp-header": name}))
    assert (problem.pointer, problem.kind) == ("/properties/a/x-mcp-header", ProblemKind.INVALID)


@pytest.mark.parametrize("type_", ["number", "object", "array", "null"])
def test_a_header_on_another_type_is_invalid(type_: str) -> None:
    problem = one(with_properties(a={"type": type_, "x-mcp-header": "Region"}))
    assert problem.kind is ProblemKind.INVALID


@pytest.mark.parametrize("schema", [{}, {"type": ["string", "null"]}, {"enum": ["a"]}])
def test_a_header_on_a_type_of_many_words_is_doubtful(schema: dict[str, Json]) -> None:
    problem = one(with_properties(a=schema | {"x-mcp-header": "Region"}))
    assert problem.kind is ProblemKind.DOUBTFUL


def test_headers_differ_in_more_than_case() -> None:
    first = {"type": "string", "x-mcp-header": "Region"}
    second = {"type": "string", "x-mcp-header": "REGION"}
    assert one(with_properties(a=first, b=second)).pointer == "/properties/b/x-mcp-header"


@pytest.mark.parametrize("wrap", ["items", "not", "if", "then", "additionalProperties", "contains"])
def test_a_header_that_more_than_properties_lead_to_is_invalid(wrap: str) -> None:
    annotated = {"type": "string", "x-mcp-header": "Region"}
    assert one(with_properties(a={wrap: annotated})).kind is ProblemKind.INVALID
    assert one(with_properties(a={wrap: with_properties(b=annotated)})).kind is ProblemKind.INVALID


def test_a_header_on_the_root_or_in_a_definition_is_invalid() -> None:
    annotated = {"type": "string", "x-mcp-header": "Region"}
    assert one({"type": "object", "x-mcp-header": "Region"}).kind is ProblemKind.INVALID
    schema = with_properties(a={"$ref": "#/$defs/a"}) | {"$defs": {"a": annotated}}
    assert one(schema).pointer == "/$defs/a/x-mcp-header"


def test_a_header_means_nothing_before_2026_07_28_nor_in_an_output_schema() -> None:
    schema = with_properties(a={"x-mcp-header": ""})
    assert not problems(schema, "inputSchema", OLD)
    assert not problems(schema, "outputSchema", NEW)
