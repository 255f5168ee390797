"""The tables of docs/why-not-curl.md: a row for each claim, with what both gates said."""

import re
from collections.abc import Mapping

from tests.docs.claims import Claim, Kind
from tests.docs.stage import Stage

# Which table a claim stands in.
TABLES = {
    "missed": (Kind.WRONGLY_GREEN, Kind.WRONGLY_RED, Kind.MUTE),
    "seen": (Kind.RIGHT,),
}
_HEAD = "| case | the script | mcpverify |\n|---|---|---|\n"
_MOST = 100  # characters of what a gate said: the rest of a line is detail


def row(claim: Claim, stage: Stage) -> str:
    """One row, whose first cell leads to the section of the claim, where it has one."""
    title = claim.title if claim.kind is Kind.RIGHT else f"[{claim.title}](#{anchor(claim.title)})"
    script, ours = (
        "<br>then ".join(_cell(str(said)) for said in told) for told in (stage.script, stage.ours)
    )
    return f"| {title} | {script} | {ours} |\n"


def anchor(title: str) -> str:
    """What a forge makes of a heading, to be linked to."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def with_rows(page: str, rows: Mapping[Claim, str]) -> str:
    """The page with its tables made of these rows."""
    for name, kinds in TABLES.items():
        table = _HEAD + "".join(text for claim, text in rows.items() if claim.kind in kinds)
        marked = f"<!-- generated: {name} -->\n{table}<!-- end of {name} -->"
        pattern = rf"<!-- generated: {name} -->\n.*?<!-- end of {name} -->"
        page = re.sub(pattern, lambda _, new=marked: new, page, count=1, flags=re.DOTALL)
    return page


def _cell(text: str) -> str:
    code, _, told = text.partition(": ")
    return f"{code}: {told if len(told) <= _MOST else told[:_MOST].rpartition(' ')[0] + ' …'}"
