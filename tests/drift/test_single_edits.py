"""Single edits on real tools, judged: none wrongly, and next to none left undecided.

Some of each kind here; `make bench` judges all of them.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from mcpverify.facts.compatibility import Compatibility, EntryDrift, Side, Witness, worst
from tests.drift.confirmation import only_one_side_takes
from tests.drift.single_edits import Edit, drift_of, sample, single_edits

OF_EACH = 2
UNDECIDED_AT_MOST = 0.005

Judged = list[tuple[Edit, tuple[EntryDrift, ...]]]


@pytest.fixture(scope="module")
def every_edit() -> list[Edit]:
    return list(single_edits())


@pytest.fixture(scope="module")
def judged_edits(every_edit: list[Edit]) -> Judged:
    return [(edit, drift_of(edit)) for edit in sample(every_edit, OF_EACH)]


def verdict(entries: tuple[EntryDrift, ...]) -> Compatibility:
    return worst(entry.compatibility for entry in entries)


def witnesses(entries: tuple[EntryDrift, ...]) -> Iterator[Witness]:
    for entry in entries:
        for change in entry.changes:
            if change.witness is not None:
                yield change.witness


def test_no_edit_is_judged_otherwise_than_it_was_made(judged_edits: Judged) -> None:
    wrong = [
        f"{edit.id}: {edit.truth}, judged {verdict(entries)}"
        for edit, entries in judged_edits
        if verdict(entries) not in (edit.truth, Compatibility.UNDECIDED)
    ]
    assert wrong == []


def test_next_to_no_edit_is_left_undecided(judged_edits: Judged) -> None:
    undecided = [
        edit.id for edit, entries in judged_edits if verdict(entries) is Compatibility.UNDECIDED
    ]
    assert len(undecided) <= UNDECIDED_AT_MOST * len(judged_edits), undecided


def test_every_schema_that_breaks_is_shown_by_a_value(judged_edits: Judged) -> None:
    silent = [
        edit.id
        for edit, entries in judged_edits
        if edit.side is not None
        and verdict(entries) is Compatibility.BREAKING
        and not any(witnesses(entries))
    ]
    assert silent == []


def test_every_value_shown_is_taken_by_the_one_side_and_refused_by_the_other(
    judged_edits: Judged,
) -> None:
    doubtful = [
        (edit.id, witness)
        for edit, entries in judged_edits
        if edit.side is not None
        for witness in witnesses(entries)
        if not only_one_side_takes(*edit.pair, witness.value)
    ]
    assert doubtful == []


def test_the_edits_reach_every_verdict_on_both_sides(judged_edits: Judged) -> None:
    found = Counter((edit.side, edit.truth) for edit, _ in judged_edits)
    decided = set(Compatibility) - {Compatibility.UNDECIDED}
    assert {(side, truth) for side in Side for truth in decided} <= set(found)


def test_every_edit_of_a_schema_has_its_mirror(every_edit: list[Edit]) -> None:
    made = {edit.id for edit in every_edit if edit.side is not None}
    assert all(mirror(identity) in made for identity in made)


def test_every_edit_has_an_id_of_its_own(every_edit: list[Edit]) -> None:
    assert len({edit.id for edit in every_edit}) == len(every_edit)


def mirror(identity: str) -> str:
    place, _, name = identity.partition(": ")
    undone = name.removeprefix("undo: ")
    return f"{place}: {undone if undone != name else f'undo: {name}'}"
