"""The verdicts on all changes of one schema: by proof, or by a witness for each that breaks.

The prover is asked whether the acceptor takes all that the producer makes. A value that
it finds counts once the referee has confirmed it under both schemas; then it is laid at the
door of the changes that have it refused, and the question is asked again of the schema
with all other changes made. What is proven then is compatible, each of them beside the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from mcpverify.drift.budget import Budget, Exhausted
from mcpverify.drift.containment.candidates import candidates
from mcpverify.drift.containment.prover import Answer, Proven, Refuted, Undecided, contained
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.drift.validity.schema_problem import ProblemKind
from mcpverify.drift.validity.schema_validity import schema_problems
from mcpverify.drift.verdicts import reasons
from mcpverify.drift.verdicts.blame import Blamed, blamed
from mcpverify.drift.verdicts.declared import silently_lost
from mcpverify.drift.verdicts.hybrid import (
    Ground,
    Group,
    at,
    groups_of,
    removed_member,
    replaced,
    steps_of,
)
from mcpverify.drift.verdicts.shown import Shown, shortened
from mcpverify.facts.change import Aspect, Change, ChangeKind
from mcpverify.facts.compatibility import Compatibility, JudgedChange, Side, Witness
from mcpverify.facts.json_text import Json

ROUNDS: Final = 100
"""How many witnesses are looked for in one schema; what they leave is undecided."""

SINGLY: Final = 64
"""So many changes are asked about one by one, where no answer was found for all of them."""

TRIES: Final = 5_000
"""Steps to spend on values to try where the prover cannot tell."""


@dataclass(frozen=True, slots=True)
class SchemaPair:
    """One schema of a tool on both sides; `side` says which of them produces."""

    side: Side
    snapshot: Json
    live: Json

    @property
    def ground(self) -> Ground:
        if self.side is Side.INPUT:
            return Ground(self.snapshot, self.live, reverse=False)
        return Ground(self.live, self.snapshot, reverse=True)


@dataclass(frozen=True, slots=True)
class SchemaVerdict:
    """The changes in the order in which they came, and what stopped the judgement early."""

    changes: tuple[JudgedChange, ...]
    cut: str = ""


def judged_schema(
    pair: SchemaPair, changes: Sequence[Change], budget: Budget, *, open_world: bool = False
) -> SchemaVerdict:
    """What `changes`, all of which touch what the schema allows, mean for calls or results."""
    trial = _Trial(pair, changes, budget, open_world)
    trial.run()
    return SchemaVerdict(trial.verdicts(), trial.cut)


def _problem(pair: SchemaPair) -> str:
    """What is wrong with the schemas of a pair that could not be judged; "" if nothing is."""
    for where, schema in (("snapshot", pair.snapshot), ("live", pair.live)):
        # What the protocol asks of a root beyond JSON Schema is for another check.
        for problem in schema_problems(schema, "outputSchema"):
            if problem.kind is not ProblemKind.DOUBTFUL:
                place = f"at {problem.pointer}: " if problem.pointer else ""
                return f"the {where} schema is not one that can be judged: {place}{problem.text}"
    return ""


class _Trial:
    """One pair of schemas on its way to its verdicts."""

    def __init__(
        self, pair: SchemaPair, changes: Sequence[Change], budget: Budget, open_world: bool
    ) -> None:
        self.cut = ""
        self._pair = pair
        self._ground = pair.ground
        self._changes = changes
        self._budget = budget
        self._open_world = open_world
        self._left = groups_of(self._ground, changes)
        self._judged: dict[int, JudgedChange] = {}

    def verdicts(self) -> tuple[JudgedChange, ...]:
        return tuple(self._judged[index] for index in range(len(self._changes)))

    def run(self) -> None:
        ground = self._ground
        acceptor = ground.acceptor
        for _ in range(ROUNDS):
            match self._answer(acceptor):
                case Proven():
                    self._acquit(self._left)
                    return
                case Undecided(reason, exhausted, by_time):
                    if exhausted:
                        self._note_cut(by_time)
                    elif 1 < len(self._left) <= SINGLY:
                        self._acquit_singly()
                    self._adjourn(_problem(self._pair) or reason)
                    return
                case Refuted(value):
                    if not self._convict(value):
                        return
            if not self._left:
                return
            acceptor = ground.hybrid(self._left)
        self._adjourn("other changes break this schema already, and it was not judged alone")

    def _answer(self, acceptor: Json) -> Answer:
        """What the prover says; where it cannot tell, some values are put to the referee."""
        producer, budget, open_world = self._ground.producer, self._budget, self._open_world
        arguments = self._pair.side is Side.INPUT
        answer = contained(producer, acceptor, budget, open_world=open_world, arguments=arguments)
        if not isinstance(answer, Undecided) or answer.exhausted:
            return answer
        # A budget of their own: what they cost must not keep the changes from being judged.
        tries = Budget(TRIES)
        chance = Random(0)
        for value in candidates(
            producer, acceptor, tries, chance, open_world=open_world, arguments=arguments
        ):
            try:
                if Oracle(acceptor, tries).refusal(value) is None:
                    continue
                if Oracle(producer, tries).refusal(value) is None:
                    return Refuted(value)
            except OracleSilent:
                continue
        return answer

    def _convict(self, value: Json) -> bool:
        """Lays a value at the door of some groups; False where there is nothing more to ask."""
        ground = self._ground
        try:
            if Oracle(ground.producer, self._budget).refusal(value) is not None:
                self._adjourn("a value was found that the referee does not confirm")
                return False
            refusal = Oracle(ground.acceptor, self._budget).refusal(value)
        except OracleSilent as silent:
            self._look_at_budget()
            self._adjourn(f"a value was found that cannot be confirmed, because {silent.reason}")
            return False
        if refusal is None and not self._judged:
            self._adjourn("a value was found that the referee does not confirm")
            return False
        # It breaks for certain: where no change can be told from the others, the last one bears it.
        found = self._blamed(value) or (Blamed(self._left[-1], ""),)
        for each in found:
            self._left.remove(each.group)
            shown = Shown(value, refusal, each.refusal)
            if refusal is not None and len(found) > 1 and not self.cut:
                shown = shortened(self._ground, each.group, shown, self._budget)
            self._sentence(each.group, shown)
        if refusal is not None:
            for each in found:
                self._convict_siblings(each.group, value)
        if self.cut:
            self._adjourn("other changes break this schema, and the budget is spent")
        return not self.cut

    def _convict_siblings(self, group: Group, value: Json) -> None:
        """Of a set that lost one member, the others: the same value with each in its place."""
        lost = removed_member(self._ground, group)
        if lost is None:
            return
        for sibling in [each for each in self._left if each.steps == group.steps]:
            other = removed_member(self._ground, sibling)
            if other is None:
                continue
            variant = replaced(value, lost.value, other.value)
            try:
                if Oracle(self._ground.producer, self._budget).refusal(variant) is not None:
                    continue
                refusal = Oracle(self._ground.acceptor, self._budget).refusal(variant)
                alone = Oracle(self._ground.hybrid([sibling]), self._budget).refusal(variant)
            except OracleSilent:
                self._look_at_budget()
                return
            if refusal is not None and alone is not None:
                self._left.remove(sibling)
                self._sentence(sibling, Shown(variant, refusal, alone))

    def _blamed(self, value: Json) -> tuple[Blamed, ...]:
        def why(schema: Json) -> str | None:
            try:
                return Oracle(schema, self._budget).refusal(value)
            except OracleSilent:
                self._look_at_budget()
                if self.cut:
                    raise
                return None

        if len(self._left) == 1:
            try:
                words = why(self._ground.hybrid(self._left)) if self._judged else None
            except OracleSilent:
                words = None
            return (Blamed(self._left[0], words or ""),)
        try:
            return blamed(self._ground, self._left, why)
        except OracleSilent:
            return ()

    def _sentence(self, group: Group, shown: Shown) -> None:
        side = self._pair.side
        for index, change in zip(group.indexes, group.changes, strict=True):
            if shown.refusal is None:
                reason = "it breaks nothing beside the other changes, but would without them"
                verdict = JudgedChange(change, Compatibility.UNDECIDED, reason)
            else:
                default = self._has_default(change)
                single = len(group.indexes) == 1
                reason = reasons.lost(change, side, alone=single, has_default=default)
                witness = Witness(side, shown.value, shown.words)
                verdict = JudgedChange(change, Compatibility.BREAKING, reason, witness)
            self._judged[index] = verdict

    def _has_default(self, change: Change) -> bool:
        """Whether a name that calls must send from now on has a default."""
        newly = change.aspect is Aspect.REQUIREMENT and change.kind is ChangeKind.ADDED
        steps = steps_of(change)
        if not newly or self._pair.side is not Side.INPUT or steps[-1:] != ("required",):
            return False
        schema = at(self._pair.live, (*steps[:-1], "properties", str(change.live))).value
        return isinstance(schema, dict) and "default" in schema

    def _look_at_budget(self) -> None:
        """Notes if it was the budget that made the referee silent."""
        try:
            self._budget.spend(100)  # so much that the clock is looked at
        except Exhausted as exhausted:
            self._note_cut(exhausted.by_time)

    def _note_cut(self, by_time: bool) -> None:
        self.cut = "by time" if by_time else f"after {self._budget.steps:,} steps"

    def _adjourn(self, reason: str) -> None:
        for group in self._left:
            for index, change in zip(group.indexes, group.changes, strict=True):
                self._judged[index] = JudgedChange(change, Compatibility.UNDECIDED, reason)
        self._left = []

    def _acquit_singly(self) -> None:
        """Acquits what is proven alone; if that is all, nothing tells what stood in the way."""
        proven: list[Group] = []
        for group in self._left:
            match self._answer(self._ground.hybrid([group])):
                case Proven():
                    proven.append(group)
                case Undecided(exhausted=True, by_time=by_time):
                    self._note_cut(by_time)
                    break
        if len(proven) < len(self._left):
            self._acquit(proven, alone=True)
            self._left = [group for group in self._left if group not in proven]

    def _acquit(self, groups: Sequence[Group], *, alone: bool = False) -> None:
        """What was proven is compatible, or a name vanished silently by it."""
        side = self._pair.side
        left = [
            (index, change)
            for group in groups
            for index, change in zip(group.indexes, group.changes, strict=True)
        ]
        silent = silently_lost(
            self._pair.snapshot,
            self._pair.live,
            [change for _, change in left],
            arguments=side is Side.INPUT,
        )
        for index, change in left:
            if id(change) in silent:
                reason = reasons.vanished(change, side)
                self._judged[index] = JudgedChange(change, Compatibility.BEHAVIORAL, reason)
            else:
                reason = reasons.proven(change, side, alone=alone)
                self._judged[index] = JudgedChange(change, Compatibility.COMPATIBLE, reason)
