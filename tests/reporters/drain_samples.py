"""Reports of shutdowns as `drain` makes them, from a good one to a server that wants to do harm."""

from dataclasses import replace
from typing import Any

from mcpverify.facts.drain import DrainReport, Recommended, Remedy, Shutdown, Trial
from mcpverify.facts.finding import Detail, Finding, Outcome, Severity
from mcpverify.facts.timeline import (
    Leftover,
    ProcessEnd,
    Purpose,
    RequestOutcome,
    ServerKind,
    Signal,
    Timeline,
)
from mcpverify.facts.verdict import Verdict
from tests.reporters.report_samples import HOSTILE
from tests.rollout import timelines

STARTED = 1_795_266_251.5
RULE = "https://modelcontextprotocol.io/specification/2025-11-25/basic/transports"
WARNINGS = ("lame-duck", "new-sessions", "idle-streams-close", "second-signal", "resumption")
POINTS = (
    "lame-duck",
    "new-sessions",
    "calls-complete",
    "idle-streams-close",
    "drain-limit",
    "second-signal",
    "exit-in-budget",
    "nothing-left-behind",
    "restart",
    "old-session",
    "contract-kept",
    "resumption",
)


def point(
    check: str, outcome: Outcome, message: str, *details: Detail, hint: str = "", rule: str = ""
) -> Finding:
    severity = Severity.WARNING if check in WARNINGS else Severity.ERROR
    return Finding(check, outcome, severity, message, details, hint, rule)


def points(*special: Finding) -> tuple[Finding, ...]:
    """One finding for each point: those given, the others as they are in most trials."""
    unseen = point("drain-limit", Outcome.NOT_OBSERVED, "no call outlasted the drain limit")
    given = {each.check: each for each in (unseen, *special)}
    beside = {"second-signal": "--twice was not given", "resumption": "no event had an id"}
    return tuple(
        given.get(check)
        or (
            point(check, Outcome.NOT_APPLICABLE, beside[check])
            if check in beside
            else point(check, Outcome.PASSED, f"{check} is fine.")
        )
        for check in POINTS
    )


LOST = point(
    "calls-complete",
    Outcome.FAILED,
    "2 of 4 calls in flight were not answered.",
    Detail(
        "nothing but a clean end came, 0.45 s after SIGTERM; HTTP 200, text/event-stream, 0 bytes",
        "handshake 1",
    ),
    Detail(
        "nothing but a clean end came, 0.45 s after SIGTERM; HTTP 200, text/event-stream, 0 bytes",
        "handshake 2",
    ),
    hint="Let a call that is running when SIGTERM comes finish before the process ends.",
    rule=RULE,
)
REFUSED = point(
    "new-sessions",
    Outcome.PASSED,
    "New sessions were refused from the signal on; none was taken and dropped.",
)
NO_DUCK = point(
    "lame-duck",
    Outcome.WARNED,
    "New connections were refused with no 503 before: a balancer learns it from lost requests.",
    hint="Answer readiness with 503 for longer than the balancer takes to notice.",
)
MEND = (
    Remedy(
        "sse-starlette ends every event stream at SIGTERM, answers to POSTs included.",
        (
            "Answer with JSON, and let uvicorn wait for longer than the slowest tool:",
            'mcp.run(transport="streamable-http", json_response=True,',
            "        timeout_graceful_shutdown=30)",
        ),
    ),
)
SETTINGS = Recommended(4.2, "as --call brew took", 9.2, 16.2)
UNMEASURED = Recommended(None, "", None, None)


def trial(timeline: Timeline, shutdown: Shutdown | None, *special: Finding) -> Trial:
    found = points(*special)
    failed = any(each.outcome is Outcome.FAILED for each in found)
    return Trial(timeline, shutdown, Verdict.FAILED if failed else Verdict.PASSED, found)


def report(headline: str, *trials: Trial, worst: int = 0, **changes: Any) -> DrainReport:
    made = DrainReport(
        target="python server.py",
        trials=trials,
        worst=worst,
        headline=headline,
        remedies=(),
        recommended=UNMEASURED,
        again="mcpverify drain --grace 30s -- python server.py",
        started=STARTED,
        seconds=8.23,
    )
    return replace(made, **changes)


GRACEFUL_TRIAL = trial(timelines.graceful(), Shutdown.GRACEFUL)
LOSSY_TRIAL = trial(timelines.lossy_with_a_slow_tool(), Shutdown.LOSSY, LOST, NO_DUCK, REFUSED)
DEGRADED_TRIAL = trial(timelines.degraded(), Shutdown.DEGRADED, NO_DUCK, REFUSED)
MANY_TRIAL = trial(
    timelines.many_sessions(),
    Shutdown.LOSSY,
    replace(
        LOST,
        message="12 of 200 calls in flight were not answered.",
        details=tuple(
            Detail("a clean end without a reply, 1.02 s after SIGTERM", f"handshake {number}")
            for number in range(1, 13)
        ),
    ),
    NO_DUCK,
)


def _thinned(timeline: Timeline) -> Timeline:
    """With a ninth of its probes: thousands of them say no more."""
    probes = timeline.of(Purpose.NEW_SESSION)
    kinds = 4
    left_out = {each for number, each in enumerate(probes) if number // kinds % 9}
    kept = tuple(each for each in timeline.requests if each not in left_out)
    return replace(timeline, requests=kept)


HUNG_TRIAL = trial(
    _thinned(timelines.hung()),
    Shutdown.HUNG,
    NO_DUCK,
    point(
        "idle-streams-close",
        Outcome.WARNED,
        "The process waited for an idle GET stream until it was killed.",
        Detail("open until 30.06 s after SIGTERM", "handshake 1"),
        hint="Close GET streams at once: they are no activity.",
    ),
    point(
        "exit-in-budget",
        Outcome.FAILED,
        "The process had not ended 30 s after SIGTERM, and was killed.",
    ),
)
NOT_MADE_TRIAL = Trial(
    replace(
        timelines.trial_not_made(),
        end=ProcessEnd(None, 1, stderr=("ModuleNotFoundError: No module named 'mcp'",)),
    ),
    None,
    Verdict.INCONCLUSIVE,
    tuple(
        point(check, Outcome.NOT_OBSERVED, "the server did not answer within 60 s")
        for check in POINTS
    ),
)
TWICE_TRIAL = trial(
    timelines.second_signal_forces(),
    Shutdown.GRACEFUL,
    point("second-signal", Outcome.PASSED, "The second signal forced the end within 0.03 s."),
)


def _hostile_timeline() -> Timeline:
    made = timelines.lossy_mcp_default()
    said = {"detail": HOSTILE, "excerpt": HOSTILE, "media_type": HOSTILE, "event_id": HOSTILE}
    requests = tuple(
        replace(each, client=HOSTILE, method=HOSTILE, **said) for each in made.requests
    ) + tuple(
        replace(made.requests[0], client=f"{HOSTILE}{outcome}", outcome=outcome, **said)
        for outcome in RequestOutcome
    )
    left = (Leftover("process", HOSTILE, 4711), Leftover("port", HOSTILE))
    asked = replace(made.requests[0], **said)
    return replace(
        made,
        setting=replace(made.setting, target=HOSTILE, call=HOSTILE, skipped=(HOSTILE,)),
        server=ServerKind(HOSTILE, HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), HOSTILE),
        requests=requests,
        signals=(Signal(HOSTILE, 0.0, HOSTILE), Signal(HOSTILE, 0.7, HOSTILE)),
        end=ProcessEnd(1.51, 143, killed=True, leftovers=left, stderr=(HOSTILE, HOSTILE)),
        aftermath=replace(
            made.aftermath,
            restart=HOSTILE,
            problem=HOSTILE,
            contract_problem=HOSTILE,
            old_sessions=(asked,),
            resumptions=(asked,),
        ),
        siblings=HOSTILE,
        problem=HOSTILE,
    )


HOSTILE_DRAIN = report(
    HOSTILE,
    Trial(
        _hostile_timeline(),
        Shutdown.LOSSY,
        Verdict.FAILED,
        points(
            *(
                point(
                    check,
                    outcome,
                    HOSTILE,
                    Detail(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),
                    hint=HOSTILE,
                    rule=RULE,
                )
                for check, outcome in zip(POINTS, list(Outcome) * 2, strict=False)
            )
        ),
    ),
    target=HOSTILE,
    remedies=(Remedy(HOSTILE, (HOSTILE, HOSTILE)),),
    recommended=replace(SETTINGS, source=HOSTILE),
    next_steps=(HOSTILE,),
    again=f"mcpverify drain -- '{HOSTILE}'",
)

DRAINS = {
    "drain-graceful": report(
        "GRACEFUL: 4 of 4 calls in flight were answered, and it ended 3.01 s after SIGTERM",
        GRACEFUL_TRIAL,
        recommended=SETTINGS,
    ),
    "drain-lossy": report(
        "LOSSY: 2 of 4 calls in flight were lost 0.45 s after SIGTERM",
        LOSSY_TRIAL,
        remedies=MEND,
        next_steps=("Mend it as shown, and run the trial again.",),
    ),
    "drain-degraded": report(
        "DEGRADED: no call was lost, but new connections were refused with no 503 before",
        DEGRADED_TRIAL,
    ),
    "drain-hung": report("HUNG: it was killed 30 s after SIGTERM", HUNG_TRIAL),
    "drain-abrupt": report(
        "ABRUPT: it ended 0.05 s after SIGTERM, with 2 calls in flight",
        trial(timelines.abrupt(), Shutdown.ABRUPT, LOST, NO_DUCK),
    ),
    "drain-trials": report(
        "LOSSY: 2 of 4 calls in flight were lost 0.45 s after SIGTERM",
        DEGRADED_TRIAL,
        LOSSY_TRIAL,
        LOSSY_TRIAL,
        worst=1,
        remedies=MEND,
    ),
    "drain-many": report(
        "LOSSY: 12 of 200 calls in flight were lost 1.02 s after SIGTERM", MANY_TRIAL
    ),
    "drain-twice": report("GRACEFUL: the second signal forced the end", TWICE_TRIAL),
    "drain-stdio": report(
        "GRACEFUL: the call in flight was answered, and it ended 0.41 s after stdin closed",
        trial(timelines.stdio_graceful(), Shutdown.GRACEFUL),
    ),
    "drain-not-made": report(
        "NO TRIAL: the server did not answer within 60 s: connection refused",
        NOT_MADE_TRIAL,
        recommended=None,
        next_steps=("See why the server does not start.",),
    ),
    "drain-hostile": HOSTILE_DRAIN,
}
