"""The values that are tried where the search did not settle the question."""

from random import Random

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.candidates import MOST, candidates
from mcpverify.facts.json_text import Json

OLD: Json = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
    "required": ["a"],
}


def tried(producer: Json, acceptor: Json, steps: int = 20_000) -> list[Json]:
    return list(candidates(producer, acceptor, Budget(steps), Random(0)))


def test_every_declared_property_is_tried() -> None:
    assert any("b" in value for value in tried(OLD, True))  # type: ignore[operator]


def test_what_a_keyword_that_is_not_modelled_refuses_is_tried() -> None:
    new: Json = {"properties": {"a": True}, "unevaluatedProperties": False}
    assert any("b" in value for value in tried(OLD, new))  # type: ignore[operator]


def test_no_candidate_comes_twice_and_there_are_not_too_many() -> None:
    found = tried(OLD, True)
    assert len(found) == len({str(each) for each in found}) <= MOST


def test_the_same_chance_makes_the_same_candidates() -> None:
    assert tried(OLD, True) == tried(OLD, True)


def test_a_spent_budget_ends_them() -> None:
    assert tried(OLD, True, steps=3) == []
