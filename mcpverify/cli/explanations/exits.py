"""What the exit codes mean, and what CI should do on each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from mcpverify.cli.exit_codes import MEANINGS, ExitCode
from mcpverify.cli.explanations.topic import Kind, Topic


@dataclass(frozen=True, slots=True)
class ExitText:
    """`said` is what a deploy may conclude, `todo` what its job does, in whole sentences.

    `brief` is `todo` as the cell of a table.
    """

    said: str
    todo: str
    brief: str


EXITS: Final[Mapping[ExitCode, ExitText]] = {
    ExitCode.PASSED: ExitText(
        "The server was seen, and no gating check failed.",
        "Go on: record the commit as deployed.",
        "go on",
    ),
    ExitCode.WRONG: ExitText(
        "What is deployed was observed, and it is wrong: a fact about the release or the way to "
        "it, which trying again does not mend. The situation says which it is.",
        "Roll back, and let the situation tell a person what happened. Where an old release is "
        "serving, rolling back changes nothing: find out why the new one gets no traffic. Of "
        "`diff` and of `snapshot --check` it means that something differs, of `drain` that a "
        "deploy of this server loses calls: fail the pull request.",
        "roll back",
    ),
    ExitCode.USAGE: ExitText(
        "Nothing was asked of the server, or not what was meant: the mistake is in the call. A "
        "secret that is unset or empty is one, and so is a snapshot that is missing or has a "
        "digest that does not fit.",
        "Fail the job and mend the call. Never roll back: nothing was said of the release.",
        "mend the call, never roll back",
    ),
    ExitCode.NO_VERDICT: ExitText(
        "The server was not seen to work in the time that it was given, nor to be wrong.",
        "After a deploy, roll back: a release that cannot be shown to work does not stay. Give it "
        "time first with --wait 2m. Run the same gate before the deploy: where that is red "
        "already, stop there, for the network, the token or the address is at fault.",
        "roll back",
    ),
    ExitCode.BUG: ExitText(
        "mcpverify itself failed.",
        "Fail the job, never roll back. Run it again with --debug and report what it prints.",
        "report it, never roll back",
    ),
    ExitCode.INTERRUPTED: ExitText(
        "Someone pressed Ctrl-C, or the runner sent SIGINT: a job was cancelled.",
        "Nothing was concluded: neither go on nor roll back because of it.",
        "nothing was concluded",
    ),
    ExitCode.TERMINATED: ExitText(
        "The process was told to end: a job was cancelled, or its time was over.",
        "Nothing was concluded: neither go on nor roll back because of it. Where the runner's "
        "time is what ended it, make that longer than --wait and --deadline together.",
        "nothing was concluded",
    ),
}


def exit_topics() -> Iterator[Topic]:
    """A topic for each exit code."""
    for code, of in EXITS.items():
        meaning = MEANINGS[code]
        title = f"{meaning[0].upper()}{meaning[1:]}"
        text = f"{of.said}\n\nIn CI: {of.todo[0].lower()}{of.todo[1:]}"
        if code is not ExitCode.PASSED and code < ExitCode.INTERRUPTED:
            text += "\n\nWhere several codes would fit, 70 goes before 2, 1, 3 and 0."
        if code in (ExitCode.USAGE, ExitCode.BUG):
            text += (
                " Of many targets another may have failed all the same: then the verdict of the "
                "report is failed, and that one is a reason to roll back."
            )
        yield Topic(Kind.EXIT, str(int(code)), "an exit code", "Exit codes", title, text)
