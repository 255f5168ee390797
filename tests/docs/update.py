"""Writes what the commands of the pages print into the pages: `python -m tests.docs.update`.

The tests beside this file say whether that is still so.
"""

import sys
import tempfile
from pathlib import Path

from tests.docs.claims import CLAIMS
from tests.docs.comparison import row, with_rows
from tests.docs.following import followed
from tests.docs.page import steps, with_outputs
from tests.docs.pages import TUTORIAL, WHY_NOT_CURL
from tests.docs.stage import Stage
from tests.docs.terminal import Terminal


def tutorial(page: str) -> str:
    """The tutorial with what each of its commands prints now."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = [Path(scratch, name) for name in ("here", "home", "scratch")]
        for folder in folders:
            folder.mkdir()
        with Terminal(*folders) as terminal:
            outputs = {}
            for each in followed(tuple(steps(page)), terminal):
                if each.failures != each.wanted:
                    raise RuntimeError(f"{each.commands.text}\n{each.failures}\n{each.printed}")
                if each.commands.shown is not None:
                    outputs[each.commands.span] = each.printed
    return with_outputs(page, outputs)


def why_not_curl(page: str) -> str:
    """The comparison with what both gates say now. Raises RuntimeError where a claim is wrong."""
    rows = {}
    for claim in CLAIMS:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as home:
            stage = Stage(Path(folder), Path(home))
            claim.play(stage)
        if (stage.script_codes, stage.our_codes) != (claim.script, (claim.ours,)):
            raise RuntimeError(f"{claim.title}\n{stage.script}\n{stage.ours}")
        rows[claim] = row(claim, stage)
    return with_rows(page, rows)


def main() -> None:
    for path, render in ((TUTORIAL, tutorial), (WHY_NOT_CURL, why_not_curl)):
        before = path.read_text(encoding="utf-8")
        after = render(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{path.name} was brought up to date\n")


if __name__ == "__main__":
    main()
