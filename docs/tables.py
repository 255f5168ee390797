"""The tables and lists of the documents that describe code, made of the code."""

import ast
import textwrap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

import mcpverify.reporters
from mcpverify.checks import all_checks
from mcpverify.cli.app import COMMANDS, app_with
from mcpverify.cli.exit_codes import MEANINGS
from mcpverify.cli.explanations import all_topics, listed_names
from mcpverify.cli.explanations.drift import DRIFT
from mcpverify.cli.explanations.exits import EXITS
from mcpverify.cli.explanations.shutdowns import SHUTDOWNS
from mcpverify.cli.explanations.situations import SITUATIONS
from mcpverify.cli.explanations.topic import Topic
from mcpverify.demo.faults.registry import FAULTS
from mcpverify.demo.faults.shown import ENDED
from mcpverify.facts.check import Check
from mcpverify.facts.compatibility import Compatibility
from mcpverify.reporters import FORMATS
from mcpverify.rollout.points import all_points
from mcpverify.settings.schema import part

_OPTIONS_WIDTH = 80
_TEXT_WIDTH = 100
_REFERENCE = "docs/reference.md"


def _table(head: str, rows: Iterator[str]) -> str:
    ruled = "|".join("---:" if cell == "code" else "---" for cell in head.split(" | "))
    return "\n".join((f"| {head} |", f"|{ruled}|", *rows))


def exit_codes() -> str:
    """The table of exit codes, and what a deploy job does on each."""
    return _table(
        "code | meaning | a deploy job should",
        (
            f"| {int(code)} | {meaning} | {EXITS[code].brief} |"
            for code, meaning in MEANINGS.items()
        ),
    )


def checks() -> str:
    """The table of checks, in the order of reports."""
    return _table(
        "check | severity | title",
        (
            f"| [`{file.check.id}`]({_REFERENCE}#{file.check.id}) | {_severity(file.check)} "
            f"| {file.check.title} |"
            for file in all_checks()
        ),
    )


def _severity(check: Check) -> str:
    return f"{check.severity}, opt-in" if check.opt_in else str(check.severity)


def points() -> str:
    """The table of the points of a good shutdown, in the order of reports."""
    return _table(
        "point | severity | title",
        (
            f"| [`{file.check.id}`]({_REFERENCE}#{file.check.id}) | {file.check.severity} "
            f"| {file.check.title} |"
            for file in all_points()
        ),
    )


def shutdowns() -> str:
    """The table of the kinds of shutdown, best first."""
    return _table(
        "shutdown | means",
        (
            f"| [`{shutdown}`]({_REFERENCE}#{shutdown}) | {title} |"
            for shutdown, (title, _) in SHUTDOWNS.items()
        ),
    )


def bad_ends() -> str:
    """The table of the faults of the demo server that show when it is stopped."""
    return _table(
        "fault | what happens | shutdown | blamed point",
        (
            f"| `{fault}` | {FAULTS[fault].summary} | [`{ended.shutdown}`](reference.md"
            f"#{ended.shutdown}) | [`{ended.point}`](reference.md#{ended.point}) |"
            for fault, ended in ENDED.items()
        ),
    )


def situations() -> str:
    """The table of situations: how a report begins, its verdict, and whether to roll back."""
    rows = []
    for situation, of in SITUATIONS.items():
        name = f"[`{situation}`]({_REFERENCE}#{situation})"
        headline = of.headline or "the path of the snapshot"
        rows.append(f"| {name} | {headline} | {of.verdict} | {of.roll_back} |")
    return _table("situation | the second line begins with | verdict | rolling back", iter(rows))


def verdicts() -> str:
    """What the verdicts on a difference mean, and on what grounds they are claimed."""
    return _table(
        "verdict | means | claimed only with",
        (f"| {verdict} | {of.means} | {of.grounds} |" for verdict, of in DRIFT.items()),
    )


def verdict_grounds() -> str:
    """The grounds alone."""
    return _table(
        "verdict | claimed only with",
        (f"| {verdict} | {of.grounds} |" for verdict, of in DRIFT.items()),
    )


def verdict_advice(verdict: Compatibility) -> str:
    """What a verdict means and what to do, in a paragraph."""
    of = DRIFT[verdict]
    return _filled(f"It means: {of.means}. {of.todo}")


def formats() -> str:
    """The formats of reports, by the first line of what each of their files says of itself."""
    folder = Path(mcpverify.reporters.__file__).parent
    rows = []
    for name in FORMATS:
        tree = ast.parse((folder / f"{name}_report.py").read_text(encoding="utf-8"))
        first = (ast.get_docstring(tree) or "").partition("\n\n")[0]
        rows.append(f"| `{name}` | {' '.join(first.split()).rstrip('.')} |")
    return _table("format | is", iter(rows))


def keys_of(table: str) -> str:
    """The keys of a table of a configuration, as its schema has them."""
    return _table(
        "key | is | means",
        (
            f"| `{key}` | {_value_of(value)} | {value['description']} |"
            for key, value in part(table)["properties"].items()
        ),
    )


def _value_of(value: dict[str, Any]) -> str:
    if "enum" in value:
        return ", ".join(f"`{each}`" for each in value["enum"])
    return str(value["title"])


def reference() -> str:
    """Everything that `mcpverify explain` prints."""
    return "\n\n".join(_reference())


def _reference() -> Iterator[str]:
    names = listed_names()
    for section, topics in groupby(all_topics(), key=lambda topic: topic.section):
        yield f"## {section}"
        for topic in topics:
            yield f"### {names[topic]}"
            yield _filled(f"**{topic.title}** ({topic.sort})")
            yield from map(_filled, topic.paragraphs)
            if topic.notes:
                yield "\n".join(_notes(topic))


def _notes(topic: Topic) -> Iterator[str]:
    for label, note in topic.notes:
        if note.startswith("https://"):
            note = f"<{note}>"
        elif note.startswith("mcpverify "):
            note = f"`{note}`"
        yield f"- {label}: {note}"


def _filled(text: str) -> str:
    return textwrap.fill(text, _TEXT_WIDTH, break_on_hyphens=False, break_long_words=False)


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
    wrapped = textwrap.wrap(f"{option.help}{default}", _OPTIONS_WIDTH - 28)
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
