"""What a change of its arguments means to those who use a prompt."""

import pytest

from mcpverify.facts.compatibility import Compatibility, EntryDrift
from mcpverify.facts.contract import contract_of
from mcpverify.facts.json_text import Json
from tests.drift.judging import BEHAVIORAL, BREAKING, COMPATIBLE, UNDECIDED, between


def of_prompt(snapshot: list[Json], live: list[Json]) -> EntryDrift:
    one, other = ([{"name": "p", "arguments": each}] for each in (snapshot, live))
    (entry,) = between(contract_of([], one), contract_of([], other))
    return entry


A: dict[str, Json] = {"name": "a", "required": True}
B: dict[str, Json] = {"name": "b"}


def test_a_prompt_that_asks_for_more_breaks() -> None:
    for live in ([A, B | {"required": True}], [A, {"name": "c", "required": True}, B]):
        change = of_prompt([A, B], live).changes[0]
        assert change.compatibility is BREAKING
        assert change.witness is not None
        assert change.witness.value == {"a": "text"}
        assert "is a required property" in change.witness.refusal


@pytest.mark.parametrize(
    ("snapshot", "live", "verdict"),
    [
        ([A], [A, B], COMPATIBLE),
        ([A], [{"name": "a"}], COMPATIBLE),
        ([B], [B | {"required": False}], COMPATIBLE),
        ([A, B], [A], BEHAVIORAL),
        ([A, B], [B, A], BEHAVIORAL),
        ([A], [A | {"description": "x"}], BEHAVIORAL),
        ([A], [A | {"x": 1}], BEHAVIORAL),
        ([A, A], [A, B], UNDECIDED),
    ],
)
def test_a_prompt_that_asks_for_no_more_breaks_nothing(
    snapshot: list[Json], live: list[Json], verdict: Compatibility
) -> None:
    assert of_prompt(snapshot, live).compatibility is verdict


def test_arguments_that_come_or_go_at_once_are_judged_one_by_one() -> None:
    none: Json = {"name": "p"}
    some: Json = {"name": "p", "arguments": [A, B]}
    (come,) = between(contract_of([], [none]), contract_of([], [some]))
    (gone,) = between(contract_of([], [some]), contract_of([], [none]))
    assert [each.compatibility for each in come.changes] == [BREAKING, COMPATIBLE]
    assert [each.compatibility for each in gone.changes] == [BEHAVIORAL, BEHAVIORAL]
