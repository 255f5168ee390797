"""A known cause is told where a trial shows it, with what mends it, and nowhere else."""

import inspect
import re
from dataclasses import replace

import pytest

from mcpverify.facts.drain import Remedy
from mcpverify.facts.revision import Era
from mcpverify.facts.timeline import (
    Leftover,
    ProcessEnd,
    RequestOutcome,
    ServerKind,
    Setting,
    Timeline,
)
from mcpverify.rollout import mends
from mcpverify.rollout.judgement import judged
from mcpverify.rollout.points import point_ids
from mcpverify.rollout.remedies import KNOWN, LIKELY, remedies_for
from tests.rollout import timelines as made

SSE = "sse-starlette ends every event stream"
JSON_SETTING = "  app = YOUR_SERVER.streamable_http_app(json_response=True)"


CHILD_LEFT = ProcessEnd(0.01, -15, leftovers=(Leftover("process", "node handler.js", 4711),))
OUTLIVED = made.degraded(end=CHILD_LEFT, server=made.NODE, calls=made.the_calls(ended=1.02))
OUTLIVED_CAUSE = "the signal ended the process that was started, and not the server behind it"


def in_a_shell() -> Setting:
    return made.a_setting(pid1=True, target="sh -c 'node server.js; true'")


def told(timeline: Timeline) -> tuple[Remedy, ...]:
    return remedies_for(judged(timeline))


def causes(timeline: Timeline) -> list[str]:
    return [each.cause for each in told(timeline)]


def first(timeline: Timeline) -> Remedy:
    return told(timeline)[0]


@pytest.mark.parametrize(
    "timeline",
    [
        made.lossy_mcp_default(),
        made.lossy_with_a_slow_tool(),
        made.lossy_mcp_default(
            calls=made.the_calls(
                RequestOutcome.TRUNCATED, 1.01, media_type="text/event-stream", received=0
            )
        ),
    ],
)
def test_calls_lost_with_their_event_streams_name_the_two_settings(timeline: Timeline) -> None:
    remedy = first(timeline)
    assert remedy.cause.startswith(SSE)
    assert JSON_SETTING in remedy.steps
    assert any("timeout_graceful_shutdown=" in step for step in remedy.steps)


def test_the_settings_exist_under_these_names() -> None:
    import uvicorn
    from mcp.server.mcpserver import MCPServer

    assert "json_response" in inspect.signature(MCPServer.streamable_http_app).parameters
    assert "timeout_graceful_shutdown" in inspect.signature(uvicorn.run).parameters
    assert (
        "timeout_graceful_shutdown"
        not in inspect.signature(MCPServer.run_streamable_http_async).parameters
    )  # or run() could be named, in place of uvicorn.run()


@pytest.mark.parametrize(
    ("server", "cause"),
    [
        (ServerKind(headers=(("server", "uvicorn"),)), SSE),
        (ServerKind(program="python3.12"), f"{LIKELY}{SSE}"),
    ],
)
def test_what_the_evidence_does_not_single_out_is_called_likely(
    server: ServerKind, cause: str
) -> None:
    assert first(made.lossy_mcp_default(server=server)).cause.startswith(cause)


def test_a_server_around_uvicorn_may_have_ended_the_streams_itself() -> None:
    unseen = made.lossy_mcp_default(end=ProcessEnd(1.5, None))
    assert first(unseen).cause.startswith(f"{LIKELY}{SSE}")
    itself = made.exit_zero_while_losing(server=made.PYTHON)
    assert first(itself).cause.startswith(f"{LIKELY}the signal cancels")


@pytest.mark.parametrize("server", [made.GO, made.NODE, ServerKind()])
def test_servers_in_other_languages_are_not_told_of_python(server: ServerKind) -> None:
    text = " ".join(causes(made.lossy_mcp_default(server=server)))
    assert "starlette" not in text
    assert "uvicorn" not in text


def test_calls_that_were_answered_as_json_were_not_lost_with_event_streams() -> None:
    lost = made.the_calls(RequestOutcome.TRUNCATED, 1.1, media_type="application/json")
    assert not any(SSE in cause for cause in causes(made.degraded(calls=lost)))


def test_a_500_at_the_limit_names_the_limit() -> None:
    remedy = first(made.http_500_at_the_limit())
    assert "timeout_graceful_shutdown" in remedy.cause
    assert "2 s" in remedy.cause
    later = made.the_calls(RequestOutcome.HTTP_5XX, 9.2, method="tools/call brew", sent=-0.3)
    assert first(made.http_500_at_the_limit(calls=later)).cause == f"{LIKELY}{remedy.cause}"
    other = first(made.http_500_at_the_limit(server=ServerKind()))
    assert other.cause == f"{LIKELY}the server's drain limit is shorter than the calls."


def test_the_limit_that_is_printed_is_that_of_the_calls_that_were_measured() -> None:
    steps = " ".join(first(made.lossy_with_a_slow_tool()).steps)
    assert "timeout_graceful_shutdown=9)" in steps


@pytest.mark.parametrize(
    ("grace", "limit"), [(30.0, 25), (120.0, 25), (10.0, 5), (6.0, 3), (1.0, 1)]
)
def test_without_a_measured_call_the_limit_fits_into_the_grace_period(
    grace: float, limit: int
) -> None:
    timeline = made.lossy_mcp_default(setting=made.a_setting())
    timeline = replace(timeline, setting=replace(timeline.setting, grace=grace))
    assert f"timeout_graceful_shutdown={limit})" in " ".join(first(timeline).steps)


def test_no_placeholder_is_printed() -> None:
    for timeline in made.all_timelines().values():
        for remedy in told(timeline):
            text = " ".join((remedy.cause, *remedy.steps))
            assert not re.search(r"{(limit|limit_ms|lame_duck_ms|at)}", text)


@pytest.mark.parametrize(
    ("timeline", "cause"),
    [
        (made.hung(), f"{LIKELY}uvicorn waits for an open GET stream"),
        (made.hung(server=made.NODE), f"{LIKELY}the server waits for an open GET stream"),
        (made.ignores_the_signal(), "as PID 1"),
        (
            made.ignores_the_signal(setting=made.a_setting()),
            f"{LIKELY}the signal did not reach the server",
        ),
        (made.ignores_the_signal(stream=made.a_stream(30.05)), "as PID 1"),
        (made.abrupt(), "on the signal Node ends at once"),
        (made.abrupt(server=ServerKind()), f"{LIKELY}nothing handles the signal"),
        (made.abrupt(end=ProcessEnd(0.05, 0)), f"{LIKELY}on the signal Node ends at once"),
        (made.exit_zero_while_losing(), f"{LIKELY}the signal cancels a context"),
        (
            made.jsonrpc_error_at_the_limit(),
            f"{LIKELY}your drain limit of about 2 s is shorter than the calls.",
        ),
        (
            made.jsonrpc_error_at_the_limit(
                calls=made.the_calls(RequestOutcome.JSONRPC_ERROR, 1.04)
            ),
            f"{LIKELY}what is under way is answered with an error",
        ),
        (OUTLIVED, OUTLIVED_CAUSE),
        (made.siblings(end=CHILD_LEFT, setting=made.a_setting()), OUTLIVED_CAUSE),
        (
            made.degraded(calls=made.the_calls(RequestOutcome.HTTP_503, 1.02)),
            f"{LIKELY}what is under way is answered with an error, or turned away",
        ),
        (made.cut_at_the_limit(), f"{LIKELY}the server's drain limit"),
        (made.stdio_lossy(), f"{LIKELY}the server ends with its standard input"),
        (made.http_sse_lossy(), f"{SSE} soon after the signal, and over HTTP+SSE"),
        (made.child_left(), f"{LIKELY}the signal went to one process"),
        (made.port_left(), f"{LIKELY}the signal went to one process"),
        (made.old_session_400(), "the server takes a session id that it does not know"),
        (made.old_session_never_answered(), "a request with a session id that is not known"),
        (made.degraded(), "the listener is closed as soon as the signal comes"),
        (made.accept_race(), "the listener is closed as soon as the signal comes"),
    ],
)
def test_a_known_cause_is_told(timeline: Timeline, cause: str) -> None:
    assert first(timeline).cause.startswith(cause)


@pytest.mark.parametrize(
    "timeline",
    [
        made.graceful(), made.slow_tool_answered(), made.stdio_graceful(), made.trial_not_made(),
        made.second_signal_forces(), made.siblings(), made.contract_changed(),
    ],
)  # fmt: skip
def test_where_no_cause_is_known_none_is_made_up(timeline: Timeline) -> None:
    assert told(timeline) == ()


def test_a_process_that_turned_all_away_and_hung_had_noticed_the_signal() -> None:
    turned = made.ignores_the_signal(new=((30.0, RequestOutcome.HTTP_503),))
    assert not any("PID 1" in cause for cause in causes(turned))
    closed = made.ignores_the_signal(new=((1.0, RequestOutcome.OK),))
    assert not any("PID 1" in cause for cause in causes(closed))


def test_a_point_is_explained_once() -> None:
    explained = [known.about for known in KNOWN]
    assert set(explained) <= set(point_ids())
    for timeline in made.all_timelines().values():
        assert len(told(timeline)) <= len(set(explained))


def test_every_row_is_told_of_some_trial() -> None:
    trials = [
        *made.all_timelines().values(),
        made.hung(server=made.NODE),
        made.ignores_the_signal(setting=made.a_setting()),
        made.abrupt(server=ServerKind()),
        made.http_500_at_the_limit(server=ServerKind()),
        made.jsonrpc_error_at_the_limit(calls=made.the_calls(RequestOutcome.JSONRPC_ERROR, 1.04)),
        made.ignores_the_signal(setting=in_a_shell()),
        OUTLIVED,
    ]
    text = {cause.removeprefix(LIKELY) for each in trials for cause in causes(each)}
    assert text == {known.cause.replace("{at}", "2 s") for known in KNOWN}


def test_a_server_that_outlives_its_shell_did_not_end_at_once() -> None:
    dropped = [*made.the_calls(RequestOutcome.RESET, 0.02)[:2], *made.the_calls(ended=1.02)[2:]]
    timeline = made.degraded(end=CHILD_LEFT, server=made.NODE, calls=dropped)
    assert causes(timeline)[0].startswith(OUTLIVED_CAUSE)
    assert not any("Node ends at once" in cause for cause in causes(timeline))


def test_errors_that_come_one_after_another_are_no_limit() -> None:
    calls = [made.a_call(f"handshake {n}", outcome=RequestOutcome.JSONRPC_ERROR, ended=2.0 + n)
             for n in range(3)]  # fmt: skip
    timeline = made.jsonrpc_error_at_the_limit(calls=calls)
    assert not any("calls-complete" in each.points for each in told(timeline))


def test_a_shell_is_what_the_exec_form_is_for() -> None:
    shell = first(made.ignores_the_signal(setting=in_a_shell()))
    assert '  CMD ["node", "server.js"]' in shell.steps
    assert "CMD" not in " ".join(first(made.ignores_the_signal()).steps)
    for remedy in (shell, first(made.ignores_the_signal())):
        assert any("Handle it in the server, and" in step for step in remedy.steps)


@pytest.mark.parametrize(("grace", "duck", "limit"), [(30, 5000, 25000), (6, 1500, 3000)])
def test_the_lame_duck_that_is_printed_ends_before_the_limit(
    grace: float, duck: int, limit: int
) -> None:
    setting = replace(made.a_setting(), grace=float(grace))
    steps = first(made.abrupt(setting=setting)).steps
    assert f"    }}, {duck}); // the lame duck" in steps
    assert f"    setTimeout(() => process.exit(1), {limit}).unref(); // limit" in steps


def test_lines_of_code_fit_on_a_narrow_terminal() -> None:
    for timeline in made.all_timelines().values():
        for remedy in told(timeline):
            code = [step for step in remedy.steps if step.startswith("  ")]
            assert all(len(step) <= 68 for step in code), code


def test_a_remedy_names_the_points_that_it_explains() -> None:
    assert first(made.abrupt()).points == ("calls-complete",)
    assert first(OUTLIVED).points == ("nothing-left-behind", "calls-complete")


def test_a_release_that_cannot_speak_the_era_is_not_told_of() -> None:
    old = replace(made.a_setting(), eras=(Era.HANDSHAKE,))
    assert mends.MCP_1 not in first(made.lossy_mcp_default()).steps
    assert mends.MCP_1 in first(made.lossy_mcp_default(setting=old)).steps
