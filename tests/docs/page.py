"""A page of documentation as its reader meets it: files to save, lines to edit, commands to run.

A fenced block means something by its language and by a mark, a comment in front of it that a
renderer does not show:

- `sh`: commands, run in one terminal from the top of the page to its end. `<!-- exits: 1 -->`
  says how the last one ends, else with 0; all others end with 0.
- `text` right after it: what these commands print. `python -m tests.docs.update` writes it.
- `<!-- file: NAME -->` before a block of any language: save it as NAME.
- `<!-- edit: NAME -->` before a `diff`: in NAME, replace the lines with `-` by those with `+`.

Any other block is an error: the reader would not know what to do with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_FENCE = "```"
_MARK = re.compile(r"<!-- (file|edit|exits): (\S+) -->")


@dataclass(frozen=True, slots=True)
class Commands:
    """What is typed, how its last command ends, and what it prints where the page shows that.

    `span` is where in the page the shown output stands.
    """

    text: str
    code: int
    shown: str | None
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class SavedFile:
    name: str
    text: str
    told: str  # the line above the block, which has to name the file to the reader, too


@dataclass(frozen=True, slots=True)
class Edit:
    name: str
    old: str
    new: str
    told: str


Step = Commands | SavedFile | Edit


class UnclearBlock(Exception):
    """A block of the page that no reader could follow."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A fenced block: its language, text and mark, and the last line of prose above it."""

    language: str
    text: str
    mark: str
    value: str
    told: str
    span: tuple[int, int]


def _blocks(page: str) -> Iterator[_Block]:
    told, mark, opened = "", ("", ""), None
    position = 0
    for line in page.splitlines(keepends=True):
        words = line.strip()
        if opened is None and words.startswith(_FENCE):
            opened = words.removeprefix(_FENCE), position + len(line)
        elif opened is not None and words == _FENCE:
            language, start = opened
            yield _Block(language, page[start:position], *mark, told, (start, position))
            told, mark, opened = "", ("", ""), None
        elif opened is None and (found := _MARK.fullmatch(words)):
            mark = found[1], found[2]
        elif opened is None and words:
            told, mark = words, ("", "")
        position += len(line)
    if opened is not None:
        raise UnclearBlock("a fence that is not closed")


def steps(page: str) -> Iterator[Step]:
    """The steps of a page, in order. Raises UnclearBlock."""
    blocks = [*_blocks(page), None]
    for block, after in pairwise(blocks):
        assert block is not None
        match block.mark, block.language:
            case "file", _:
                yield SavedFile(block.value, block.text, block.told)
            case "edit", "diff":
                yield Edit(block.value, _side(block.text, "-"), _side(block.text, "+"), block.told)
            case (("" | "exits"), "sh"):
                code = int(block.value or 0)
                if after is not None and _is_output(after):
                    yield Commands(block.text, code, after.text, after.span)
                else:
                    yield Commands(block.text, code, None)
            case _ if not _is_output(block):
                raise UnclearBlock(f"{block.mark} {block.language}\n{block.text}")


def _is_output(block: _Block) -> bool:
    """Whether it stands right after another one, as text."""
    return (block.language, block.mark, block.told) == ("text", "", "")


def _side(diff: str, sign: str) -> str:
    """The lines of a diff as they are before (`-`) or after it (`+`)."""
    return "".join(f"{line[1:]}\n" for line in diff.splitlines() if line[:1] in (sign, " "))


def with_outputs(page: str, outputs: dict[tuple[int, int], str]) -> str:
    """The page with these texts in place of the outputs at these spans."""
    for start, end in sorted(outputs, reverse=True):
        page = page[:start] + outputs[start, end] + page[end:]
    return page
