"""What gives ground for a verdict, and how findings make one."""

from itertools import product

import pytest

from mcpverify.facts.evidence import says_nothing
from mcpverify.facts.finding import Finding, Outcome, Severity
from mcpverify.facts.transcript import Exchange, Failure, FailureKind, Step, Timing
from mcpverify.facts.verdict import Verdict, verdict_of


def exchange(kind: FailureKind | None, status: int | None = None) -> Exchange:
    return Exchange(
        step=Step.INITIALIZE,
        method="POST",
        url="http://host/mcp",
        sent={},
        status=status,
        headers=(),
        body=b"",
        answer=None,
        asides=(),
        failure=None if kind is None else Failure(kind, "it failed"),
        timing=Timing(0.0, None, None, 0.0),
    )


@pytest.mark.parametrize("status", [401, 403, 407, 429])
@pytest.mark.parametrize("opened", [False, True])
def test_who_is_turned_away_has_seen_nothing(status: int, opened: bool) -> None:
    assert says_nothing(exchange(FailureKind.HTTP_STATUS, status), opened=opened)


@pytest.mark.parametrize("status", [421, 500, 502, 503, 504])
def test_an_unavailable_server_says_nothing_until_it_has_opened_a_session(status: int) -> None:
    failed = exchange(FailureKind.HTTP_STATUS, status)

    assert says_nothing(failed, opened=False)
    assert not says_nothing(failed, opened=True)


@pytest.mark.parametrize("status", [400, 404, 405, 406, 410, 418])
@pytest.mark.parametrize("opened", [False, True])
def test_other_statuses_speak_of_the_server(status: int, opened: bool) -> None:
    assert not says_nothing(exchange(FailureKind.HTTP_STATUS, status), opened=opened)


SILENT = {
    FailureKind.DNS,
    FailureKind.REFUSED,
    FailureKind.UNREACHABLE,
    FailureKind.PROXY,
    FailureKind.TLS_UNTRUSTED,
    FailureKind.TLS,
    FailureKind.TIMEOUT,
    FailureKind.RESET,
}


@pytest.mark.parametrize("kind", list(FailureKind))
def test_no_answer_at_all_says_nothing_until_a_session_is_open(kind: FailureKind) -> None:
    assert says_nothing(exchange(kind), opened=False) is (kind in SILENT)
    assert not says_nothing(exchange(kind), opened=True)


def test_an_answer_says_something() -> None:
    assert not says_nothing(exchange(None, 200), opened=False)


def finding(outcome: Outcome, severity: Severity) -> Finding:
    return Finding("some-check", outcome, severity, "a sentence")


KINDS = tuple(finding(*kind) for kind in product(Outcome, Severity))


def test_a_failure_outweighs_everything() -> None:
    failed = finding(Outcome.FAILED, Severity.WARNING)
    for others in product(KINDS, repeat=2):
        assert verdict_of((*others, failed)) is Verdict.FAILED
        assert verdict_of((failed, *others)) is Verdict.FAILED


def test_a_gating_check_that_was_not_observed_is_never_green() -> None:
    unseen = finding(Outcome.NOT_OBSERVED, Severity.ERROR)
    for other in KINDS:
        assert verdict_of((other, unseen)) is not Verdict.PASSED


def test_warnings_and_what_does_not_apply_pass() -> None:
    harmless = (
        finding(Outcome.PASSED, Severity.ERROR),
        finding(Outcome.WARNED, Severity.ERROR),
        finding(Outcome.NOT_APPLICABLE, Severity.ERROR),
        finding(Outcome.NOT_OBSERVED, Severity.WARNING),
    )

    assert verdict_of(harmless) is Verdict.PASSED
