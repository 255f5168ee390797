"""Changes are grouped for people: what shares a verdict and a witness is told at once."""

import time

from mcpverify.facts.change import Aspect, Change, ChangeKind, Part, Subject
from mcpverify.facts.compatibility import Compatibility, JudgedChange, Side, Witness
from mcpverify.facts.report import ToolReport
from mcpverify.reporters.drifted import Drifted, drifted


def judged(at: str, witness: Witness | None = None, reason: str = "because") -> JudgedChange:
    change = Change(
        *(Subject.TOOL, "t", ChangeKind.REMOVED, Part.CONTRACT, f"/inputSchema/{at}", at, None),
        Aspect.ENUM,
    )
    return JudgedChange(change, Compatibility.BREAKING, reason, witness)


def entry(*changes: JudgedChange) -> Drifted:
    (found,) = drifted([ToolReport("t", "changed", None, Compatibility.BREAKING, changes)])
    return found


ONE = Witness(Side.INPUT, {"mode": "a"}, "refused")
OTHER = Witness(Side.INPUT, {"mode": "b"}, "refused")


def test_neighbors_with_one_witness_are_told_at_once() -> None:
    told = entry(judged("a", ONE), judged("b", ONE, "another reason"), judged("c", OTHER)).told
    assert [len(each.changes) for each in told] == [2, 1]


def test_neighbors_with_one_reason_and_no_witness_are_told_at_once() -> None:
    told = entry(judged("a"), judged("b"), judged("c", reason="another reason")).told
    assert [len(each.changes) for each in told] == [2, 1]


def test_what_is_no_neighbor_is_told_apart() -> None:
    told = entry(judged("a", ONE), judged("b", OTHER), judged("c", ONE)).told
    assert [len(each.changes) for each in told] == [1, 1, 1]


def test_forty_thousand_changes_are_grouped_in_a_moment() -> None:
    changes = tuple(judged(f"{n}", ONE) for n in range(40_000))
    began = time.process_time()
    assert [len(each.changes) for each in entry(*changes).told] == [40_000]
    assert time.process_time() - began < 2
