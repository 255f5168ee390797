"""What the answers of health addresses mean: real servers, judged in this process."""

import time
from typing import Any

import pytest

from mcpverify.facts.finding import Outcome
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.situation import Situation
from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.verdict import Verdict
from mcpverify.verify.waiting import Waiting
from tests.health.asking import finding_of, readiness_at, report_on, says, serve
from tests.servers.raw_http import Request, Wire, head, response

PASSED, FAILED, NOT_OBSERVED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_OBSERVED

LOGIN = b"<html><title>Sign in</title></html>"


@pytest.mark.parametrize(
    ("status", "wanted", "outcome", "message"),
    [
        (200, None, PASSED, "/healthz answered 200 in "),
        (204, None, PASSED, "/healthz answered 204 in "),
        (503, None, FAILED, "/healthz answered 503"),
        (404, None, FAILED, "/healthz answered 404"),
        (401, None, FAILED, "/healthz answered 401"),
        (304, None, FAILED, "/healthz answered 304"),
        (200, 204, FAILED, "/healthz answered 200, expected is 204"),
        (418, 418, PASSED, "/healthz answered 418 in "),
        (429, None, NOT_OBSERVED, "/healthz: answered 429"),
    ],
)
def test_the_status_decides(
    status: int, wanted: int | None, outcome: Outcome, message: str
) -> None:
    with serve({"/healthz": says(status, b"")}) as server:
        finding = readiness_at(server, "/healthz", status=wanted)
    assert finding.outcome is outcome
    assert finding.message.startswith(message)


@pytest.mark.parametrize(
    ("body", "pointer", "value", "message"),
    [
        ({"status": "ok"}, "/status", "ok", ""),
        ({"checks": [{"up": True}]}, "/checks/0/up", True, ""),
        ({"a/b": {"~": 1}}, "/a~1b/~0", 1, ""),
        ({"n": 1.0}, "/n", 1, ""),
        ({"n": None}, "/n", None, ""),
        ({"o": {"b": 2, "a": 1}}, "/o", {"a": 1, "b": 2}, ""),
        ({"status": "degraded"}, "/status", "ok", 'holds "degraded" at /status, expected is "ok"'),
        ({"up": 1}, "/up", True, "holds 1 at /up, expected is true"),
        ({"up": "true"}, "/up", True, 'holds "true" at /up, expected is true'),
        ({}, "/status", "ok", 'holds nothing at /status, expected is "ok"'),
        (["ok"], "/1", "ok", "holds nothing at /1"),
        (["ok"], "/00", "ok", "holds nothing at /00"),
        ({"s": "x" * 500}, "/s", "ok", "holds a string of 500 characters at /s"),
        ("ok", "", "ok", ""),
        ("down", "", "ok", 'holds "down", expected is "ok"'),
        (LOGIN, "/status", "ok", "without usable JSON: an HTML page titled 'Sign in'"),
        (b"", "/status", "ok", "without usable JSON: an empty body"),
        (b'{"status": "ok", "status": 1}', "/status", "ok", "stands twice in one object"),
        (b"[" * 5_000, "/status", "ok", "nested deeper"),
    ],
)  # fmt: skip
def test_a_value_is_compared_as_json(body: Any, pointer: str, value: Any, message: str) -> None:
    with serve({"/healthz": says(200, body)}) as server:
        finding = readiness_at(server, "/healthz", members=((pointer, value),))
    assert finding.outcome is (FAILED if message else PASSED)
    assert message in finding.message


def test_a_body_that_is_nested_a_thousand_times_is_read() -> None:
    body = b'{"status":"ok","deep":' + b"[" * 998 + b"]" * 998 + b"}"
    with serve({"/healthz": says(200, body)}) as server:
        finding = readiness_at(server, "/healthz", members=(("/status", "ok"),))
        deep = readiness_at(server, "/healthz", members=(("/deep", "ok"),))
    assert finding.outcome is PASSED
    assert deep.message.startswith("/healthz holds an array of 1 at /deep")


def test_every_value_that_differs_is_told() -> None:
    wanted = (("/a", 1), ("/b", 2), ("/c", 3))
    with serve({"/healthz": says(200, {"a": 0, "b": 2})}) as server:
        finding = readiness_at(server, "/healthz", members=wanted)
    assert finding.message == "/healthz holds 0 at /a, expected is 1"
    assert [each.text for each in finding.details] == [
        "/healthz holds nothing at /c, expected is 3"
    ]


def test_an_answer_past_its_budget_fails() -> None:
    with serve({"/healthz": says(200)}) as server:
        quick = readiness_at(server, "/healthz", max_seconds=30.0)
        slow = readiness_at(server, "/healthz", max_seconds=0.000_001)
    assert quick.outcome is PASSED
    assert slow.outcome is FAILED
    assert "allowed are 0 ms" in slow.message


def never(request: Request, wire: Wire) -> None:
    wire.hold()


def drips(request: Request, wire: Wire) -> None:
    wire.send(head(200, "text/plain", (("Content-Length", "100000"),)))
    wire.drip(b"x" * 100_000, 0.02)


@pytest.mark.parametrize(
    ("route", "message"),
    [
        (never, "/healthz: no whole answer within 0.3 s"),
        (drips, "/healthz answered 200, but no whole answer within 0.3 s"),
    ],
)
def test_an_address_that_hangs_while_mcp_answers_is_a_failure(route: Any, message: str) -> None:
    began = time.monotonic()
    with serve({"/healthz": route}) as server:
        finding = readiness_at(server, "/healthz", seconds=0.3)
    assert (finding.outcome, finding.message) == (FAILED, message)
    assert time.monotonic() - began < 10


def test_a_huge_body_is_read_no_further_than_needed() -> None:
    def floods(request: Request, wire: Wire) -> None:
        wire.send(head(200, "application/json", (("Content-Length", str(2**40)),)))
        while True:
            wire.send(b" " * 65_536)

    with serve({"/healthz": floods}) as server:
        unread = readiness_at(server, "/healthz")
        read = readiness_at(server, "/healthz", members=(("/status", "ok"),))
    assert unread.outcome is PASSED
    assert read.outcome is FAILED
    assert read.message == "/healthz answered 200, but the answer is larger than 1 MiB"


def test_silence_at_another_origin_is_not_observed() -> None:
    with serve({}) as gone:
        address = f"{gone.origin}/healthz"
    with serve({}) as server:
        finding = readiness_at(server, address)
    assert finding.outcome is NOT_OBSERVED
    assert "refused the connection" in finding.message
    assert finding.message.startswith(address)


def test_silence_is_not_observed_where_mcp_is_silent_too() -> None:
    with serve({}) as gone:
        url = gone.url
    report = report_on(HttpEndpoint((url,)), readiness=HealthProbe("/healthz"))
    assert finding_of(report, "readiness").outcome is NOT_OBSERVED
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.situation is Situation.UNREACHABLE


@pytest.mark.parametrize(
    ("location", "outcome", "message"),
    [
        ("/healthz/", PASSED, "/healthz answered 200 in"),
        ("/login?next=/healthz", FAILED, "/healthz redirects to /login, which answered 200"),
        ("http://127.0.0.9:1/healthz", FAILED, "redirects to another origin"),
        ("/healthz", FAILED, "more than 5 redirects"),
    ],
)
@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_may_add_a_slash_and_nothing_else(
    status: int, location: str, outcome: Outcome, message: str
) -> None:
    routes = {
        "/healthz": says(status, b"", Location=location),
        "/healthz/": says(200, {"status": "ok"}),
        "/login": says(200, LOGIN),
    }
    with serve(routes) as server:
        finding = readiness_at(server, "/healthz")
    assert finding.outcome is outcome
    assert message in finding.message


def test_what_is_no_http_is_a_failure() -> None:
    def greets(request: Request, wire: Wire) -> None:
        wire.send(b"SSH-2.0-OpenSSH_9.9\r\n")

    with serve({"/healthz": greets}) as server:
        finding = readiness_at(server, "/healthz")
    assert finding.outcome is FAILED
    assert "no HTTP" in finding.message


def test_a_server_that_works_but_is_not_ready_will_be_taken_out() -> None:
    with serve({"/healthz": says(503, {"status": "warming"})}) as server:
        report = report_on(HttpEndpoint((server.url,)), readiness=HealthProbe("/healthz"))
    assert report.verdict is Verdict.FAILED
    assert report.situation is Situation.NOT_HEALTHY
    assert report.headline == "NOT READY: /healthz answered 503"
    (told,) = finding_of(report, "readiness").details
    assert told.text == "it sent a health endpoint's JSON with status"
    assert "the load balancer takes out" in report.next_steps[0]


def test_a_server_that_starts_is_waited_for() -> None:
    answers = iter([503, 200])

    def starts(request: Request, wire: Wire) -> bytes:
        return response(next(answers))

    with serve({"/healthz": starts}) as server:
        report = report_on(
            HttpEndpoint((server.url,)),
            waiting=Waiting(30.0, 1),
            readiness=HealthProbe("/healthz"),
        )
    assert (report.verdict, report.attempts) == (Verdict.PASSED, 2)


def test_liveness_is_a_question_of_its_own() -> None:
    with serve({"/ready": says(200), "/live": says(500)}) as server:
        report = report_on(
            HttpEndpoint((server.url,)),
            readiness=HealthProbe("/ready"),
            liveness=HealthProbe("/live"),
        )
    assert finding_of(report, "readiness").outcome is PASSED
    assert finding_of(report, "liveness").outcome is FAILED
    assert report.headline == "NOT ALIVE: /live answered 500"


def test_a_liveness_address_that_answers_passes() -> None:
    with serve({"/live": says(200)}) as server:
        report = report_on(HttpEndpoint((server.url,)), liveness=HealthProbe("/live"))
    assert finding_of(report, "liveness").outcome is PASSED
    assert finding_of(report, "readiness").outcome is Outcome.NOT_APPLICABLE


def test_an_address_is_shown_without_what_may_be_a_credential() -> None:
    with serve({"/healthz": says(503)}) as server:
        finding = readiness_at(server, "/healthz?token=hunter2000")
    assert finding.message == "/healthz?token=*** answered 503"


def test_what_the_end_of_the_run_cuts_off_says_nothing() -> None:
    with serve({"/healthz": never}) as server:
        report = report_on(
            HttpEndpoint((server.url,)), run_seconds=0.5, readiness=HealthProbe("/healthz")
        )
    finding = finding_of(report, "readiness")
    assert finding.outcome is NOT_OBSERVED
    assert finding.message == "no answer was recorded: it was not asked, or the run was over"
