"""What `mcpverify drain` says of each end of the demo server, the good ones and the bad ones.

Once here; `make soak` does it twenty times, since what is told apart are races.
"""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from mcpverify.demo.faults.fault import Fault, Reach
from mcpverify.demo.faults.registry import FAULTS
from mcpverify.demo.faults.shown import ENDED
from mcpverify.demo.options import DemoOptions
from mcpverify.facts.drain import Shutdown
from mcpverify.facts.target import Transport
from tests.conftest import Mcpverify
from tests.running import Run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")

SERVERS: Mapping[str, DemoOptions] = {
    "sse": DemoOptions(),
    "json": DemoOptions(json_response=True),
    "stateless-sse": DemoOptions(stateless=True),
    "stateless-json": DemoOptions(stateless=True, json_response=True),
    "http-and-sse": DemoOptions(transport=Transport.SSE),
    "stdio": DemoOptions(transport=Transport.STDIO),
}
# A tool that runs at the signal, in place of requests whose last bytes come after it.
BREW = ("--call", "brew", "--args", json.dumps({"tea": "assam", "seconds": 2}))
# Ends that have to be killed: no need to wait for long, once all that comes before was seen.
HUNG = {fault for fault, ended in ENDED.items() if ended.shutdown is Shutdown.HUNG}
LOSING = {Fault.DROPS_AT_ONCE, Fault.EXITS_ZERO_WHILE_LOSING}
SOME = {
    (Fault.REFUSES_WITHOUT_503, Transport.SSE),
    (Fault.EXITS_ZERO_WHILE_LOSING, Transport.SSE),
    (Fault.DROPS_AT_ONCE, Transport.STDIO),
}
SOAK = int(os.environ.get("MCPVERIFY_SOAK", "1"))
# Beyond Streamable HTTP, as far as they reach: all of them when there is time.
ELSEWHERE = [
    (fault, transport)
    for fault in ENDED
    for transport, reaches in (
        (Transport.SSE, (Reach.ANYWHERE, Reach.HTTP)),
        (Transport.STDIO, (Reach.ANYWHERE,)),
    )
    if FAULTS[fault].reach in reaches and (SOAK > 1 or (fault, transport) in SOME)
]


@pytest.fixture(params=range(SOAK))
def drained(request: pytest.FixtureRequest, mcpverify: Mcpverify) -> Any:
    """Runs a trial of a demo server; as often as is asked for."""

    def run(options: DemoOptions, *flags: str) -> Run:
        over = ("--transport", options.transport.value)
        return mcpverify(
            "drain", *over, *flags, "--format", "json", "--", *options.command, timeout=50
        )

    return run


def told(run: Run) -> Any:
    """The one trial of a report."""
    assert run.code in (0, 1), run.output
    (trial,) = run.report["trials"]
    return trial


def blamed(trial: Any) -> set[str]:
    return {each["id"] for each in trial["checks"] if each["outcome"] in ("failed", "warned")}


@pytest.mark.parametrize("name", SERVERS)
def test_a_good_end_is_graceful(name: str, drained: Any) -> None:
    run = drained(SERVERS[name])
    trial = told(run)
    assert (trial["shutdown"], run.code) == ("graceful", 0), run.report["headline"]
    assert blamed(trial) == set()


@pytest.mark.parametrize("name", ["sse", "json", "http-and-sse", "stdio"])
def test_a_good_end_is_graceful_with_tools_that_run(name: str, drained: Any) -> None:
    run = drained(SERVERS[name], *BREW)
    trial = told(run)
    assert (trial["shutdown"], run.code) == ("graceful", 0), run.report["headline"]
    assert blamed(trial) == set()


@pytest.mark.parametrize("fault", list(ENDED))
def test_a_fault_of_the_end_is_told_from_all_others(fault: Fault, drained: Any) -> None:
    assert_told(drained(DemoOptions(fault=fault), *limited(fault)), fault)


@pytest.mark.parametrize(("fault", "transport"), ELSEWHERE)
def test_a_fault_of_the_end_is_told_over_other_transports(
    fault: Fault, transport: Transport, drained: Any
) -> None:
    assert_told(drained(DemoOptions(fault=fault, transport=transport), *limited(fault)), fault)


def limited(fault: Fault) -> tuple[str, ...]:
    # What is to be lost must still run: requests for a list are answered in no time over stdio.
    return ("--grace", "3s") if fault in HUNG else BREW if fault in LOSING else ()


def assert_told(run: Run, fault: Fault) -> None:
    trial = told(run)
    assert trial["shutdown"] == ENDED[fault].shutdown, run.report["headline"]
    assert ENDED[fault].point in blamed(trial)
    assert run.code == (0 if fault is Fault.REFUSES_WITHOUT_503 else 1)


def test_each_fault_has_a_verdict_and_a_point_of_its_own() -> None:
    told_apart = set(ENDED.values())
    # The two ways to treat an old session badly differ in what the finding says.
    assert len(told_apart) == len(ENDED) - 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault.DROPS_AT_ONCE,
        Fault.LEAVES_A_CHILD,
        Fault.OLD_SESSION_400,
        Fault.OLD_SESSION_UNANSWERED,
    ],
)
def test_the_gate_passes_what_only_shows_at_the_end(fault: Fault, mcpverify: Mcpverify) -> None:
    assert mcpverify("demo", "--fault", fault.value).code == 0
