"""Writes the parts of README.md and docs/drift.md that describe code from the code: `make docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end of NAME -->`; NAME is a key of
PARTS. With --check nothing is written, and the exit code is 1 where a part is out of date.
"""

import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer
from compatibility_table import entry_table, fail_on_table, schema_table

from mcpverify.checks import all_checks
from mcpverify.cli.app import COMMANDS, app_with
from mcpverify.cli.exit_codes import MEANINGS
from mcpverify.facts.check import Check

DOCS = Path(__file__).resolve().parent
RESULTS = DOCS.parent / "benchmarks" / "RESULTS.md"
DOCUMENTS = (DOCS.parent / "README.md", DOCS / "drift.md")
PORT = 8000  # the one that README tells its readers to use
_WIDTH = 80
_SECONDS = 60
_PART = re.compile(r"<!-- generated: (\S+) -->\n.*?<!-- end of \1 -->", re.DOTALL)


def exit_codes() -> str:
    """The table of exit codes."""
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(("| code | meaning |", "|---:|---|", *rows))


def checks() -> str:
    """The table of checks, in the order of reports."""
    rows = [
        f"| `{file.check.id}` | {_severity(file.check)} | {file.check.title} |"
        for file in all_checks()
    ]
    return "\n".join(("| check | severity | title |", "|---|---|---|", *rows))


def _severity(check: Check) -> str:
    return f"{check.severity}, opt-in" if check.opt_in else str(check.severity)


def options_of(command: str, beyond: str | None = None) -> str:
    """The options of a command, by the groups they are declared in.

    Those that the command `beyond` has as well are left out.
    """
    known = {_option(each) for options in _groups(beyond).values() for each in options}
    texts = []
    for panel, options in _groups(command).items():
        lines = [line for option in options if (line := _option(option)) not in known]
        if lines:
            texts.append(f"{panel}\n{''.join(lines)}")
    return "```text\n" + "\n".join(texts) + "```"


def _groups(command: str | None) -> dict[str, list[Any]]:
    if command is None:
        return {}
    app: Any = typer.main.get_command(app_with(COMMANDS))
    groups: dict[str, list[Any]] = {}
    for option in app.commands[command].params:
        if option.param_type_name == "option":
            panel = option.rich_help_panel or "Of this command"
            groups.setdefault(panel, []).append(option)
    return groups


def _option(option: Any) -> str:
    flags = ", ".join(sorted(option.opts, key=len))
    value = _value(option)
    head = f"  {flags}{f' {value}' if value else ''}"
    default = ""
    if option.show_default is True and isinstance(option.default, str | int):
        # Not for flags: that they are off is no news.
        default = "" if option.is_flag else f" [{option.default}]"
    wrapped = textwrap.wrap(f"{option.help}{default}", _WIDTH - 28)
    if len(head) > 26:
        lines = [head, *(" " * 28 + line for line in wrapped)]
    else:
        lines = [f"{head:<28}{wrapped[0]}", *(" " * 28 + line for line in wrapped[1:])]
    return "".join(f"{line}\n" for line in lines)


def _value(option: Any) -> str:
    if option.is_flag or option.count:
        return ""
    choices = getattr(option.type, "choices", None)
    if choices:
        return "|".join(str(getattr(each, "value", each)) for each in choices)
    return option.metavar or "N"


class _Session(StrEnum):
    """The demo server that a session of commands meets."""

    HONEST = ""
    CHANGED = "changed-schema"


def green_run() -> str:
    """What `check` prints about the server that was reviewed."""
    return _shown(_Session.HONEST, 0)


def red_run() -> str:
    """What `check` prints about a server whose schema is another one."""
    return _shown(_Session.CHANGED, 1)


def drift_run() -> str:
    """What `diff` prints about the two listings in docs/examples."""
    text = _run(1, str(DOCS / "examples"), "diff", "search-1.json", "search-2.json")
    return f"```text\n{steadied(text)}```"


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


def _shown(session: _Session, wanted: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        with _demo(_Session.HONEST) as url:
            _run(0, folder, "snapshot", url)
            text = _run(0, folder, "check", url)
        if session is not _Session.HONEST:
            with _demo(session) as url:
                text = _run(wanted, folder, "check", url)
    return f"```text\n{steadied(text)}```"


@contextmanager
def _demo(session: _Session) -> Iterator[str]:
    """The URL of a demo server, which ends with the block."""
    fault = ("--fault", session.value) if session.value else ()
    with subprocess.Popen(
        [sys.executable, "-m", "mcpverify", "demo", "--serve", *fault],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def _run(wanted: int, folder: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mcpverify", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode != wanted:
        raise RuntimeError(f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def steadied(text: str) -> str:
    """A report with what differs from run to run made the same: port, time of day, durations."""
    text = re.sub(r"(127\.0\.0\.1):\d+", rf"\1:{PORT}", text)
    text = re.sub(r"slowest \S+ [\d.]+ m?s\b", "slowest initialize 7 ms", text)
    first, rest = text.split("\n", 1)
    left, right = re.split(r" {2,}(?=\d\d:\d\d:\d\dZ)", first)
    right = re.sub(r"^\S+  [\d.]+ m?s\b", "03:12:44Z  86 ms", right)
    return f"{left}{right:>{_WIDTH - len(left)}}\n{rest}"


PARTS: dict[str, Callable[[], str]] = {
    "green-run": green_run,
    "red-run": red_run,
    "drift-run": drift_run,
    "rivals": rivals,
    "fail-on": fail_on_table,
    "compatibility": lambda: schema_table(brief=True),
    "entry-compatibility": lambda: entry_table(brief=True),
    "all-compatibility": lambda: schema_table(brief=False),
    "all-entry-compatibility": lambda: entry_table(brief=False),
    "exit-codes": exit_codes,
    "checks": checks,
    "check-options": lambda: options_of("check"),
    "snapshot-options": lambda: options_of("snapshot", beyond="check"),
    "diff-options": lambda: options_of("diff", beyond="check"),
}


def generated(document: str) -> str:
    """`document` with each of its generated parts as the code has it now."""
    return _PART.sub(lambda found: part(found[1]), document)


def part(name: str) -> str:
    """One part, between its marks."""
    return f"<!-- generated: {name} -->\n{PARTS[name]()}\n<!-- end of {name} -->"


def main(argv: list[str]) -> int:
    """Bring the documents up to date, or with --check only look."""
    code = 0
    for document in DOCUMENTS:
        before = document.read_text(encoding="utf-8")
        after = generated(before)
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
