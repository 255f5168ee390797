"""`diff`: compares two contracts, wherever each comes from, and says what breaks for callers."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

from mcpverify.drift.changes import Comparable, changes, comparable
from mcpverify.drift.verdicts.judgement import judged
from mcpverify.errors import UsageError
from mcpverify.facts.change import Subject
from mcpverify.facts.comparison import Comparison, Source
from mcpverify.facts.compatibility import EntryDrift
from mcpverify.facts.contract import Contract, Entry, Scope, contract_of
from mcpverify.facts.evidence import FailOn
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.target import Target
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.differences import headline, next_steps, verdict_on
from mcpverify.verify.narrowing import narrowed, no_longer_held
from mcpverify.verify.sources import Beside, Operand, Side, held_in, side_at, side_in
from mcpverify.verify.tool_reports import tool_reports

_Entries: TypeAlias = Sequence[Entry]
_Both: TypeAlias = tuple[Contract, Contract]


@dataclass(frozen=True, slots=True)
class Question:
    """What `diff` was asked.

    `scope` is what flags name, beside what snapshots say; `accepting` the command that makes
    NEW the reviewed contract, where OLD is a snapshot file and NEW a server; `again` repeats
    the run. Both without credentials.
    """

    old: Operand
    new: Operand
    scope: Scope = Scope()
    fail_on: FailOn = FailOn.CONTRACT
    open_world: bool = False
    accepting: str = ""
    again: str = ""
    redactor: Redactor = field(default_factory=lambda: Redactor(()))


def compare(asked: Question) -> Comparison:
    """Look at both sides and judge what differs. Raises UsageError for what cannot be compared."""
    began, clock = time.time(), time.monotonic()
    old, new = _sides(asked)
    comparison = Comparison(
        old.source,
        new.source,
        Verdict.INCONCLUSIVE,
        "",
        fail_on=asked.fail_on,
        open_world=asked.open_world,
        notes=(*old.notes, *new.notes),
        again=asked.again,
        started=began,
        recordings=tuple(each.recording for each in (old, new) if each.recording is not None),
    )
    if old.contract is None or new.contract is None:
        comparison = _not_compared(comparison, old, new)
    else:
        both = (old.contract, new.contract)
        comparison = _compared(comparison, asked, old, new, both)
    comparison = replace(comparison, seconds=time.monotonic() - clock)
    return asked.redactor.comparison(comparison)


def _sides(asked: Question) -> tuple[Side, Side]:
    """Both sides; files first, since a slip in naming one should cost no time."""
    operands = (asked.old, asked.new)
    files = [None if isinstance(each, Target) else held_in(each) for each in operands]
    known = [file for file in files if file is not None]
    beside = Beside(
        era=next((file.era for file in known if file.era), None),
        recorded=any(file.is_snapshot for file in known),
        resources=any(file.resources for file in known),
    )
    began = time.monotonic()
    sides = []
    for operand, file in zip(operands, files, strict=True):
        if isinstance(operand, Target):
            left = max(operand.limits.run_seconds - (time.monotonic() - began), 0.1)
            told = f"{operand.limits.run_seconds:g} s"
            limits = replace(operand.limits, run_seconds=left, run_told=told)
            limited = replace(operand, limits=limits)
            side = side_at(limited, beside, asked.redactor)
            beside = replace(beside, era=beside.era or side.era)
        else:
            assert file is not None
            side = side_in(file, resources=beside.resources)
        sides.append(side)
    return sides[0], sides[1]


def _not_compared(comparison: Comparison, old: Side, new: Side) -> Comparison:
    unseen = [each for each in (old, new) if each.contract is None]
    told = "; ".join(f"{each.source.name}: {each.source.problem}" for each in unseen)
    return replace(
        comparison,
        old=_counted(old.source, old.contract),
        new=_counted(new.source, new.contract),
        headline=f"NOT COMPARED: {told}",
        next_steps=tuple(dict.fromkeys(step for each in unseen for step in each.next_steps)),
    )


def _compared(
    comparison: Comparison, asked: Question, old: Side, new: Side, both: _Both
) -> Comparison:
    _refuse_idle_flags(asked.scope, both)
    notes = [*comparison.notes]
    for scope, who in (
        (old.scope, old.source.name),
        (new.scope, new.source.name),
        (asked.scope, "this run"),
    ):
        notes += _scope_notes(scope, who)
    within, aside = _within(both, (old.scope, new.scope, asked.scope), old, new)
    if any(each.tools for each in both) and not any(each.tools for each in within):
        raise UsageError(
            "no tool is left to compare: each is beyond the --tool of a snapshot or of this run",
            "Compare snapshots that were taken of the same tools.",
        )
    held = comparable(*within, old.era, new.era)
    if held.left_out:
        fields = ", ".join(held.left_out)
        aside.append(f"{fields} left out: one of the two eras cannot carry it")
    drifts = _drifts(held, open_world=asked.open_world)
    lost = no_longer_held(old, new)
    fails = verdict_on(drifts, asked.fail_on) is Verdict.FAILED
    fails_by_scope = bool(lost) and asked.fail_on is not FailOn.NONE
    comparison = replace(
        comparison,
        old=_counted(old.source, held.snapshot),
        new=_counted(new.source, held.live),
        verdict=Verdict.FAILED if fails or fails_by_scope else Verdict.PASSED,
        tools=tool_reports(held.snapshot, held.live, drifts),
        others=tuple(each for each in drifts if each.subject is not Subject.TOOL),
        notes=(*notes, *aside),
    )
    accepting = asked.accepting if old.is_snapshot else ""
    comparison = replace(
        comparison,
        headline=headline(comparison),
        next_steps=next_steps(comparison, accepting) if fails else (),
    )
    return narrowed(comparison, lost) if lost else comparison


def _refuse_idle_flags(scope: Scope, both: _Both) -> None:
    """A glob that matches nothing would call any two servers equal. Raises UsageError."""
    contract_of((), scope=scope)  # that its words make sense
    names = {tool.name for contract in both for tool in contract.tools}
    for glob in scope.tools:
        if not any(fnmatchcase(name, glob) for name in names):
            raise UsageError(
                f"--tool {glob}: neither side has a tool of such a name",
                "Quote the glob, and look at the names that the two sides list.",
            )
    for field_ in scope.ignored:
        ignoring = Scope(ignored=(field_,))
        if all(_narrowed(each, [ignoring]).digests == each.digests for each in both):
            raise UsageError(
                f"--ignore-field {field_}: no tool of either side has such a field",
                "Look at the pointers that `mcpverify diff` prints.",
            )


def _scope_notes(scope: Scope, who: str) -> Iterator[str]:
    if scope.tools:
        yield f"only tools {', '.join(scope.tools)} were compared, as {who} says"
    if scope.ignored:
        yield f"{', '.join(scope.ignored)} left out, as {who} says"


def _within(both: _Both, scopes: Iterable[Scope], old: Side, new: Side) -> tuple[_Both, list[str]]:
    """What both sides tell of within all scopes, and what had to be left aside."""
    aside = []
    tools_only = old.tools_only or new.tools_only
    if tools_only and any(each.prompts or each.templates or each.resources for each in both):
        aside.append("only tools were compared: a result of tools/list holds nothing else")
    told = [each.resources is not None for each in both]
    if any(told) and not all(told) and not tools_only:
        aside.append("resources were not compared: only one side tells of them")
    resources = all(told) and not tools_only
    narrowing = [scope for scope in scopes if scope != Scope()]
    old_one, new_one = (_narrowed(each, narrowing, tools_only, resources) for each in both)
    return (old_one, new_one), aside


def _narrowed(
    contract: Contract, scopes: Iterable[Scope], tools_only: bool = False, resources: bool = True
) -> Contract:
    """`contract` within each of `scopes`, without the lists that the other side lacks."""
    prompts = () if tools_only else contract.prompts
    templates = () if tools_only else contract.templates
    listed = contract.resources if resources else None
    narrowed = contract
    if (prompts, templates, listed) != (contract.prompts, contract.templates, contract.resources):
        narrowed = _remade(contract.tools, prompts, templates, listed)
    for scope in scopes:
        narrowed = _remade(narrowed.tools, prompts, templates, listed, scope)
    return narrowed


def _remade(
    tools: _Entries,
    prompts: _Entries,
    templates: _Entries,
    resources: _Entries | None,
    scope: Scope = Scope(),
) -> Contract:
    return contract_of(
        [entry.definition for entry in tools],
        [entry.definition for entry in prompts],
        [entry.definition for entry in templates],
        None if resources is None else [entry.definition for entry in resources],
        scope,
    )


def _drifts(held: Comparable, *, open_world: bool) -> tuple[EntryDrift, ...]:
    if held.snapshot.digests == held.live.digests:
        return ()
    found = changes(held.snapshot, held.live)
    return judged(held.snapshot, held.live, found, open_world=open_world)


def _counted(source: Source, contract: Contract | None) -> Source:
    if contract is None:
        return source
    return replace(source, digests=contract.digests, tools=len(contract.tools))
