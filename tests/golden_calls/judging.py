"""What golden calls come to: against a real server, or against what one attempt brought back."""

from typing import Any

from mcpverify.facts.evidence import Expectations
from mcpverify.facts.finding import Finding
from mcpverify.facts.golden_call import Condition, GoldenCall
from mcpverify.facts.report import TargetReport
from mcpverify.facts.revision import Revision
from mcpverify.facts.target import HttpEndpoint, Limits, StdioCommand, Target, Transport
from mcpverify.facts.transcript import Exchange, Role, Step
from mcpverify.verify.check import check
from mcpverify.verify.gate import Gate, Selection
from tests.servers import stdio
from tests.servers.dialog import tool
from tests.servers.honest import Call, Hook

READS = {"readOnlyHint": True}
PINNED = {
    "handshake": Revision.R2025_11_25,
    "stateless": Revision.R2026_07_28,
}
GOLDEN = Selection(only=("golden-calls",))


def reading(name: str = "forecast", **members: Any) -> dict[str, Any]:
    """A tool that only reads, and takes any arguments."""
    return tool(name, **{"annotations": READS, "inputSchema": {"type": "object"}} | members)


def golden(name: str = "forecast", *conditions: Condition, **members: Any) -> GoldenCall:
    return GoldenCall(name, **{"label": name, "conditions": conditions} | members)


def text(said: str, **members: Any) -> dict[str, Any]:
    """A result with one text."""
    return {"content": [{"type": "text", "text": said}]} | members


def answering(*results: Any) -> Hook:
    """Answers calls with these results in turn, and with the last one from there on."""
    waiting = list(results)

    def answer(call: Call) -> bytes | None:
        result = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return result if isinstance(result, bytes) else call.answer(result)

    return answer


def gate(
    aim: str | StdioCommand,
    *calls: GoldenCall,
    era: str = "handshake",
    transport: Transport = Transport.AUTO,
    selection: Selection = GOLDEN,
    limits: Limits = Limits(),
) -> Gate:
    endpoint = HttpEndpoint((aim,), proxies=False) if isinstance(aim, str) else aim
    transport = transport if isinstance(aim, str) else Transport.STDIO
    return Gate(
        Target("it", endpoint, transport, PINNED[era], limits),
        Expectations(calls=calls, snapshot_wanted=False, protocol=PINNED[era]),
        selection,
        samples=1,
    )


def report(aim: str | StdioCommand, *calls: GoldenCall, **options: Any) -> TargetReport:
    return check(gate(aim, *calls, **options)).targets[0]


def finding(aim: str | StdioCommand, *calls: GoldenCall, **options: Any) -> Finding:
    return found_in(report(aim, *calls, **options))


def found_in(told: TargetReport) -> Finding:
    return next(each for each in told.findings if each.check == "golden-calls")


def attempts(told: TargetReport) -> list[Exchange]:
    """The golden calls that were made, in their order."""
    assert told.recording is not None
    primary = told.recording.of(Role.PRIMARY)[0]
    return [each for each in primary.exchanges if each.step is Step.CALL]


def command(eras: str = "handshake") -> StdioCommand:
    """A server over stdio whose tools do what they are called."""
    return StdioCommand(stdio.command("answers_calls", eras))
