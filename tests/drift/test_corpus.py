"""Released tool lists, pair by pair, judged as an expert judged them: forward, backward, alone."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.compatibility import Compatibility, EntryDrift, JudgedChange, Side
from mcpverify.facts.contract import Contract, contract_of
from tests.drift.confirmation import only_one_side_takes
from tests.drift.single_edits import CORPUS, FIELDS

PAIRS: list[dict[str, Any]] = json.loads((CORPUS / "TRUTH.json").read_bytes())["pairs"]

# (server, newer release, tool): why the verdict is another than the expert's. None is.
ARGUED: dict[tuple[str, str, str], str] = {}


def told(pair: dict[str, Any]) -> str:
    return f"{pair['server']}-{pair['old']}-{pair['new']}"


every_pair = pytest.mark.parametrize("pair", PAIRS, ids=told)
both_ways = pytest.mark.parametrize("way", [("old", "new"), ("new", "old")], ids=" to ".join)


def tools_of(pair: dict[str, Any], release: str) -> list[dict[str, Any]]:
    file = CORPUS / pair["server"] / f"{pair[release]}.json"
    tools: list[dict[str, Any]] = json.loads(file.read_bytes())["tools"]
    return tools


def contract(pair: dict[str, Any], release: str) -> Contract:
    return contract_of(tools_of(pair, release))


def drift(snapshot: Contract, live: Contract) -> tuple[EntryDrift, ...]:
    return judged(snapshot, live, changes(snapshot, live))


def broken(entries: tuple[EntryDrift, ...]) -> Iterator[tuple[str, JudgedChange]]:
    for entry in entries:
        for change in entry.changes:
            if change.compatibility is Compatibility.BREAKING:
                yield entry.name, change


@every_pair
def test_every_tool_is_judged_as_the_expert_did(pair: dict[str, Any]) -> None:
    found = {e.name: e.compatibility for e in drift(contract(pair, "old"), contract(pair, "new"))}
    expected = {
        name: verdict
        for name, verdict in pair["tools"].items()
        if (pair["server"], pair["new"], name) not in ARGUED
    }
    assert {name: found.get(name, Compatibility.IDENTICAL).value for name in expected} == expected
    assert found.keys() <= pair["tools"].keys()


@every_pair
@both_ways
def test_what_breaks_is_shown_by_a_value_that_only_one_side_takes(
    pair: dict[str, Any], way: tuple[str, str]
) -> None:
    snapshot, live = ({tool["name"]: tool for tool in tools_of(pair, each)} for each in way)
    for name, judgement in broken(drift(contract(pair, way[0]), contract(pair, way[1]))):
        witness = judgement.witness
        if witness is None:
            assert name not in live or "outputSchema" not in live[name]
            continue
        field = FIELDS[witness.side]
        old, new = snapshot[name][field], live[name][field]
        producer, acceptor = (old, new) if witness.side is Side.INPUT else (new, old)
        assert only_one_side_takes(producer, acceptor, witness.value)


@every_pair
@both_ways
def test_nothing_is_left_undecided_either_way(pair: dict[str, Any], way: tuple[str, str]) -> None:
    entries = drift(contract(pair, way[0]), contract(pair, way[1]))
    assert [e.name for e in entries if e.compatibility is Compatibility.UNDECIDED] == []


@every_pair
@both_ways
def test_a_tool_that_is_gone_one_way_is_new_the_other(
    pair: dict[str, Any], way: tuple[str, str]
) -> None:
    old, new = ({tool["name"] for tool in tools_of(pair, each)} for each in way)
    entries = drift(contract(pair, way[0]), contract(pair, way[1]))
    found = {entry.name: entry.compatibility for entry in entries}
    assert {found[name] for name in old - new} <= {Compatibility.BREAKING}
    assert {found[name] for name in new - old} <= {Compatibility.COMPATIBLE}


@every_pair
@pytest.mark.parametrize("release", ["old", "new"])
def test_a_release_against_itself_is_silent(pair: dict[str, Any], release: str) -> None:
    assert drift(contract(pair, release), contract(pair, release)) == ()


def test_every_argued_exception_is_of_a_pair_of_the_corpus() -> None:
    known = {(pair["server"], pair["new"], name) for pair in PAIRS for name in pair["tools"]}
    assert ARGUED.keys() <= known
