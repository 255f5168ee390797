"""References resolved in place: RFC 3986 and the identifiers of JSON Schema."""

from typing import Any

import pytest

from mcpverify.facts.dialect import Dialect
from mcpverify.facts.json_text import Json
from mcpverify.facts.schema import subschemas
from mcpverify.facts.schema_references import Miss, References, Target

D7, D2019, D2020 = Dialect.DRAFT_07, Dialect.D2019_09, Dialect.D2020_12


def led_to(schema: dict[str, Any], reference: str, dialect: Dialect = D2020) -> Any:
    """What `reference` leads to from the root of `schema`."""
    references = References(schema, dialect)
    found = references.target(references.root, reference)
    return found.value if isinstance(found, Target) else found


def led_to_from(schema: dict[str, Any], pointer: str, dialect: Dialect = D2020) -> Any:
    """What the `$ref` of the subschema at `pointer` leads to."""
    references = References(schema, dialect)
    place = next(place for place in subschemas(schema) if place.pointer == pointer)
    reference = place.schema["$ref"]
    assert isinstance(reference, str)
    found = references.target(references.resource_of(place), reference)
    return found.value if isinstance(found, Target) else found


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("#", {"$defs": {"a/b": 1, "c%d": 2, "e~f": 3, " ": 4, "": 5}, "list": [6, [7]]}),
        ("#/$defs/a~1b", 1),
        ("#/$defs/c%25d", 2),
        ("#/%24defs/e~0f", 3),
        ("#/$defs/%20", 4),
        ("#/$defs/", 5),
        ("#/list/0", 6),
        ("#/list/1/0", 7),
        ("#/list/2", Miss.NOWHERE),
        ("#/list/00", Miss.NOWHERE),
        ("#/list/-", Miss.NOWHERE),
        ("#/list/+1", Miss.NOWHERE),
        ("#/list/0/0", Miss.NOWHERE),
        ("#/list/99999999999999999999", Miss.NOWHERE),
        ("#/gone", Miss.NOWHERE),
        ("#list", Miss.NOWHERE),
        ("", {"$defs": {"a/b": 1, "c%d": 2, "e~f": 3, " ": 4, "": 5}, "list": [6, [7]]}),
    ],
)
def test_a_json_pointer_leads_through_objects_and_lists(reference: str, value: Json) -> None:
    schema = {"$defs": {"a/b": 1, "c%d": 2, "e~f": 3, " ": 4, "": 5}, "list": [6, [7]]}
    assert led_to(schema, reference) == value


# RFC 3986, sections 5.4.1 and 5.4.2.
EXAMPLES = {
    "g:h": "g:h",
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    ";x": "http://a/b/c/;x",
    "g;x?y": "http://a/b/c/g;x?y",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../g": "http://a/g",
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    ".g": "http://a/b/c/.g",
    "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g",
    "./g/.": "http://a/b/c/g/",
    "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "http:g": "http:g",
}


@pytest.mark.parametrize("reference", EXAMPLES)
def test_identifiers_are_joined_as_rfc_3986_has_it(reference: str) -> None:
    found: Json = {"$id": EXAMPLES[reference], "const": 1}
    schema = {"$id": "http://a/b/c/d;p?q", "$defs": {"found": found}}
    assert led_to(schema, reference) == found
    # The other way round: the identifier is relative, the reference absolute.
    found = {"$id": reference, "const": 1}
    schema = {"$id": "http://a/b/c/d;p?q", "$defs": {"found": found}}
    assert led_to(schema, EXAMPLES[reference]) == found


@pytest.mark.parametrize("base", ["urn:example:a", "tool.json", "mine://host/dir/a", "/a/b"])
def test_a_root_of_any_scheme_is_found_by_its_identifier(base: str) -> None:
    schema = {"$id": base, "$defs": {"a": {"const": 1}}}
    assert led_to(schema, base) == schema
    assert led_to(schema, base + "#/$defs/a") == {"const": 1}
    assert led_to(schema, "#/$defs/a") == {"const": 1}


def test_an_identifier_relative_to_a_scheme_of_ones_own_is_joined() -> None:
    found: Json = {"$id": "b", "const": 1}
    schema = {"$id": "mine://host/dir/a", "$defs": {"b": found}}
    assert led_to(schema, "mine://host/dir/b") == found


@pytest.mark.parametrize("reference", ["http://a/x", "x", "//", "http://[", "x#/$defs", "?x"])
def test_another_document_is_elsewhere(reference: str) -> None:
    assert led_to({"$id": "http://a/b", "$defs": {}}, reference) is Miss.ELSEWHERE


def test_the_published_metaschemas_are_at_hand_everywhere() -> None:
    for dialect in Dialect:
        assert led_to({}, dialect.uri) is Miss.METASCHEMA
        assert led_to({}, dialect.uri + "#/definitions/a") is Miss.METASCHEMA
    assert led_to({}, "http://json-schema.org/draft-03/schema#") is Miss.ELSEWHERE


def test_a_fragment_is_looked_up_in_the_resource_it_stands_in() -> None:
    inner: Any = {
        "$id": "inner",
        "$defs": {"a": {"const": "inner"}},
        "items": {"$ref": "#/$defs/a"},
    }
    schema: Any = {
        "$defs": {"a": {"const": "root"}, "inner": inner},
        "items": {"$ref": "#/$defs/a"},
    }
    assert led_to_from(schema, "/items") == {"const": "root"}
    assert led_to_from(schema, "/$defs/inner/items") == {"const": "inner"}
    # A pointer may cross into another resource: what it finds belongs to that one.
    references = References(schema, D2020)
    found = references.target(references.root, "#/$defs/inner/items")
    assert isinstance(found, Target)
    assert found.resource.uri == "inner"
    assert found.place is not None
    assert found.place.pointer == "/$defs/inner/items"


def test_an_anchor_belongs_to_its_resource() -> None:
    inner = {"$id": "inner", "items": {"$anchor": "a", "const": "inner"}}
    schema = {"items": {"$anchor": "a", "const": "root"}, "$defs": {"inner": inner}}
    assert led_to(schema, "#a") == schema["items"]
    assert led_to(schema, "inner#a") == inner["items"]
    assert led_to(schema, "inner#b") is Miss.NOWHERE


def test_a_dynamic_anchor_is_an_anchor_too() -> None:
    assert led_to({"$dynamicAnchor": "a"}, "#a") == {"$dynamicAnchor": "a"}


def test_the_older_drafts_write_anchors_as_identifiers() -> None:
    anchored = {"$id": "#a", "const": 1}
    assert led_to({"definitions": {"a": anchored}}, "#a", D7) == anchored
    assert led_to({"definitions": {"a": anchored}}, "#a", D2019) is Miss.NOWHERE
    both = {"$id": "b.json#a", "const": 1}
    assert led_to({"definitions": {"a": both}}, "b.json#a", D7) == both
    assert led_to({"definitions": {"a": {"$anchor": "a"}}}, "#a", D7) is Miss.NOWHERE


def test_draft_4_writes_id() -> None:
    inner = {"id": "inner", "enum": [1]}
    assert led_to({"definitions": {"a": inner}}, "inner", Dialect.DRAFT_04) == inner
    assert led_to({"definitions": {"a": inner}}, "inner", D7) is Miss.ELSEWHERE


def test_the_older_drafts_ignore_an_identifier_beside_a_reference() -> None:
    schema = {"definitions": {"a": {"$id": "inner", "$ref": "#/definitions/b"}, "b": {}}}
    assert led_to_from(schema, "/definitions/a", D7) == {}
    schema = {"$defs": {"a": {"$id": "inner", "$ref": "#/$defs/b"}, "b": {}}}
    assert led_to_from(schema, "/$defs/a", D2020) is Miss.NOWHERE


def test_an_identifier_inside_data_is_none() -> None:
    schema = {"const": {"$id": "a"}, "default": {"$id": "b"}, "enum": [{"$id": "c"}]}
    for name in "abc":
        assert led_to(schema, name) is Miss.ELSEWHERE


def test_a_budget_of_characters_bounds_the_joining() -> None:
    schema: Any = {"$id": "http://a/" + "a" * 1_000, "$defs": {"b": {"$id": "b"}}}
    references = References(schema, D2020, characters=3_100)
    assert isinstance(references.target(references.root, "b"), Target)
    assert references.target(references.root, "b") is Miss.TOO_LONG
    assert isinstance(references.target(references.root, "#/$defs/b"), Target)
    short = References(schema, D2020, characters=100)
    assert short.target(short.root, "#/gone") is Miss.TOO_LONG
