"""Which change bears a witness: the one that, made to a hybrid of both schemas, has it refused."""

from typing import Any

import pytest
from hypothesis import given

from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.blame import blamed
from mcpverify.drift.verdicts.hybrid import Ground, Group, groups_of
from mcpverify.facts.change import Change
from mcpverify.facts.contract import contract_of
from mcpverify.facts.json_text import Json, canonical_text
from tests.strategies import objects, schemas


def changed(snapshot: Json, live: Json) -> list[Change]:
    """All that differs between two schemas, whatever it means."""
    one, other = ({"name": "t", "inputSchema": each} for each in (snapshot, live))
    return [each for each in changes(contract_of([one]), contract_of([other])) if each.pointer]


def canonical(schema: Json) -> Json:
    """With its sets in order."""
    return contract_of([{"name": "t", "inputSchema": schema}]).tools[0].definition["inputSchema"]


def pointers(groups: list[Group]) -> list[list[str]]:
    return [[each.pointer.removeprefix("/inputSchema") for each in g.changes] for g in groups]


# Hybrids


@pytest.mark.parametrize("reverse", [False, True])
@given(schemas.filter(lambda s: isinstance(s, dict)), schemas.filter(lambda s: isinstance(s, dict)))
def test_all_changes_made_lead_from_one_schema_to_the_other(
    reverse: bool, snapshot: Any, live: Any
) -> None:
    snapshot, live = canonical(snapshot), canonical(live)
    ground = Ground(live, snapshot, True) if reverse else Ground(snapshot, live, False)
    before = canonical_text([snapshot, live])
    made = ground.hybrid(groups_of(ground, changed(snapshot, live)))
    assert canonical_text(canonical(made)) == canonical_text(ground.acceptor)
    assert canonical_text([snapshot, live]) == before


@given(schemas.filter(lambda s: isinstance(s, dict)), objects)
def test_no_change_made_leaves_the_producer(schema: Any, other: Any) -> None:
    assert Ground(schema, other, False).hybrid([]) == schema


def test_every_change_stands_in_one_group() -> None:
    snapshot: Json = {
        "properties": {"a": {"anyOf": [{"type": "string"}, {"maximum": 1}]}, "b": {"enum": [1, 2]}},
    }
    live: Json = {
        "properties": {"a": {"anyOf": [{"type": "null"}, {"maximum": 2}]}, "b": {"enum": [3]}},
        "required": ["a", "b"],
    }
    found = changed(snapshot, live)
    groups = groups_of(Ground(snapshot, live, False), found)
    assert sorted(index for group in groups for index in group.indexes) == [*range(len(found))]


def test_what_lies_below_a_list_is_one_group() -> None:
    snapshot: Json = {"anyOf": [{"type": "string"}, {"not": {"maximum": 1}}], "minProperties": 1}
    live: Json = {"anyOf": [{"type": "null"}, {"not": {"maximum": 2}}], "minProperties": 2}
    groups = groups_of(Ground(snapshot, live, False), changed(snapshot, live))
    assert sorted(pointers(groups)) == [
        ["/anyOf/0/type", "/anyOf/1/not/maximum"],
        ["/minProperties"],
    ]


def test_a_renamed_property_and_its_required_names_are_one_group() -> None:
    snapshot: Json = {"properties": {"q": {"type": "string"}}, "required": ["q"]}
    live: Json = {"properties": {"query": {"type": "string"}}, "required": ["query", "n"]}
    groups = groups_of(Ground(snapshot, live, False), changed(snapshot, live))
    assert pointers(groups) == [["/properties/q", "/required", "/required"], ["/required"]]


def test_definitions_come_before_what_refers_to_them_and_go_last() -> None:
    snapshot: Json = {"$ref": "#/$defs/a", "$defs": {"a": {}, "c": {}}, "maximum": 1}
    live: Json = {"$ref": "#/$defs/b", "$defs": {"b": {}, "c": {}}}
    groups = groups_of(Ground(snapshot, live, False), changed(snapshot, live))
    assert pointers(groups) == [["/$defs/b"], ["/maximum"], ["/$ref"], ["/$defs/a"]]


# Blame


def flipping(*refusing: str) -> Any:
    """Refuses every hybrid in which one of these pointers is as in the live schema."""

    def refusal(schema: Any) -> str | None:
        found = [each for each in refusing if schema.get(each, 0) == 2]
        return f"for {', '.join(found)}" if found else None

    return refusal


def laid_at(refusing: tuple[str, ...], names: str = "abcdefgh") -> dict[str, str]:
    snapshot: Json = dict.fromkeys(names, 1)
    live: Json = dict.fromkeys(names, 2)
    ground = Ground(snapshot, live, False)
    found = blamed(ground, groups_of(ground, changed(snapshot, live)), flipping(*refusing))
    return {each.group.steps[0]: each.refusal for each in found}


@pytest.mark.parametrize("name", "abcdefgh")
def test_the_one_change_that_has_it_refused_is_blamed(name: str) -> None:
    assert laid_at((name,)) == {name: f"for {name}"}


def test_each_change_that_has_it_refused_alone_is_blamed_in_its_own_words() -> None:
    assert laid_at(("b", "g", "h")) == {"b": "for b", "g": "for g", "h": "for h"}


def test_nothing_is_blamed_for_what_nothing_refuses() -> None:
    assert laid_at(()) == {}


def test_a_change_that_another_one_makes_up_for_is_not_blamed() -> None:
    snapshot: Json = {"a": 1, "b": 1, "c": 1}
    live: Json = {"a": 2, "b": 2, "c": 2}
    ground = Ground(snapshot, live, False)

    def refusal(schema: Any) -> str | None:
        # What `a` refuses, `b` allows again.
        return "no" if schema["c"] == 2 or (schema["a"] == 2 and schema["b"] == 1) else None

    found = blamed(ground, groups_of(ground, changed(snapshot, live)), refusal)
    assert [each.group.steps for each in found] == [("c",)]


def test_hybrids_are_made_a_few_times_and_not_once_for_each_change() -> None:
    names = [f"p{number}" for number in range(1_000)]
    snapshot: Json = dict.fromkeys(names, 1)
    live: Json = dict.fromkeys(names, 2)
    ground = Ground(snapshot, live, False)
    asked = []

    def refusal(schema: Any) -> str | None:
        asked.append(schema)
        return "no" if schema["p700"] == 2 else None

    (found,) = blamed(ground, groups_of(ground, changed(snapshot, live)), refusal)
    assert found.group.steps == ("p700",)
    assert len(asked) < 20
