"""A trial in one line: the class of the shutdown, and what it comes from."""

import pytest

from mcpverify.facts.timeline import ProcessEnd, RequestOutcome, Signal, Timeline
from mcpverify.rollout.headline import headline
from mcpverify.rollout.judgement import judged
from tests.rollout import timelines as made

ALL = "all 4 requests in flight were answered (tools/list; no tool was called)"


@pytest.mark.parametrize(
    ("timeline", "told"),
    [
        (made.graceful(), f"GRACEFUL: {ALL}, and it ended after 3.01 s with exit code 0"),
        (made.not_restarted(), f"GRACEFUL: {ALL}, and it ended after 3.01 s"),
        (
            made.stdio_graceful(),
            "GRACEFUL: the request in flight was answered (tools/list; no tool was called), and it "
            "ended after 0.41 s with exit code 0",
        ),
        (
            made.slow_tool_answered(),
            "GRACEFUL: all 4 calls in flight were answered, and it ended after 3.01 s with exit "
            "code 0",
        ),
        (
            made.second_signal_forces(),
            "GRACEFUL: all 2 requests in flight were answered (tools/list; no tool was called), "
            "beside 2 that the second signal cut, and it ended after 2.03 s with exit code 1",
        ),
        (
            made.degraded(),
            f"DEGRADED: {ALL}, but new connections were refused with no 503 before",
        ),
        # What failed is told before what was warned of.
        (
            made.degraded(end=ProcessEnd(3.0, 1)),
            f"DEGRADED: {ALL}, but it ended 3 s after SIGTERM with exit code 1",
        ),
        (
            made.end_unseen(),
            f"DEGRADED: {ALL}, but the end of the process cannot be seen from here",
        ),
        (
            made.short_lame_duck(),
            f"DEGRADED: {ALL}, but a lame duck of 0.15 s is too short for any load balancer to "
            "notice",
        ),
        (
            made.outlived_by_a_child(),
            "LOSSY: 4 of 4 calls in flight were answered 0.41 s after the process had ended, by "
            "what outlived it",
        ),
        (
            made.lossy_mcp_default(),
            "LOSSY: 2 of 4 calls in flight were lost 1.05 s after SIGTERM (handshake era, SSE "
            "answers)",
        ),
        (
            made.exit_zero_while_losing(),
            "LOSSY: 2 of 2 calls in flight were lost 1.03 s after SIGTERM (SSE answers), and the "
            "exit code is 0",
        ),
        (
            made.http_500_at_the_limit(),
            "LOSSY: 4 of 4 calls in flight were lost 2.21 s after SIGTERM (HTTP 500)",
        ),
        (
            made.http_sse_lossy(),
            "LOSSY: 2 of 2 calls in flight were lost 0.43 s after SIGTERM (HTTP+SSE)",
        ),
        (
            made.degraded(
                calls=[
                    made.a_call(outcome=RequestOutcome.RESET, ended=0.43),
                    made.a_call("handshake 2", outcome=RequestOutcome.RESET, ended=0.51),
                ],
                signals=(Signal("stop command", 0.0),),
            ),
            "LOSSY: 2 of 2 calls in flight were lost 0.43 to 0.51 s after the stop command",
        ),
        (
            made.stdio_lossy(),
            "LOSSY: 1 of 1 call in flight was lost 0.31 s after its input was closed, and the exit "
            "code is 0",
        ),
        (
            made.abrupt(),
            "ABRUPT: the process was gone 0.05 s after SIGTERM, and 2 of 2 calls in flight were "
            "lost with it",
        ),
        (
            made.hung(),
            f"HUNG: the process had not ended 30 s after SIGTERM and was killed; {ALL}",
        ),
        (
            made.trial_not_made(),
            "NOT TRIED: the server did not answer within 60 s: connection refused",
        ),
        (made.nothing_in_flight(), "NOT TRIED: no call was in flight when the signal came"),
    ],
)
def test_a_trial_is_told_in_one_line(timeline: Timeline, told: str) -> None:
    assert headline(judged(timeline)) == told
