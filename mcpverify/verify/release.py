"""Which release is serving: looks for the live contract among the versions of its snapshot."""

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from mcpverify.drift.changes import comparable
from mcpverify.errors import SnapshotUnusable
from mcpverify.facts.contract import Contract, Scope
from mcpverify.facts.release import ReleaseSearch
from mcpverify.facts.revision import Era
from mcpverify.facts.snapshot import Snapshot
from mcpverify.snapshots.history import SLOW, history_of
from mcpverify.snapshots.reviewed import Reviewed
from mcpverify.snapshots.snapshot_file import Outline, outline_of, snapshot_in

# The live contract within a scope, with resources or without; None where it was not fully seen.
Live: TypeAlias = Callable[[Scope, bool], Contract | None]


def release_of(reviewed: Reviewed, live: Live, era: Era) -> ReleaseSearch | None:
    """What the history of `reviewed` tells of a live contract that differs from it.

    `era` is the one in which the live contract was listed. None where git keeps no history.
    """
    history = history_of(reviewed.path, reviewed.commit)
    if history is None:
        return None
    seen = cache(live)
    searched, problem = 0, history.problem
    for version in history.versions:
        if history.git.is_over:
            problem = SLOW
            break
        octets = history.octets(version)
        if octets is None:
            problem = "git could not give all of its versions"
            continue
        try:
            outline = outline_of(octets, reviewed.path)
            if outline.digest == reviewed.snapshot.contract.digests.digest:
                continue  # the one that was compared
            if _is_narrower(outline, reviewed.snapshot):
                problem = "some of its versions hold less than the one that was compared"
                continue
            searched += 1
            contract = seen(outline.scope, outline.resources)
            if contract is None or (
                outline.era is era and outline.digest != contract.digests.digest
            ):
                continue
            # Only a version whose digests fit is believed.
            past = snapshot_in(octets, reviewed.path)
        except SnapshotUnusable:
            continue
        both = comparable(past.contract, contract, past.era, era)
        if both.snapshot.digests == both.live.digests:
            return ReleaseSearch(searched, history.release(version), problem)
    return ReleaseSearch(searched, None, problem)


def _is_narrower(past: Outline, present: Snapshot) -> bool:
    """Whether `past` leaves out what `present` holds: to equal it would then prove too little."""
    return (
        past.scope.tools_beyond(present.scope)
        or bool(past.scope.ignored_beyond(present.scope))
        or (present.contract.resources is not None and not past.resources)
    )
