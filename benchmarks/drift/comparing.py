"""All that is measured about drift: mcpverify on every edit, and it and its rivals on a sample."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drift.counting import Answer, Tally, tally
from drift.judging import judged_by_mcpverify
from drift.rivals import asked, in_node, in_python
from drift.supported import read_by_json_schema_diff, read_by_jsonsubschema
from tests.drift.single_edits import Edit, released_tools, sample, single_edits
from tests.peers.install import is_installed, module_of, python_of
from tests.peers.rivals import JSON_SCHEMA_DIFF, JSONSUBSCHEMA, RIVALS, Rival

OURS = "mcpverify"
OF_EACH = 8
READS: Mapping[str, Callable[[Any], bool]] = {
    JSON_SCHEMA_DIFF.package: read_by_json_schema_diff,
    JSONSUBSCHEMA.package: read_by_jsonsubschema,
}


@dataclass(frozen=True, slots=True)
class Drift:
    """What the answers came to, by tool.

    `every` is mcpverify on all edits, `misnamed` how many of those it has right as to breaking
    or not, and wrong in the finer verdict. `everything` is the sample, of which `breaking`
    edits break, `agreed` the part of it on which the closed world and the letter agree, and
    `readable`, by rival, the part of that which this rival says it can read. `missing` says of
    each that could not be asked why.
    """

    tools: int
    every: Tally
    misnamed: int
    breaking: int
    everything: Mapping[str, Tally]
    agreed: Mapping[str, Tally]
    readable: Mapping[str, Mapping[str, Tally]]
    missing: Mapping[str, str]


def compared(cache: Path, say: Callable[[str], None]) -> Drift:
    """Judge every edit, then ask the rivals that `cache` holds about a sample."""
    edits = list(single_edits())
    say(f"mcpverify on {len(edits):,} single edits")
    ours = judged_by_mcpverify(edits)
    chosen = [edit for edit in sample(edits, OF_EACH) if edit.side is not None]
    answers = {OURS: ours}
    missing = {}
    for rival in RIVALS:
        argv = _command(cache, rival)
        if argv is None:
            missing[rival.package] = f"{rival.name} could not be installed here"
            continue
        say(f"{rival.name} on {len(chosen):,} of them")
        with asked(*argv) as child:
            answers[rival.package] = {edit.id: child.contains(*edit.pair) for edit in chosen}
    agreed = [edit for edit in chosen if edit.plain == edit.contained]
    readable = {
        name: _tallies(
            {OURS: ours, name: answers[name]},
            [edit for edit in agreed if all(map(reads, edit.pair))],
        )
        for name, reads in READS.items()
        if name in answers
    }
    return Drift(
        len(released_tools()),
        tally(ours, edits),
        sum(1 for edit in edits if _is_misnamed(edit, ours[edit.id])),
        sum(1 for edit in chosen if not edit.contained),
        _tallies(answers, chosen),
        _tallies(answers, agreed),
        readable,
        missing,
    )


def _command(cache: Path, rival: Rival) -> tuple[str, ...] | None:
    """What starts a rival, None where it is not there."""
    node = shutil.which("node")
    if not is_installed(cache, rival) or (rival.in_node and node is None):
        return None
    if rival.in_node:
        assert node is not None
        return in_node(node, module_of(cache, rival))
    return in_python(python_of(cache, rival))


def _tallies(
    answers: Mapping[str, Mapping[str, Answer]], edits: Sequence[Edit]
) -> dict[str, Tally]:
    return {name: tally(given, edits) for name, given in answers.items()}


def _is_misnamed(edit: Edit, answer: Answer) -> bool:
    return answer.said == edit.contained and answer.detail != edit.truth.value
