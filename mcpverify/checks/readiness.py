"""Does the readiness address say that the server may get traffic?

Asked only with `--health URL`, or where the configuration names the address. A load balancer, and
Kubernetes, send traffic by the answer of that address alone: where it is no 2xx, the server is
taken out although MCP works, and agents meet whatever is left, or nobody. `--health-json
/status=ok` holds the body to a value, since many addresses answer 200 with a problem in the text;
the configuration may ask for another status and set a budget of time. A redirect to another path,
a login page say, fails: nobody who probes logs in.

To mend it: ask the address yourself, and read which of the things that readiness waits for is not
there. A server that drains answers 503 on purpose; a new one may only need time, which `--wait 2m`
gives it.
"""

from urllib.parse import urljoin, urlsplit

from mcpverify.checks.latency import milliseconds
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.health_answer import problems, short
from mcpverify.facts.origin import origin_of
from mcpverify.facts.recorded_address import is_recorded
from mcpverify.facts.transcript import Exchange, FailureKind, Role, Step

CHECK = Check(
    __name__,
    title="The readiness address says ready",
    stage=Stage.CONNECTION,
    severity=Severity.ERROR,
    hint="Ask the address yourself, and read what readiness waits for.",
    needs_lists=False,
)

# These tell of the way to the address, not of who answers there.
_ON_THE_WAY = {FailureKind.DNS, FailureKind.PROXY}
_SILENT = {
    FailureKind.REFUSED,
    FailureKind.RESET,
    FailureKind.TIMEOUT,
    FailureKind.TLS,
    FailureKind.TLS_UNTRUSTED,
    FailureKind.UNREACHABLE,
}
_NOT_ITS_WORD = {407, 429}


def judge(evidence: Evidence) -> Finding:
    probe = evidence.expected.readiness
    if probe is None:
        return CHECK.not_applicable("no readiness address was named (--health)")
    works = evidence.primary.opened
    hints = (
        {
            503: "MCP works, but the load balancer takes out a server that is not ready: mend "
            "what readiness waits for, or see whether the server is draining."
        }
        if works
        else {}
    )
    return health_finding(CHECK, Step.READINESS, probe, evidence, hints)


def health_finding(
    check: Check, step: Step, probe: HealthProbe, evidence: Evidence, hints: dict[int, str]
) -> Finding:
    """The finding on the answer of a health address; `hints` are by its status."""
    asked = (e for each in evidence.recording.of(Role.HEALTH) for e in each.exchanges)
    exchange = next((each for each in asked if each.step is step), None)
    if exchange is None:
        return check.not_observed("no answer was recorded: it was not asked, or the run was over")
    if not _is_at(probe, exchange, evidence):
        return check.not_observed(f"recorded is {exchange.url}, another address than was named")
    shown = _shown(exchange, evidence)
    if _says_nothing(exchange, evidence):
        told = (
            f"answered {exchange.status}" if exchange.failure is None else exchange.failure.detail
        )
        return check.not_observed(f"{shown}: {told}")
    found = [*problems(probe, exchange, shown), *_too_slow(probe, exchange, shown)]
    if found:
        hint = hints.get(exchange.status or 0, "")
        if exchange.status in (401, 403):
            hint = "Whoever probes has no credentials: let the address be asked without."
        return check.failed(found[0], map(Detail, [*found[1:], *_told(probe, exchange)]), hint)
    held = ", ".join(f"{pointer} is {short(value)}" for pointer, value in probe.members[:1])
    took = f"{shown} answered {exchange.status} in {milliseconds(exchange.timing.total)}"
    more = f", and {len(probe.members) - 1} more" if len(probe.members) > 1 else ""
    return check.passed(f"{took}; {held}{more}" if held else took)


def _is_at(probe: HealthProbe, exchange: Exchange, evidence: Evidence) -> bool:
    """Whether it is the address that was asked: a recording may be of another."""
    url = urljoin(evidence.primary.url, probe.url) if probe.is_path else probe.url
    return is_recorded(url.partition("#")[0], exchange.url)


def _told(probe: HealthProbe, exchange: Exchange) -> list[str]:
    """What came with a status that is not wanted: it often says what is missing."""
    status = exchange.status
    if status is None or probe.takes(status) or not exchange.body.strip():
        return []
    from mcpverify.facts.appearance import appearance

    return [f"it sent {appearance(exchange)}"]


def _too_slow(probe: HealthProbe, exchange: Exchange, shown: str) -> list[str]:
    took, allowed = exchange.timing.total, probe.max_seconds
    if allowed is None or took <= allowed:
        return []
    return [f"{shown} took {milliseconds(took)}, allowed are {milliseconds(allowed)}"]


def _says_nothing(exchange: Exchange, evidence: Evidence) -> bool:
    """Whether the answer, or that there is none, gives no ground for a verdict on the server."""
    if exchange.status is not None:
        return exchange.status in _NOT_ITS_WORD
    kind = None if exchange.failure is None else exchange.failure.kind
    # Silence is the server's own where it answers MCP at the very same origin.
    return kind in _ON_THE_WAY or (kind in _SILENT and not _answers_beside(exchange, evidence))


def _answers_beside(exchange: Exchange, evidence: Evidence) -> bool:
    return any(
        each.status is not None and origin_of(each.url) == origin_of(exchange.url)
        for observation in evidence.observations
        for each in observation.exchanges
    )


def _shown(exchange: Exchange, evidence: Evidence) -> str:
    """The address: its path alone where the origin is the target's."""
    if origin_of(exchange.url) != origin_of(evidence.primary.url):
        return exchange.url
    parts = urlsplit(exchange.url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
