"""Whether a session is known on other connections, and what is said where it is not."""

from pathlib import Path

import pytest

from mcpverify.facts.situation import Situation
from mcpverify.facts.target import Transport
from mcpverify.facts.transcript import Role, Step
from tests.replicas import in_turns
from tests.replicas.asking import finding, lines, looked_at, told
from tests.servers import honest, honest_sse, loses_sessions
from tests.servers.balancer import NGINX, balanced
from tests.servers.honest import Call, Hook
from tests.servers.raw_http import response

ID = "session-affinity"
STICKY = "10 requests under the issued session on other connections answered"
needs_nginx = pytest.mark.skipif(NGINX is None, reason="NGINX IS NOT INSTALLED: not tested")


def test_the_share_of_lost_requests_is_told() -> None:
    with in_turns.serve(in_turns.by_connection()) as server:
        report = looked_at(server.url, samples=11)

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert message.startswith(
        "5 of 10 requests on the issued session got 404 on another connection"
    )
    assert "replicas do not share sessions" in message
    assert report.situation is Situation.NO_SESSION_AFFINITY
    assert report.headline.startswith("NO SESSION AFFINITY: 5 of 10")
    assert any("sticky" in step for step in report.next_steps)


def test_who_lost_them_is_told() -> None:
    with in_turns.serve(in_turns.by_connection()) as server:
        report = looked_at(server.url, samples=11)

    text = lines(report, ID)
    assert "5 times HTTP 200" in text
    assert "5 times HTTP 404" in text
    assert {"x-served-by web-0", "x-served-by web-1"} <= {
        each.subject for each in finding(report, ID).details
    }


def test_all_else_may_be_well_with_a_session_that_does_not_stick() -> None:
    with in_turns.serve(in_turns.by_connection()) as server:
        report = looked_at(server.url, samples=5)

    failed = [each.check for each in report.findings if each.outcome.value == "failed"]
    assert failed == [ID]


def test_a_session_that_is_lost_at_once_is_blamed_on_affinity() -> None:
    with in_turns.serve(in_turns.by_request()) as server:
        report = looked_at(server.url)

        assert "get" not in server.steps, "the older transport would be no remedy"
    outcome, message = told(report, ID)
    assert (outcome, report.situation) == ("failed", Situation.NO_SESSION_AFFINITY)
    assert message.startswith("3 of 6 requests on the issued session got 404")
    assert report.headline == f"NO SESSION AFFINITY: {message}"
    assert "notifications/initialized got HTTP 404 in the session itself" in lines(report, ID)
    assert [each[:20] for each in report.next_steps] == ["Make sessions sticky"]


def test_one_replica_of_many_knows_the_session() -> None:
    with in_turns.serve(in_turns.by_request(), replicas=40) as server:
        report = looked_at(server.url)

    assert told(report, ID)[1].endswith(
        "replicas do not share sessions, or the server forgets those that it issues"
    )
    assert report.situation is Situation.NO_SESSION_AFFINITY


def test_400_means_the_same_where_others_are_answered() -> None:
    known: list[str] = []

    def forget(call: Call) -> bytes:
        known.append("")
        return call.error(-32600, "no such session", 400) if len(known) % 2 else call.honest

    with honest.serve({"ping": forget}) as server:
        report = looked_at(server.url, samples=5)

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert message.startswith("2 of 4 requests on the issued session got 400")


def test_a_server_that_refuses_ping_is_not_blamed() -> None:
    def refuse(call: Call) -> bytes:
        return call.error(-32600, "no ping here", 400)

    with honest.serve({"ping": refuse}) as server:
        report = looked_at(server.url, samples=4)

    outcome, message = told(report, ID)
    assert outcome == "warned"
    assert message.startswith("3 of 3 requests under the issued session got 400: ping is refused")


def test_an_error_under_http_200_is_an_answer_from_the_session() -> None:
    def refuse(call: Call) -> bytes:
        return call.error(-32601, "Method not found")

    with honest.serve({"ping": refuse}) as server:
        assert told(looked_at(server.url, samples=4), ID)[0] == "passed"


def test_a_server_that_serves_no_ping_at_all_is_warned_of() -> None:
    with honest.serve({"ping": lambda call: response(503)}) as server:
        report = looked_at(server.url, samples=4)

    outcome, message = told(report, ID)
    assert outcome == "warned"
    assert message == (
        "3 of 3 requests under the issued session failed: HTTP 503, as on its own connection"
    )


def test_a_cookie_of_the_balancer_is_kept() -> None:
    with in_turns.serve(in_turns.by_cookie(), cookies=True) as server:
        report = looked_at(server.url, samples=11)

        asked = [each for each in server.requests if each.step == "ping"]
    outcome, message = told(report, ID)
    assert (outcome, message) == ("passed", STICKY)
    assert len({each.connection for each in asked}) >= 10
    assert "cookie route was kept; clients that keep no cookies may do worse" in lines(report, ID)


def test_by_default_it_is_asked_once_over_the_connection_of_the_other_session() -> None:
    with honest.serve() as server:
        report = looked_at(server.url)

        (asked, *_) = [each for each in server.requests if each.step == "ping"]
        sample = [each for each in server.requests if each.step == "tools/list"][-1]
        pings = server.steps.count("ping")
    assert asked.connection == sample.connection
    assert asked.header("Mcp-Session-Id") != sample.header("Mcp-Session-Id")
    assert pings == 3, "and twice for session-lifecycle"
    assert told(report, ID) == (
        "passed",
        "1 request under the issued session on another connection answered",
    )


def test_with_one_connection_nobody_is_asked() -> None:
    with honest.serve() as server:
        report = looked_at(server.url, samples=1)

        assert server.steps.count("ping") == 2
    words = "only one connection was asked under the session"
    assert told(report, ID) == ("not-applicable", words)


@pytest.mark.parametrize("replicas", [2, 3])
def test_by_default_a_balancer_of_connections_is_found_out(replicas: int) -> None:
    with in_turns.serve(in_turns.by_connection(), replicas) as server:
        report = looked_at(server.url)

    assert report.situation is Situation.NO_SESSION_AFFINITY
    assert told(report, ID)[1] == (
        "a request on the issued session got 404 on another connection: replicas do not share "
        "sessions"
    )


def test_cookies_go_along_over_the_connection_of_another_session() -> None:
    with in_turns.serve(in_turns.by_cookie(), cookies=True) as server:
        report = looked_at(server.url)

    assert told(report, ID)[0] == "passed"


def only_at_home(refusal: Hook) -> dict[str, Hook]:
    """Sessions that are known on their own connection, while the others refuse in this way."""
    homes: dict[str | None, int] = {}

    def settle(call: Call) -> bytes:
        homes[call.request.header("Mcp-Session-Id")] = call.request.connection
        return call.honest

    def ping(call: Call) -> bytes | None:
        home = homes.get(call.request.header("Mcp-Session-Id"), call.request.connection)
        return call.honest if call.request.connection == home else refusal(call)

    return {"notifications/initialized": settle, "ping": ping}


REFUSALS = {
    "404": (404, -32600, "Session not found"),
    "400": (400, -32600, "Bad Request"),
    "410": (410, -32600, "Gone"),
    "401": (401, -32600, "Unauthorized"),
    "error -32001": (200, -32001, "Session not found"),
    "error -32000": (200, -32000, "Bad Request: Server not initialized"),
}


@pytest.mark.parametrize("told_as", sorted(REFUSALS))
def test_however_it_is_said_that_a_session_is_not_known(told_as: str) -> None:
    status, code, words = REFUSALS[told_as]
    with honest.serve(only_at_home(lambda call: call.error(code, words, status))) as server:
        report = looked_at(server.url, samples=4)

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert message == (
        f"3 of 3 requests on the issued session got {told_as} on another connection: replicas do "
        "not share sessions"
    )
    assert report.situation is Situation.NO_SESSION_AFFINITY


def test_a_ping_that_is_no_method_anywhere_is_no_loss() -> None:
    def refuse(call: Call) -> bytes:
        return call.error(-32601, "Method not found: ping", 404)

    with honest.serve({"ping": refuse}) as server:
        report = looked_at(server.url)

    outcome, message = told(report, ID)
    assert outcome == "warned"
    assert message.startswith("1 of 1 request under the issued session got 404: ping is refused")
    assert report.verdict.value == "passed"


def test_failing_elsewhere_alone_is_no_verdict_and_no_fault_of_the_delete() -> None:
    def fail(call: Call) -> bytes:
        return response(500)

    with honest.serve(only_at_home(fail)) as server:
        report = looked_at(server.url, samples=4)

    assert told(report, ID) == (
        "not-observed",
        "none of 3 requests under the issued session was answered: HTTP 500",
    )
    assert told(report, "session-lifecycle")[0] in ("warned", "not-observed")
    assert report.verdict.value == "inconclusive"


def test_a_session_that_is_lost_on_its_own_is_asked_for_elsewhere_and_not_blamed() -> None:
    with loses_sessions.serve() as server:
        report = looked_at(server.url)

    assert told(report, ID)[0] == "passed"
    assert report.situation is Situation.BROKEN_SERVER
    assert "404" in report.headline


@pytest.mark.parametrize("step", ["notifications/initialized", "tools/list"])
def test_a_server_that_forgets_its_sessions_is_told_so(step: str) -> None:
    def forget(call: Call) -> bytes:
        return call.error(-32600, "Session not found", 404)

    with honest.serve({step: forget, "ping": forget}) as server:
        report = looked_at(server.url)

    assert "6 of 6 requests" in told(report, ID)[1]
    assert f"{step} got HTTP 404 in the session itself" in lines(report, ID)


def test_without_a_session_id_it_does_not_apply() -> None:
    with honest.serve(sessions=False) as server:
        report = looked_at(server.url, samples=4)

        assert "ping" not in server.steps
    assert told(report, ID) == ("not-applicable", "the server keeps no sessions")


def test_in_the_stateless_era_it_does_not_apply() -> None:
    with honest.serve(eras=("stateless",)) as server:
        report = looked_at(server.url, samples=4)

    assert told(report, ID) == ("not-applicable", "there are no session ids here")


def test_over_http_and_sse_it_does_not_apply() -> None:
    with honest_sse.serve() as server:
        report = looked_at(server.url, samples=2, transport=Transport.SSE)

    assert told(report, ID) == ("not-applicable", "there are no session ids here")


def test_a_session_that_is_kept_is_asked_for_all_the_same() -> None:
    with in_turns.serve(in_turns.by_connection()) as server:
        report = looked_at(server.url, samples=5, keep_session=True)

        assert "delete" not in server.steps
    assert told(report, ID)[0] == "failed"


def test_the_session_is_asked_for_before_it_is_ended() -> None:
    with honest.serve() as server:
        report = looked_at(server.url, samples=3)

    assert report.recording is not None
    (primary,) = report.recording.of(Role.PRIMARY)
    steps = [each.step for each in primary.exchanges]
    assert steps.index(Step.SHARED_SESSION) < steps.index(Step.END_SESSION)
    assert told(report, "session-lifecycle")[0] == "passed"


@needs_nginx
def test_nginx_that_takes_turns_has_no_affinity(tmp_path: Path) -> None:
    with (
        honest.serve() as one,
        honest.serve() as other,
        balanced(tmp_path, one.origin[7:], other.origin[7:]) as url,
    ):
        report = looked_at(url, replicas=2)

    assert report.situation is Situation.NO_SESSION_AFFINITY
    assert "3 of 7 requests on the issued session got 404" in told(report, ID)[1]


@needs_nginx
def test_nginx_with_ip_hash_has_it(tmp_path: Path) -> None:
    with (
        honest.serve() as one,
        honest.serve() as other,
        balanced(tmp_path, one.origin[7:], other.origin[7:], method="ip_hash;") as url,
    ):
        report = looked_at(url, samples=11)

    assert told(report, ID) == ("passed", STICKY)


@needs_nginx
def test_a_hash_of_the_session_id_is_none(tmp_path: Path) -> None:
    method = "hash $http_mcp_session_id;"
    with (
        honest.serve(issue=iter(f"{n:032x}" for n in range(1, 999)).__next__) as one,
        honest.serve(issue=iter(f"{n:032x}" for n in range(1001, 1999)).__next__) as other,
        balanced(tmp_path, one.origin[7:], other.origin[7:], method=method) as url,
    ):
        reports = [looked_at(url) for _ in range(6)]

    lost = [each for each in reports if each.situation is Situation.NO_SESSION_AFFINITY]
    assert lost, "the id is issued by a replica that was chosen without it"


def test_samples_that_lose_their_own_session_are_no_replicas_that_differ() -> None:
    opened: list[str] = []

    def forget(call: Call) -> bytes:
        opened.append("")
        lost = len(opened) in (2, 4)
        return call.error(-32600, "Session not found", 404) if lost else call.honest

    with honest.serve({"notifications/initialized": forget}) as server:
        report = looked_at(server.url, samples=5)

    outcome, message = told(report, ID)
    assert outcome == "failed"
    assert message == (
        "2 of 5 connections lost the session that was just issued to them, by 404: replicas do not "
        "share sessions, or the server forgets those that it issues"
    )
    assert report.situation is Situation.NO_SESSION_AFFINITY
    assert told(report, "replicas-agree") == (
        "not-observed",
        "2 of 5 connections lost their session before they got a list",
    )
    assert [each[:20] for each in report.next_steps] == ["Make sessions sticky"]


def test_a_delete_is_not_blamed_for_what_was_so_before() -> None:
    def fail_elsewhere(call: Call) -> bytes:
        return response(500)

    hooks = only_at_home(fail_elsewhere)
    with honest.serve({**hooks, "delete": lambda call: response(500)}) as server:
        report = looked_at(server.url, samples=4)

    assert told(report, "session-lifecycle") == (
        "not-observed",
        "the DELETE of our session got HTTP 500, as the session did elsewhere before it was ended",
    )
    assert report.situation is not Situation.BROKEN_SERVER
