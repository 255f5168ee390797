"""How health addresses are asked: what the servers receive, and what of it is shown."""

import re
import ssl
from pathlib import Path

import pytest

from mcpverify.cli.gate_options import HealthOptions
from mcpverify.cli.health_probes import liveness_of, readiness_of, with_health_addresses
from mcpverify.errors import TargetInvalid, UsageError
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.finding import Finding, Outcome
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.json_text import Json
from mcpverify.facts.target import Header, HttpEndpoint, Route, StdioCommand, Target, Tls
from mcpverify.facts.transcript import Step
from mcpverify.verify.check import check
from mcpverify.verify.gate import Gate
from mcpverify.verify.selection import Selection
from tests.cli.reading import judged
from tests.conftest import Mcpverify
from tests.health.asking import finding_of, report_on, says, serve
from tests.servers import honest
from tests.servers.certificates import Authority
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, Request, Wire, response
from tests.servers.stdio import command

TOKEN = "Bearer 3f1c9ab27de84056"
HEALTHY = {"/healthz": says(200, {"status": "ok"})}
HEADERS = (Header("Authorization", TOKEN), Header("X-Tenant", "blue"))


def gets(server: RawServer) -> list[Request]:
    return [each for each in server.requests if each.method == "GET"]


def test_its_own_origin_gets_the_credentials_once_over_a_fresh_connection() -> None:
    with serve(HEALTHY) as server:
        endpoint = HttpEndpoint((server.url,), HEADERS)
        report_on(endpoint, readiness=HealthProbe("/healthz?deep=1"))
        (asked,) = gets(server)
        others = {each.connection for each in server.requests if each is not asked}
    assert asked.path == "/healthz?deep=1"
    assert asked.header("Authorization") == TOKEN
    assert asked.header("X-Tenant") == "blue"
    assert asked.connection not in others


def test_user_information_of_the_target_goes_with_a_path() -> None:
    with serve(HEALTHY) as server:
        url = server.url.replace("//", "//user:secret@")
        report_on(HttpEndpoint((url,)), readiness=HealthProbe("/healthz"))
        (asked,) = gets(server)
    assert (asked.header("Authorization") or "").startswith("Basic ")


def test_another_origin_gets_no_credentials() -> None:
    with serve(HEALTHY) as server, serve(HEALTHY) as other:
        url = server.url.replace("//", "//user:secret@")
        report = report_on(
            HttpEndpoint((url,), HEADERS),
            readiness=HealthProbe(f"{other.origin}/healthz"),
        )
        (asked,) = other.requests
        assert gets(server) == []
    assert finding_of(report, "readiness").outcome is Outcome.PASSED
    assert asked.header("Authorization") is None
    assert asked.header("X-Tenant") is None


def test_the_client_certificate_is_for_the_target_alone(authority: Authority) -> None:
    shown: list[bool] = []

    def notes(request: Request, wire: Wire) -> bytes:
        assert isinstance(wire.socket, ssl.SSLSocket)
        shown.append(bool(wire.socket.getpeercert()))
        return response(200)

    asks_for_one = authority.server()
    asks_for_one.verify_mode = ssl.CERT_OPTIONAL
    asks_for_one.load_verify_locations(authority.bundle)
    certificate, key = map(str, authority.issue("client"))
    tls = Tls(str(authority.bundle), certificate, key)
    routes = {"/healthz": notes}
    with serve(routes, tls=asks_for_one) as server, serve(routes, tls=asks_for_one) as other:
        for address in ("/healthz", f"{other.origin}/healthz"):
            report = report_on(HttpEndpoint((server.url,), tls=tls), readiness=HealthProbe(address))
            assert finding_of(report, "readiness").outcome is Outcome.PASSED
    assert shown == [True, False]


def test_routes_are_those_of_the_target() -> None:
    with serve(HEALTHY) as server:
        route = Route("mcp.example.com", 80, "127.0.0.1", server.port)
        endpoint = HttpEndpoint(("http://mcp.example.com/mcp",), routes=(route,))
        report = report_on(endpoint, readiness=HealthProbe("/healthz"))
        (asked,) = gets(server)
    assert finding_of(report, "readiness").outcome is Outcome.PASSED
    assert asked.header("Host") == "mcp.example.com"


def test_a_command_may_have_a_whole_url() -> None:
    with serve(HEALTHY) as server:
        report = report_on(
            StdioCommand(command("honest")), readiness=HealthProbe(f"{server.origin}/healthz")
        )
    assert finding_of(report, "readiness").outcome is Outcome.PASSED


def test_an_address_of_a_file_is_looked_at_once_its_variables_are_filled_in() -> None:
    target = Target("target", HttpEndpoint(("http://127.0.0.1/mcp",)))
    with pytest.raises(TargetInvalid, match="neither an http URL nor a path"):
        with_health_addresses(Gate(target, Expectations(readiness=HealthProbe("staging"))))


def test_a_path_is_no_address_of_a_command() -> None:
    target = Target("target", StdioCommand(("server",)))
    for expected in (
        Expectations(readiness=HealthProbe("/healthz")),
        Expectations(liveness=HealthProbe("/healthz")),
    ):
        with pytest.raises(TargetInvalid, match="has no origin"):
            with_health_addresses(Gate(target, expected))


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("/status=ok", ("/status", "ok")),
        ('/status="ok"', ("/status", "ok")),
        ("/up=true", ("/up", True)),
        ("/n=1.0", ("/n", 1)),
        ("/n=null", ("/n", None)),
        ("/n=NaN", ("/n", "NaN")),
        ('/o={"a": [1]}', ("/o", {"a": [1]})),
        ("/a~1b=c=d", ("/a~1b", "c=d")),
        ('/s=""', ("/s", "")),
    ],
)
def test_the_value_is_json_where_it_can_be(text: str, member: tuple[str, Json]) -> None:
    probe = readiness_of(HealthOptions("/healthz", [text]))
    assert probe is not None
    assert probe.members == (member,)
    assert type(probe.members[0][1]) is type(member[1])


@pytest.mark.parametrize("text", ["status=ok", "/status", "/status=", "/a~2=ok", "=ok", "", "/s= "])
def test_a_value_that_says_nothing_is_a_wrong_call(text: str) -> None:
    with pytest.raises(UsageError, match="--health-json"):
        readiness_of(HealthOptions("/healthz", [text]))


@pytest.mark.parametrize(
    "text",
    ["", " ", "healthz", "//host/healthz", "ftp://h/x", "http://", "http://h:0/", "/a b", "http://h:x/",
     "/\x1b[31m", "host:8080/healthz"],
)  # fmt: skip
def test_a_nonsensical_address_is_a_wrong_call(text: str) -> None:
    with pytest.raises(UsageError, match="neither an http URL nor a path"):
        readiness_of(HealthOptions(text))
    with pytest.raises(UsageError, match="neither an http URL nor a path"):
        liveness_of(HealthOptions(liveness=text))


def test_a_value_without_an_address_is_a_wrong_call() -> None:
    with pytest.raises(UsageError, match="--health-json needs --health"):
        readiness_of(HealthOptions(health_json=["/status=ok"], liveness="/live"))


def test_the_command_line_tells_what_is_not_ready_and_no_secret(mcpverify: Mcpverify) -> None:
    with serve({"/healthz": says(200, {"status": "s3cr3t-of-the-url"})}) as server:
        run = mcpverify(
            *("check", server.url, "--no-snapshot", "--samples", "1", "--health"),
            *("/healthz?token=s3cr3t-of-the-url", "--health-json", "/status=ok"),
            *("--transcript", "transcript.json", "--format", "json", "-v"),
        )
    report = judged(run)
    assert run.code == 1
    assert report.outcome("readiness") == "failed"
    assert report.headline == (
        'NOT READY: /healthz?token=*** holds "***" at /status, expected is "ok"'
    )
    everything = run.output + Path("transcript.json").read_text(encoding="utf-8")
    assert "s3cr3t" not in everything

    # Judged again: what the check needs is in the transcript.
    again = mcpverify(
        *("check", "--replay", "transcript.json", "--no-snapshot", "--health"),
        *("/healthz?token=***", "--health-json", "/status=***", "--format", "json"),
    )
    assert judged(again).outcome("readiness") == "passed"


def test_no_half_of_a_secret_is_left_where_an_answer_is_cut() -> None:
    secret = "s3cr3t" * 20
    with serve({"/healthz": says(503, {"detail": "x" * 60 + secret})}) as server:
        report = report_on(
            HttpEndpoint((server.url,)), readiness=HealthProbe(f"/healthz?token={secret}")
        )
    (told,) = finding_of(report, "readiness").details
    assert "that says" in told.text
    assert "s3cr3t" not in told.text


def test_a_path_beside_a_command_is_a_wrong_call(mcpverify: Mcpverify) -> None:
    run = mcpverify("check", "--health", "/healthz", "--", *command("honest"))
    assert run.code == 2
    assert "Give a whole URL" in run.words


def test_a_step_is_held_to_its_own_budget() -> None:
    def slowly(call: Call) -> bytes:
        call.wire.pause(0.3)
        return call.honest

    with honest.serve({"tools/list": slowly}) as server:
        kept, broken, other = (
            latency_at(server, step, limit)
            for step, limit in ((Step.TOOLS, 30.0), (Step.TOOLS, 0.2), (Step.INITIALIZE, 30.0))
        )
    assert kept.outcome is other.outcome is Outcome.PASSED
    assert broken.outcome is Outcome.FAILED
    assert re.fullmatch(
        r"tools/list took \S+ m?s, allowed are 200 ms for this step, 2 of 2 times", broken.message
    )


def test_a_budget_that_no_step_was_held_to_is_told() -> None:
    with honest.serve() as server:
        unused = latency_at(server, Step.CALL, 1.0)
        used = latency_at(server, Step.TOOLS, 30.0)

    assert unused.outcome is used.outcome is Outcome.PASSED
    assert unused.message.endswith("; with a budget, but never made: tools/call")
    assert "budget" not in used.message


def latency_at(server: RawServer, step: Step, limit: float) -> Finding:
    gate = Gate(
        Target("target", HttpEndpoint((server.url,))),
        Expectations(snapshot_wanted=False, step_latency=((step, limit),)),
        Selection(only=("latency", "replicas-agree")),
    )
    return finding_of(check(gate).targets[0], "latency")
