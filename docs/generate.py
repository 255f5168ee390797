"""Writes the parts of README.md and docs/*.md that describe code from the code: `make docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`; NAME is a key of
PARTS, and may stand in several documents; any other is written by tests.docs.update. The ids of
checks in the schema of a configuration are brought up to date as well. With --check nothing is
written, and the exit code is 1 where a part is out of date.
"""

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache

import fleet_example
import runs
import tables
from compatibility_table import entry_table, fail_on_table, schema_table
from runs import DOCS

from mcpverify.checks import check_ids
from mcpverify.facts.compatibility import Compatibility

RESULTS = DOCS.parent / "benchmarks" / "RESULTS.md"
DOCUMENTS = (DOCS.parent / "README.md", *sorted(DOCS.glob("*.md")))
SCHEMA = DOCS.parent / "mcpverify" / "settings" / "mcpverify.schema.json"
_CHECK_IDS = re.compile(r'("title": "the id of a check",\n.*\n *"enum": \[)[^]]*?( *\])')
_PART = re.compile(r"<!-- generated: (\S+) -->\n.*?<!-- end of \1 -->", re.DOTALL)


def rivals() -> str:
    """How often drift is right, and two libraries beside it, as `make bench` counted."""
    tables = [
        {row[0].rsplit(" ", 1)[0]: row[1:] for row in _rows(table)}
        for table in RESULTS.read_text(encoding="utf-8").split("| | edits | right |")[1:]
    ]
    alone, closed, both, diff, subschema = tables
    edits, right, compatible, breaking, undecided = alone["mcpverify"][:5]
    text = f"""
        Of {edits} single edits to tools of released servers, of each of which it is known from how
        it was made whether it breaks, {right} were judged rightly, {undecided} were left undecided,
        {compatible} were called compatible and {breaking} breaking by mistake. Libraries that
        compare JSON Schemas, on some of these edits: read in the closed world
        ({_of(closed)}), {_shares(closed)}; where the closed world and plain containment agree
        ({_of(both)}), {_shares(both)}. Both libraries leave out much of JSON Schema. On what it
        says that it reads, json-schema-diff is right on {_share(diff["json-schema-diff"])}
        ({_of(diff)}), and jsonsubschema on {_share(subschema["jsonsubschema"])}
        ({_of(subschema)}).
        """
    return textwrap.fill(" ".join(text.split()), 100, break_on_hyphens=False)


def _rows(table: str) -> Iterator[list[str]]:
    """The rows of a table, whose head is cut off, by their cells."""
    for line in table.splitlines()[2:]:
        if not line.startswith("| "):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def _of(table: dict[str, list[str]]) -> str:
    return f"{next(iter(table.values()))[0]} edits"


def _share(row: list[str]) -> str:
    """The share of right answers: 83.9 % of `3,429 (83.9 %)`."""
    return row[1].partition("(")[2].rstrip(")")


def _shares(table: dict[str, list[str]]) -> str:
    told = [f"{name} is right on {_share(row)}" for name, row in table.items()]
    return f"{', '.join(told[:-1])} and {told[-1]}"


# The tool that has each verdict in the report of `unreviewed-run`.
_SHOWN = {
    Compatibility.BREAKING: "forecast",
    Compatibility.UNDECIDED: "find_station",
    Compatibility.BEHAVIORAL: "alerts",
    Compatibility.COMPATIBLE: "radar",
}


def _verdict(verdict: Compatibility) -> str:
    return f"{runs.excerpt(_SHOWN[verdict])}\n\n{tables.verdict_advice(verdict)}"


PARTS: dict[str, Callable[[], str]] = {
    "fleet-configuration": fleet_example.fleet_configuration,
    "fleet-run": fleet_example.fleet_run,
    "green-run": runs.green_run,
    "red-run": runs.red_run,
    "drift-run": runs.drift_run,
    "unreviewed-run": runs.unreviewed_run,
    "unreviewed-comment": runs.unreviewed_comment,
    "old-release-run": runs.old_release_run,
    "breaking": lambda: _verdict(Compatibility.BREAKING),
    "undecided": lambda: _verdict(Compatibility.UNDECIDED),
    "behavioral": lambda: _verdict(Compatibility.BEHAVIORAL),
    "compatible": lambda: _verdict(Compatibility.COMPATIBLE),
    "verdicts": tables.verdicts,
    "verdict-grounds": tables.verdict_grounds,
    "rivals": rivals,
    "fail-on": fail_on_table,
    "compatibility": lambda: schema_table(brief=True),
    "entry-compatibility": lambda: entry_table(brief=True),
    "all-compatibility": lambda: schema_table(brief=False),
    "all-entry-compatibility": lambda: entry_table(brief=False),
    "exit-codes": tables.exit_codes,
    "checks": tables.checks,
    "bad-ends": tables.bad_ends,
    "situations": tables.situations,
    "points": tables.points,
    "shutdowns": tables.shutdowns,
    "formats": tables.formats,
    "target-keys": lambda: tables.keys_of("target"),
    "call-keys": lambda: tables.keys_of("call"),
    "condition-keys": lambda: tables.keys_of("condition"),
    "oauth-keys": lambda: tables.keys_of("oauth"),
    "tls-keys": lambda: tables.keys_of("tls"),
    "probe-keys": lambda: tables.keys_of("probe"),
    "severity-keys": lambda: tables.keys_of("severity"),
    "reference": tables.reference,
    "check-options": lambda: tables.options_of("check"),
    "snapshot-options": lambda: tables.options_of("snapshot", beyond="check"),
    "diff-options": lambda: tables.options_of("diff", beyond="check"),
    "drain-options": lambda: tables.options_of("drain", beyond="check"),
}


def generated(document: str) -> str:
    """`document` with each of its generated parts as the code has it now."""
    return _PART.sub(lambda found: part(found[1]) if found[1] in PARTS else found[0], document)


@cache
def part(name: str) -> str:
    """One part, between its marks."""
    return f"<!-- generated: {name} -->\n{PARTS[name]()}\n<!-- end of {name} -->"


def listing_checks(schema: str) -> str:
    """The schema of a configuration with the ids of all checks in it."""
    listed = ",\n".join(f'        "{each}"' for each in check_ids())
    return _CHECK_IDS.sub(lambda found: f"{found[1]}\n{listed}\n{found[2]}", schema)


def main(argv: list[str]) -> int:
    """Bring the documents up to date, or with --check only look."""
    code = 0
    for document in (*DOCUMENTS, SCHEMA):
        before = document.read_text(encoding="utf-8")
        after = listing_checks(before) if document == SCHEMA else generated(before)
        if before == after:
            continue
        if "--check" in argv:
            sys.stdout.write(f"{document.name} is out of date: run make docs\n")
            code = 1
        else:
            document.write_text(after, encoding="utf-8")
            sys.stdout.write(f"{document.name} was brought up to date\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
