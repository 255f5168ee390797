"""What goes into the files that a runner of GitHub Actions gives to a step, as text.

The outputs are for the `if:` of later steps, the summary is for people. No value of an output
holds a line break, and so none can begin another output. Of two lines with one name the last
counts: only the gate says whether to roll back, and nothing that runs after it takes that back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mcpverify.facts.comparison import Comparison
from mcpverify.facts.drain import DrainReport
from mcpverify.facts.report import Report
from mcpverify.facts.verdict import Verdict
from mcpverify.reporters.inert import inert
from mcpverify.reporters.inert_commands import Level, annotation
from mcpverify.reporters.inert_markdown import prose
from mcpverify.reporters.markdown_report import render as markdown
from mcpverify.reporters.presentation import Presentation

# The runner drops the summary of a step, with an error, where it has more
# (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
MAX_SUMMARY: Final = 2**20  # bytes
NO_VERDICT: Final = "none"  # where a run ended before there was one


@dataclass(frozen=True, slots=True)
class Told:
    """What a run comes to, for the runner: commands for its log, and text for its two files."""

    annotations: str
    summary: str
    outputs: str


def of_report(
    report: Report | Comparison | DrainReport, exit_code: int, *, rollback: bool | None, path: str
) -> Told:
    """For a run that reached a verdict. `path` is that of the first report file, or "".

    `rollback` is None where the run was no gate, and says nothing of rolling back.
    """
    from mcpverify.reporters.github_report import render

    how = Presentation(exit_code)
    values = {
        **_outcome(report.verdict, exit_code, rollback=rollback),
        **_subject(report),
        "failed": ",".join(_failed(report)),
        "report": path,
    }
    return Told(render(report, how), markdown(report, how), _outputs(values))


def of_problem(problem: str, hint: str, exit_code: int, level: Level, *, gate: bool) -> Told:
    """For a run that reached no verdict: why, and what to do next, without credentials."""
    lines = [problem, *([hint] if hint else [])]
    title = f"mcpverify: no verdict (exit {exit_code})"
    paragraphs = [f"### No verdict (exit {exit_code})", prose(problem)]
    if hint:
        paragraphs.append(prose(hint))
    if gate:
        paragraphs.append("There is no verdict, and so no reason to roll back.")
    values = {
        **_outcome(NO_VERDICT, exit_code, rollback=False if gate else None),
        **dict.fromkeys(_SUBJECT, ""),
        "failed": "",
        "report": "",
    }
    return Told(
        f"{annotation(level, title, lines)}\n", "\n\n".join([*paragraphs, ""]), _outputs(values)
    )


def within(summary: str, room: int) -> str:
    """`summary` if it takes fewer than `room` bytes, else one line that says so, else ""."""
    told = "\n*mcpverify: no room is left here for a report; it is in the log of the step.*\n"
    return next((each for each in (f"\n{summary}", told) if len(each.encode()) < room), "")


_SUBJECT: Final = ("situation", "digest", "expected-digest")


def _outcome(verdict: str, exit_code: int, *, rollback: bool | None) -> dict[str, str]:
    outcome = {"verdict": verdict, "exit-code": str(exit_code)}
    if rollback is not None:
        outcome["rollback"] = "true" if rollback else "false"
    return outcome


def _subject(report: Report | Comparison | DrainReport) -> dict[str, str]:
    """What was seen and what was expected; empty where there are several targets.

    Of the trial of a shutdown: what it was like, and the contract after it and before it.
    """
    situation = ""
    if isinstance(report, Comparison):
        live, expected = report.new.digests, report.old.digests
    elif isinstance(report, DrainReport):
        situation = report.trial.shutdown or ""
        after = report.trial.timeline.aftermath
        live, expected = after.after, after.before
    elif len(report.targets) == 1:
        target = report.targets[0]
        situation, live, expected = target.situation.value, target.live, target.expected
    else:
        live = expected = None
    digests = ("" if each is None else each.digest for each in (live, expected))
    return dict(zip(_SUBJECT, (situation, *digests), strict=True))


def _failed(report: Report | Comparison | DrainReport) -> list[str]:
    """The targets that failed: of several, those that are to be rolled back."""
    targets = report.targets if isinstance(report, Report) else ()
    return [each.target for each in targets if each.verdict is Verdict.FAILED]


def _outputs(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={_one_line(value)}\n" for name, value in values.items())


def _one_line(value: str) -> str:
    # A path is told as it is, as long as that is possible.
    return value if value.isprintable() else inert(value)
