"""--only and --skip: check ids, each known, or exit 2 with the nearest one."""

import difflib
from collections.abc import Sequence

from mcpverify.checks import check_ids
from mcpverify.errors import UsageError
from mcpverify.verify.selection import Selection


def selection_of(
    only: Sequence[str], skip: Sequence[str], strict: bool, opted_in: Sequence[str]
) -> Selection:
    """The checks that will run. Raises UsageError for an id that is none, or if none is left."""
    selection = Selection(
        _ids("--only", only), _ids("--skip", skip), tuple(opted_in), strict, tells=True
    )
    if not selection.checks():
        raise UsageError("--only and --skip leave no check to run", "Drop one of them.")
    return selection


def _ids(flag: str, texts: Sequence[str]) -> tuple[str, ...]:
    known = check_ids()
    ids = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    if texts and not ids:
        raise UsageError(f"{flag} is empty", "Is the variable behind it set?")
    for given in ids:
        if given not in known:
            near = difflib.get_close_matches(given, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(known)}."
            raise UsageError(f"{flag} {given}: no such check", hint)
    return tuple(ids)
