"""Containment beyond single keywords: recursion, bounds on the work, nonsense."""

import copy

import pytest

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.prover import Proven, Refuted, Undecided, contained
from mcpverify.facts.json_text import Json

TEXT: Json = {"type": "string"}


def tree(value: str, *, name: str = "tree") -> dict[str, Json]:
    """A schema that holds itself."""
    node: Json = {
        "type": "object",
        "properties": {
            "value": {"type": value},
            "children": {"type": "array", "items": {"$ref": f"#/$defs/{name}"}},
        },
        "required": ["value"],
    }
    return {"$ref": f"#/$defs/{name}", "$defs": {name: node}}


def union(size: int) -> dict[str, Json]:
    """Objects told apart by `kind`."""
    branches: list[Json] = [
        {
            "type": "object",
            "properties": {"kind": {"const": f"k{number}"}, "value": {"type": "integer"}},
            "required": ["kind"],
        }
        for number in range(size)
    ]
    return {"oneOf": branches}


def test_a_recursive_schema_is_proven_against_itself_under_another_name() -> None:
    assert contained(tree("integer"), tree("integer", name="node"), Budget()) == Proven()


def test_a_recursive_schema_that_loosens_is_proven() -> None:
    assert contained(tree("integer"), tree("number"), Budget()) == Proven()


def test_a_recursive_schema_that_tightens_is_refuted() -> None:
    answer = contained(tree("number"), tree("integer"), Budget())
    assert answer == Refuted({"value": 1.5})


def test_a_recursive_schema_that_tightens_only_in_its_depth_is_refuted_there() -> None:
    tight = tree("number")
    tight["properties"] = {"children": {"items": {"properties": {"children": {"maxItems": 0}}}}}
    answer = contained(tree("number"), tight, Budget())
    assert isinstance(answer, Refuted)
    assert answer.value["children"][0]["children"]  # type: ignore[index, call-overload]


def test_a_schema_that_refers_to_nothing_but_itself_is_not_proven() -> None:
    circle: Json = {"$ref": "#"}
    assert isinstance(contained(TEXT, circle, Budget()), Undecided)


def test_one_branch_of_forty_that_tightens_is_found() -> None:
    tight = copy.deepcopy(union(40))
    tight["oneOf"][17]["properties"]["value"]["maximum"] = 9  # type: ignore[index, call-overload]
    answer = contained(union(40), tight, Budget())
    assert isinstance(answer, Refuted)
    assert answer.value["kind"] == "k17"  # type: ignore[index, call-overload]


def test_one_branch_of_forty_that_loosens_is_proven() -> None:
    loose = copy.deepcopy(union(40))
    loose["oneOf"][17]["properties"]["value"]["type"] = "number"  # type: ignore[index, call-overload]
    assert contained(union(40), loose, Budget()) == Proven()


def test_overlapping_branches_of_one_of_refuse_what_fits_both() -> None:
    anyone: Json = {"anyOf": [{"type": "integer"}, {"minimum": 5}]}
    answer = contained(anyone, {"oneOf": anyone["anyOf"]}, Budget())  # type: ignore[index, call-overload]
    assert isinstance(answer, Refuted)
    assert isinstance(answer.value, int)
    assert answer.value >= 5


def test_a_number_that_only_an_item_must_equal_is_produced_however_large() -> None:
    old, new = ({"type": "array", "contains": {"const": 2**53 + odd}} for odd in (1, 0))
    assert contained(old, new, Budget()) == Refuted([2**53 + 1])


def test_a_default_makes_the_witness() -> None:
    old: Json = {"properties": {"city": {"type": "string", "default": "Oslo"}}}
    new: Json = {"properties": {"city": {"type": "integer"}}}
    assert contained(old, new, Budget()) == Refuted({"city": "Oslo"})


def test_too_few_steps_are_told() -> None:
    answer = contained(union(40), union(39), Budget(steps=100))
    assert answer == Undecided("the judgement ran out of its 100 steps", exhausted=True)


def test_too_little_time_is_told() -> None:
    ticks = iter(range(1_000_000))
    answer = contained(union(40), union(39), Budget(clock=lambda: float(next(ticks))))
    assert isinstance(answer, Undecided)
    assert answer.by_time


@pytest.mark.parametrize("steps", [1, 7, 50, 333, 1500])
def test_fewer_steps_never_turn_an_answer_round(steps: int) -> None:
    answer = contained(union(12), union(13), Budget(steps))
    assert answer == Proven() or isinstance(answer, Undecided)


@pytest.mark.parametrize(
    "nonsense",
    [None, 3, "x", [], {"type": "nonsense"}, {"properties": []}, {"$ref": "https://x.test/a"},
     {"$ref": "#/nowhere"}, {"$schema": "https://example.com/mine"}, {"minimum": "1"}],
    ids=str,
)  # fmt: skip
def test_nonsense_is_never_proven_to_accept_anything(nonsense: Json) -> None:
    assert isinstance(
        contained({"type": ["string", "object", "number"]}, nonsense, Budget()), Undecided
    )


def test_deep_schemas_end() -> None:
    deep: Json = TEXT
    other: Json = {"type": "integer"}
    for _ in range(3_000):
        deep, other = {"properties": {"x": deep}}, {"properties": {"x": other}}
    assert isinstance(contained(deep, other, Budget()), Undecided)
