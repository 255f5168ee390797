"""mcpverify on single edits: verdict by verdict, and the time of each.

Timed is what a gate does about a difference: finding the changes and judging each of them,
with proof, witness and referee. The contracts are read before.
"""

import gc
import time
from collections.abc import Iterable

from drift.counting import Answer, Silence
from mcpverify.drift.changes import changes
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.facts.compatibility import Compatibility, worst
from mcpverify.facts.contract import contract_of
from tests.drift.single_edits import Edit


def judged_by_mcpverify(edits: Iterable[Edit]) -> dict[str, Answer]:
    """The answer to every edit by its id, given in this process. `detail` is the verdict."""
    # The edits are ballast that no gate carries: not to be searched for garbage between pairs.
    gc.collect()
    gc.freeze()
    answers = {edit.id: _answer(edit) for edit in edits}
    gc.unfreeze()
    return answers


def _answer(edit: Edit) -> Answer:
    snapshot, live = contract_of(edit.snapshot), contract_of(edit.live)
    began = time.perf_counter()
    try:
        entries = judged(snapshot, live, changes(snapshot, live))
    except Exception as bug:
        return Answer(Silence.RAISED, time.perf_counter() - began, repr(bug))
    seconds = time.perf_counter() - began
    verdict = worst(entry.compatibility for entry in entries)
    if verdict is Compatibility.UNDECIDED:
        return Answer(Silence.UNDECIDED, seconds, verdict)
    return Answer(verdict is not Compatibility.BREAKING, seconds, verdict)
