"""`merge`: the reports of shards, which jobs of their own have written, joined into one verdict.

It passes only where every part of one fleet is there exactly once, and all are of one run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from mcpverify.errors import UsageError
from mcpverify.facts.report import Report, TargetReport
from mcpverify.facts.shard import Shard

MAX_NAMES: Final = 12
FAR_APART: Final = 3600.0  # seconds
_ONE_FLEET: Final = "Merge the reports of one run: the same targets, split into as many parts."


_ONE_RUN: Final = (
    "Give the reports of one run, and leave out what an earlier one left behind. Where only some "
    "jobs were run again, run all of them."
)
_ASKED_ALIKE: Final = "Give each job the same configuration and the same options."


@dataclass(frozen=True, slots=True)
class Source:
    """A report, and the file that it was read from."""

    path: str
    report: Report


def merged(sources: Sequence[Source], empty: Sequence[str] = ()) -> Report:
    """One report on all targets, in the order of the fleet, or else of the files.

    `empty` are the files that a run has emptied and not filled, since it came to no verdict.
    Raises UsageError for what is no set of parts: other fleets or runs, or one part twice.
    """
    report = _joined(sources)
    unfilled = tuple(f"{path} is empty: its run ended without a verdict" for path in empty)
    warnings, notes = _times(sources)
    return replace(
        report,
        missing=(*unfilled, *report.missing),
        warnings=(*warnings, *(text for each in sources for text in each.report.warnings)),
        notes=notes,
    )


def _joined(sources: Sequence[Source]) -> Report:
    shards = [(each, each.report.shard) for each in sources]
    parts = [(source, shard) for source, shard in shards if shard is not None]
    if not parts:
        return _side_by_side(sources)
    if len(parts) < len(sources):
        whole = next(source for source, shard in shards if shard is None)
        raise UsageError(
            f"{whole.path} is of no shard, and {parts[0][0].path} is of one", _ONE_FLEET
        )
    return _together(parts)


def _side_by_side(sources: Sequence[Source]) -> Report:
    holders: dict[str, str] = {}
    for source in sources:
        for target in source.report.targets:
            if target.target in holders:
                raise UsageError(
                    f"{holders[target.target]} and {source.path} both have {target.target}",
                    "Merge reports on different targets.",
                )
            holders[target.target] = source.path
    return Report(
        targets=tuple(target for each in sources for target in each.report.targets),
        missing=tuple(text for each in sources for text in each.report.missing),
    )


def _together(parts: Sequence[tuple[Source, Shard]]) -> Report:
    first, shape = parts[0]
    known: dict[int, Source] = {}
    for source, shard in parts:
        if (shard.count, shard.fleet) != (shape.count, shape.fleet):
            raise UsageError(f"{first.path} and {source.path} are of different fleets", _ONE_FLEET)
        _refuse_strangers(first, shape, source, shard)
        if shard.index in known:
            raise UsageError(
                f"{known[shard.index].path} and {source.path} are both {shard.told}",
                "Give each shard once: of two runs of one, the one that counts.",
            )
        known[shard.index] = source
    found: dict[str, TargetReport] = {}
    missing: list[str] = []
    for index in range(1, shape.count + 1):
        shard = replace(shape, index=index)
        part = known.get(index)
        if part is None:
            missing.append(_missing_shard(shard))
        else:
            found |= _of_part(part, shard)
            missing += _missing_targets(part, shard, found)
            missing += part.report.missing
    targets = tuple(found[name] for name in shape.fleet if name in found)
    return Report(targets, missing=tuple(missing))


def _refuse_strangers(first: Source, shape: Shard, source: Source, shard: Shard) -> None:
    """Raise UsageError where two parts are not of one run, or were not asked the same."""
    if shard.run != shape.run:
        of = [each.run or "of a run that nothing names" for each in (shape, shard)]
        raise UsageError(
            f"{first.path} and {source.path} are of different runs: {of[0]} and {of[1]}", _ONE_RUN
        )
    if shard.asked != shape.asked:
        raise UsageError(
            f"{first.path} and {source.path} were made with different configurations or options",
            _ASKED_ALIKE,
        )


def _of_part(source: Source, shard: Shard) -> dict[str, TargetReport]:
    found: dict[str, TargetReport] = {}
    names = set(shard.names)
    for target in source.report.targets:
        if target.target not in names or target.target in found:
            raise UsageError(
                f"{source.path} has {target.target}, which {shard.told} has not, or not twice",
                "Give the report as it was written.",
            )
        found[target.target] = target
    return found


def _times(sources: Sequence[Source]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is to be warned of, and noted, of the times at which targets were checked."""
    ends = sorted(
        (target.started + target.seconds, source.path)
        for source in sources
        for target in source.report.targets
    )
    if not ends:
        return (), ()
    (oldest, old), (newest, new) = ends[0], ends[-1]
    first, last = _minute(oldest), _minute(newest)
    if newest - oldest > FAR_APART:
        apart = f"{(newest - oldest) / 3600:,.0f} h apart"
        told = f"NOT OF ONE TIME: {apart}, {old} was made at {first} and {new} at {last}"
        return (told,), ()
    return (), (f"made at {first}" if first == last else f"made from {first} to {last}",)


def _minute(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, OSError, ValueError):
        return "a time that no calendar has"  # as a report may say that was edited


def _missing_shard(shard: Shard) -> str:
    names = shard.names
    if not names:
        return f"{shard.told} is missing; it has no targets, but its report would say so"
    return f"{shard.told} is missing, and with it {_counted(names)}"


def _missing_targets(source: Source, shard: Shard, found: dict[str, TargetReport]) -> Iterator[str]:
    names = tuple(name for name in shard.names if name not in found)
    if names:
        yield f"{source.path}, {shard.told}, lacks {_counted(names)}"


def _counted(names: Sequence[str]) -> str:
    shown = " ".join(names[:MAX_NAMES])
    more = f" … and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else ""
    return f"{len(names):,} target{'' if len(names) == 1 else 's'}: {shown}{more}"
