"""Writes what the commands of the pages print into the pages: `python -m tests.docs.update`.

The tests beside this file say whether that is still so.
"""

import sys
import tempfile
from pathlib import Path

from tests.docs.following import followed
from tests.docs.page import steps, with_outputs
from tests.docs.terminal import Terminal

DOCS = Path(__file__).parents[2] / "docs"
TUTORIAL = DOCS / "tutorial.md"


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


def main() -> None:
    for path, render in ((TUTORIAL, tutorial),):
        before = path.read_text(encoding="utf-8")
        after = render(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{path.name} was brought up to date\n")


if __name__ == "__main__":
    main()
