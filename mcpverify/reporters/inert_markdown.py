"""What a server says, made harmless in Markdown: it stands in code, where nothing is obeyed.

In code spans and fenced blocks there are no links, images, mentions, references, HTML or
formulas. Outside of them only words are let through that no renderer takes for more.
"""

import re
from collections.abc import Iterable
from typing import Final

from mcpverify.reporters.inert import inert, never_a_command

MAX_SPAN: Final = 200  # characters
_TICKS: Final = re.compile("`+")
# Plain words and numbers, in brackets or quotes, with a mark behind them. Not among them is what
# some forge makes a link of: domains, host names, commits, ABC-123.
_PLAIN: Final = re.compile(
    r"""[("']*"""
    r"(?!(?:[0-9a-fA-F]{7,}|[A-Za-z]+-\d+)\b)"
    r"(?:[A-Za-z]+(?:[-'/][A-Za-z0-9]+)*|\d+(?:[.,]\d+)*%?)"
    r"""['")]*[.,:;?]?"""
)
_QUOTED: Final = re.compile("`([^`]+)`")
_LIST: Final = re.compile(r"\d+[.)]")


def code(text: str, limit: int = MAX_SPAN) -> str:
    """`text` as a code span."""
    shown = inert(text, limit)
    if not shown.strip():
        return "(empty)" if not shown else "(blank)"
    ticks = "`" * (_longest(shown) + 1)
    outer = shown[0] + shown[-1]
    gap = " " if "`" in outer or outer == "  " else ""
    return f"{ticks}{gap}{shown}{gap}{ticks}"


def cell(text: str, limit: int = MAX_SPAN) -> str:
    """`text` as a code span in a table, where a pipe would end it whatever stands before it."""
    return code(inert(text, limit).replace("|", "\\x7c"), limit * 4)


def prose(text: str, limit: int = 600) -> str:
    """A sentence of ours that may hold words of a server: those that are not plain as code."""
    pieces: list[str] = []
    odd: list[str] = []
    quoting = False
    for number, word in enumerate(inert(text, limit).split()):
        plain = _PLAIN.fullmatch(word) and not (number == 0 and _LIST.fullmatch(word))
        if quoting or not plain:
            quoting ^= word.count("`") % 2 == 1
            odd.append(word)
            continue
        if odd:
            pieces.append(_code_of(odd, limit))
            odd = []
        pieces.append(word)
    if odd:
        pieces.append(_code_of(odd, limit))
    return " ".join(pieces)


def _code_of(words: list[str], limit: int) -> str:
    """Words as a code span; those that stand between backticks were meant as one."""
    text = " ".join(words)
    bare = text.rstrip(".,;")
    # The end of a sentence is no part of the name before it. Behind a dot, an address could go on.
    end = text[len(bare) :] if bare and len(text) == len(bare) + 1 else ""
    quoted = _QUOTED.fullmatch(text.removesuffix(end))
    return code(quoted[1] if quoted else text.removesuffix(end), limit * 4) + end


def block(lines: Iterable[str], language: str = "text") -> str:
    """Lines that are inert already, in a fence that none of them can close."""
    text = "\n".join(map(never_a_command, lines))
    fence = "`" * max(_longest(text) + 1, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def folded(summary: str, content: str) -> str:
    """`summary` holds our own words only: it stands in HTML, where code spans mean nothing."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
