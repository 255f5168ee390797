"""An MCP server with health addresses beside it, and what the gate finds there."""

from collections.abc import Callable, Mapping
from typing import Any

from mcpverify.facts.evidence import Expectations
from mcpverify.facts.finding import Finding
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.report import TargetReport
from mcpverify.facts.target import HttpEndpoint, Limits, StdioCommand, Target
from mcpverify.verify.check import check
from mcpverify.verify.gate import Gate
from mcpverify.verify.selection import Selection
from mcpverify.verify.waiting import Waiting
from tests.servers.dialog import Dialog
from tests.servers.honest import Honest, dumps
from tests.servers.raw_http import RawServer, Request, Wire, response

Route = Callable[[Request, Wire], bytes | None]
"""What a health address does: bytes to send, or None when it has written them itself."""


def says(status: int, body: Any = None, **headers: str) -> Route:
    """Answers so, with JSON where `body` is no bytes."""
    text = body if isinstance(body, bytes) else dumps(body)
    kind = "text/html" if text.startswith(b"<") else "application/json"
    return lambda request, wire: response(status, text, kind, tuple(headers.items()))


def serve(routes: Mapping[str, Route], **options: Any) -> RawServer:
    """An honest MCP server at /mcp, and `routes` by their paths."""
    mcp = Honest(Dialog())

    def answer(request: Request, wire: Wire) -> bool:
        route = routes.get(request.path.partition("?")[0])
        if route is None:
            return mcp(request, wire)
        sent = route(request, wire)
        if sent is not None:
            wire.send(sent)
        return sent is not None

    return RawServer(answer, **options)


def report_on(
    endpoint: HttpEndpoint | StdioCommand,
    seconds: float = 30.0,
    run_seconds: float = 120.0,
    waiting: Waiting = Waiting(),
    **expected: Any,
) -> TargetReport:
    """The report of a run that asks the health addresses and little else."""
    limits = Limits(step_seconds=seconds, run_seconds=run_seconds)
    gate = Gate(
        Target("target", endpoint, limits=limits),
        Expectations(snapshot_wanted=False, **expected),
        Selection(only=("reachable", "handshake", "readiness", "liveness")),
    )
    (report,) = check(gate, waiting).targets
    return report


def readiness_at(server: RawServer, path: str, seconds: float = 30.0, **probe: Any) -> Finding:
    """What the check `readiness` says of an address of this server."""
    endpoint = HttpEndpoint((server.url,))
    report = report_on(endpoint, seconds, readiness=HealthProbe(path, **probe))
    return finding_of(report, "readiness")


def finding_of(report: TargetReport, check_id: str) -> Finding:
    return next(each for each in report.findings if each.check == check_id)
