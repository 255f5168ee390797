"""What the verdicts of a run mean, and the outcomes of its checks that make them."""

from collections.abc import Iterator, Mapping
from typing import Final

from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.facts.finding import Outcome
from mcpverify.facts.verdict import Verdict

VERDICTS: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.PASSED: (
        "No gating check failed, and each was answered",
        "Exit code 0. The server was seen, and nothing that gates was wrong with it. Warnings do "
        "not change that, except with --strict. Several targets pass only together.",
    ),
    Verdict.FAILED: (
        "The server was observed, and it is wrong",
        "Exit code 1. A check of severity error failed: that is a fact about what is deployed, "
        "not about the network or the call. It counts even where other checks could not be asked. "
        "The situation says what it means for the deploy.",
    ),
    Verdict.INCONCLUSIVE: (
        "No verdict was reached",
        "Exit code 3. Nothing was seen to be wrong, but a check of severity error could not be "
        "asked: no answer came, we were not let in, or a list was not fully seen. It is neither "
        "green nor a proof against the release. A deploy that cannot be shown to work in time is "
        "rolled back; a preflight tells whether it was so before.",
    ),
}

OUTCOMES: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.PASSED: (
        "The question was asked, and the answer is as it should be",
        "In the report it is one of those that are ok.",
    ),
    Outcome.WARNED: (
        "Something should be mended, and fails no gate",
        "A broken should of the specification, or a difference that --fail-on lets pass. With "
        "--strict warnings fail.",
    ),
    Outcome.FAILED: (
        "The question was asked, and the answer is wrong",
        "A check of severity error that fails makes the run fail, exit code 1. One of severity "
        "warning never has this outcome, except with --strict.",
    ),
    Outcome.NOT_APPLICABLE: (
        "The question makes no sense here",
        "As for the certificate of a connection that is not encrypted. It counts for nothing, and "
        "the reason stands beside it.",
    ),
    Outcome.NOT_OBSERVED: (
        "The question could not be asked",
        "Because something before it went wrong: no session, a list that was cut. It is never "
        "green: where the severity of the check is error, there is no verdict, exit code 3. The "
        "reason stands beside it.",
    ),
}


def verdict_topics() -> Iterator[Topic]:
    """A topic for each verdict of a run."""
    for verdict, (title, text) in VERDICTS.items():
        yield Topic(
            Kind.VERDICT, verdict.value, "a verdict of a run", "Verdicts of a run", title, text
        )


def outcome_topics() -> Iterator[Topic]:
    """A topic for each outcome of a check."""
    for outcome, (title, text) in OUTCOMES.items():
        yield Topic(
            Kind.OUTCOME, outcome.value, "an outcome of a check", "Outcomes of a check", title, text
        )
