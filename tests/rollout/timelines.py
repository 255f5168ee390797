"""Timelines of every kind of shutdown, made of requests such as real servers bring about.

A function makes one timeline; `trial` is what they are made with, and takes any part that a test
wants otherwise. Times are seconds from the signal, with digits that a clock would give.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from mcpverify.facts.contract import Digests
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Transport
from mcpverify.facts.timeline import (
    Aftermath,
    Connection,
    How,
    Leftover,
    ProcessEnd,
    Purpose,
    Request,
    RequestOutcome,
    ServerKind,
    Setting,
    Signal,
    Timeline,
)

DIGESTS = Digests("sha256:" + "a1" * 32, "sha256:" + "b2" * 32, "sha256:" + "c3" * 32)
OTHER_DIGESTS = Digests("sha256:" + "d4" * 32, "sha256:" + "e5" * 32, "sha256:" + "c3" * 32)
URL = "http://127.0.0.1:8000/mcp"
EXCERPT = '{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"brew"'
STARTED = 1795266000.0
RELEASE = 1.0

Outcome = RequestOutcome
HTTP = Transport.STREAMABLE_HTTP
PYTHON = ServerKind("stock", "2.3.0", "2025-11-25", (("server", "uvicorn"),), "python")
NODE = ServerKind("mcp-servers/everything", "2.0.0", "2025-11-25", (("x-powered-by", "Express"),))
GO = ServerKind("kubernetes-mcp-server", "0.0.58", "2025-11-25", (), "kubernetes-mcp-server")


def a_setting(**changes: Any) -> Setting:
    made = Setting(URL, How.COMMAND, HTTP, (Era.HANDSHAKE, Era.STATELESS), 30.0)
    return replace(made, rate=100.0, **changes)


def a_request(
    client: str = "handshake 1",
    purpose: Purpose = Purpose.LOOP,
    connection: Connection = Connection.KEPT,
    era: Era | None = Era.HANDSHAKE,
    method: str = "tools/list",
    began: float = 0.0,
    took: float = 0.012,
    outcome: Outcome = Outcome.OK,
    **changes: Any,
) -> Request:
    """A request that was sent in full, and what its outcome brings along."""
    ended = began + took
    sent: float | None = began + took / 10
    first_byte: float | None = None
    said: dict[str, Any] = {"transport": HTTP}
    match outcome:
        case Outcome.OK:
            first_byte = began + took * 0.9
            said |= {"status": 200, "media_type": "application/json", "received": 1204}
            said |= {"excerpt": EXCERPT if method.startswith("tools/") else ""}
        case Outcome.JSONRPC_ERROR:
            first_byte = began + took * 0.9
            text = '{"jsonrpc":"2.0","id":4,"error":{"code":-32603,"message":"shutting down"}}'
            said |= {"status": 200, "media_type": "application/json", "received": len(text)}
            said |= {"excerpt": text, "detail": "error -32603: shutting down"}
        case Outcome.HTTP_503:
            first_byte = began + took * 0.9
            said |= {"status": 503, "media_type": "text/plain", "received": 8}
            said |= {"retry_after": 1.0, "excerpt": "draining", "detail": "HTTP 503"}
        case Outcome.HTTP_5XX:
            first_byte = began + took * 0.9
            said |= {"status": 500, "media_type": "text/plain; charset=utf-8", "received": 21}
            said |= {"excerpt": "Internal Server Error", "detail": "HTTP 500"}
        case Outcome.HTTP_4XX:
            first_byte = began + took * 0.9
            said |= {"status": 404, "media_type": "application/json", "received": 62}
            said |= {"excerpt": '{"error":"Session not found"}', "detail": "HTTP 404"}
        case Outcome.REFUSED:
            sent = None
            said |= {"detail": "connection refused"}
        case Outcome.RESET:
            said |= {"detail": "the connection was closed before a status came"}
        case Outcome.TRUNCATED:
            first_byte = began + took * 0.5
            said |= {"status": 200, "media_type": "text/event-stream", "received": 96}
            said |= {"excerpt": ": ping - 2026-11-21 12:00:00\r\n", "detail": "the answer was cut"}
        case Outcome.ENDED_WITHOUT_REPLY:
            said |= {"status": 200, "media_type": "text/event-stream"}
            said |= {"detail": "the answer ended and no reply was in it"}
        case Outcome.TIMEOUT:
            said |= {"detail": "no answer came"}
        case Outcome.BAD_ANSWER:
            first_byte = began + took * 0.9
            said |= {"status": 200, "media_type": "text/html", "received": 40}
            said |= {"excerpt": "<html>", "detail": "not JSON"}
    said = {"sent": sent, "first_byte": first_byte, "ended": ended} | said | changes
    return Request(
        client, purpose, connection, era, method=method, began=began, outcome=outcome, **said
    )


def a_call(
    client: str = "handshake 1",
    era: Era = Era.HANDSHAKE,
    connection: Connection = Connection.KEPT,
    ended: float = 1.021,
    outcome: Outcome = Outcome.OK,
    **changes: Any,
) -> Request:
    """A call in flight: its last bytes were held back for a second, where it lived that long."""
    began = changes.pop("began", -0.302)
    method = changes.pop("method", "tools/list")
    # A call that was cut before the release never got its last bytes on their way.
    held = {"sent": RELEASE + 0.001 if ended > RELEASE else None} | changes
    took = ended - began
    return a_request(client, Purpose.CALL, connection, era, method, began, took, outcome, **held)


def the_calls(outcome: Outcome = Outcome.OK, ended: float = 1.021, **changes: Any) -> list[Request]:
    """The four of a trial of a server that speaks both eras, each with the same end."""
    made = []
    for era in (Era.HANDSHAKE, Era.STATELESS):
        for number, connection in enumerate((Connection.KEPT, Connection.FRESH), start=1):
            client = f"{era} {number}"
            made.append(a_call(client, era, connection, ended, outcome, **changes))
    return made


def a_loop(
    until: float = 2.5, clients: Sequence[str] = ("handshake 1", "stateless 1"), step: float = 0.1
) -> list[Request]:
    """Safe requests, answered from before the signal until there is nothing to connect to."""
    made = []
    for client in clients:
        era = Era(client.split()[0])
        at = -0.983
        while at < until:
            made.append(a_request(client, era=era, began=round(at, 3)))
            at += step
        made.append(a_request(client, era=era, began=round(at, 3), outcome=Outcome.REFUSED))
    return made


Phase = tuple[float, Outcome]


def probes(phases: Iterable[Phase], last: float, **changes: Any) -> list[Request]:
    """A probe every 50 ms from the signal to `last`; each phase says until when it is what."""
    made, at = [], 0.004
    for until, outcome in (*phases, (last, Outcome.REFUSED)):
        while at < min(until, last):
            made.append(a_request(began=round(at, 3), took=0.003, outcome=outcome, **changes))
            at += 0.05
    return made


def new_sessions(phases: Iterable[Phase], last: float, **changes: Any) -> list[Request]:
    """Attempts of both eras to open a session, over fresh connections and kept ones."""
    phases = tuple(phases)
    made = []
    for era, method in ((Era.HANDSHAKE, "initialize"), (Era.STATELESS, "server/discover")):
        for connection in (Connection.FRESH, Connection.KEPT):
            asked = {"era": era, "method": method, "connection": connection}
            named = {"client": f"{method}, {connection}", "purpose": Purpose.NEW_SESSION}
            made += probes(phases, last, **asked, **named, **changes)
    return made


def health(purpose: Purpose, phases: Iterable[Phase], last: float, **changes: Any) -> list[Request]:
    """GETs of a URL of health."""
    fresh = {"connection": Connection.FRESH, "era": None, "method": "GET"}
    return probes(phases, last, client=str(purpose), purpose=purpose, **fresh, **changes)


def a_stream(ended: float = 0.041, outcome: Outcome = Outcome.OK, **changes: Any) -> Request:
    """The idle GET stream of a session."""
    said = {"media_type": "text/event-stream", "received": 0, "excerpt": "", **changes}
    return a_request(
        "handshake 1", Purpose.STREAM, Connection.FRESH, Era.HANDSHAKE, "GET", -0.801,
        ended + 0.801, outcome, **said,
    )  # fmt: skip


def an_aftermath(began: float = 3.2, **changes: Any) -> Aftermath:
    """Started again with the same command, and all as it should be."""
    shaken = a_request(
        "first handshake", Purpose.FIRST_HANDSHAKE, Connection.FRESH, method="initialize",
        began=began + 0.61,
    )  # fmt: skip
    made = Aftermath("the same command", began, shaken, old_sessions=(old_session(began + 0.7),))
    return replace(made, **({"before": DIGESTS, "after": DIGESTS} | changes))


def old_session(
    began: float = 3.9,
    outcome: Outcome = Outcome.HTTP_4XX,
    status: int | None = 404,
    **changes: Any,
) -> Request:
    """What the restarted server said to a session of the one before."""
    if outcome is not Outcome.OK:
        changes = {"status": status} | changes
    return a_request(
        "handshake 1",
        Purpose.OLD_SESSION,
        Connection.FRESH,
        began=began,
        outcome=outcome,
        **changes,
    )


def trial(
    calls: Iterable[Request] | None = None,
    *,
    ended: float | None = 3.012,
    exit_code: int | None = 0,
    loop: Iterable[Request] | None = None,
    stream: Request | None = None,
    new: Iterable[Phase] = ((2.5, Outcome.HTTP_503),),
    ready: Iterable[Phase] | None = ((2.5, Outcome.HTTP_503),),
    live: Iterable[Phase] | None = ((2.5, Outcome.OK),),
    end: ProcessEnd | None = None,
    setting: Setting | None = None,
    server: ServerKind = PYTHON,
    signals: Sequence[Signal] | None = None,
    aftermath: Aftermath | None = None,
    probed: bool = True,
    **changes: Any,
) -> Timeline:
    """One trial; without arguments a graceful one."""
    setting = setting or a_setting(
        readiness=None if ready is None else "http://127.0.0.1:8000/readyz",
        liveness=None if live is None else "http://127.0.0.1:8000/livez",
    )
    last = setting.grace if ended is None else ended
    requests = [*(the_calls() if calls is None else calls)]
    requests += a_loop() if loop is None else loop
    if stream is not None:
        requests.append(stream)
    if probed:
        requests += new_sessions(new, last)
    if ready is not None:
        requests += health(Purpose.READINESS, ready, last)
    if live is not None:
        requests += health(Purpose.LIVENESS, live, last)
    return Timeline(
        setting,
        server,
        tuple(sorted(requests, key=lambda each: each.began)),
        tuple(signals or (Signal(setting.signal, 0.0),)),
        end or ProcessEnd(ended, exit_code),
        an_aftermath(last + 0.2) if aftermath is None else aftermath,
        started=STARTED,
        seconds=round(last + 3.4, 2),
        **changes,
    )


def graceful(**changes: Any) -> Timeline:
    """All as it should be: 503 for 2.5 s, the calls answered, exit code 0."""
    return trial(**({"stream": a_stream()} | changes))


def degraded(**changes: Any) -> Timeline:
    """No call is lost, but the listener closes at once: mcp 2.3 with JSON answers."""
    without = {"new": (), "ready": None, "live": None, "loop": a_loop(0.0), "exit_code": 143}
    return trial(**({"stream": a_stream()} | without | changes))


def lossy_mcp_default(**changes: Any) -> Timeline:
    """mcp 2.3 as it comes: answers as event streams are ended, those of 2026-07-28 are not."""
    lost = {"outcome": Outcome.ENDED_WITHOUT_REPLY, "ended": 1.047}
    calls = [*the_calls(**lost)[:2], *the_calls()[2:]]
    return degraded(**({"calls": calls, "ended": 1.512} | changes))


def lossy_with_a_slow_tool(**changes: Any) -> Timeline:
    """The same with --call: the answer had begun, and was ended 0.45 s after the signal."""
    called = {"method": "tools/call brew", "sent": -0.3}
    lost = {"outcome": Outcome.ENDED_WITHOUT_REPLY, "ended": 0.452}
    calls = [*the_calls(**lost, **called)[:2], *the_calls(ended=2.71, **called)[2:]]
    setting = a_setting(call="brew", release=None)
    return degraded(**({"calls": calls, "ended": 3.2, "setting": setting} | changes))


def slow_tool_answered(**changes: Any) -> Timeline:
    """A slow tool of 3.01 s, answered by a server that drains well."""
    setting = a_setting(
        call="brew",
        release=None,
        readiness="http://127.0.0.1:8000/readyz",
        liveness="http://127.0.0.1:8000/livez",
    )
    calls = the_calls(ended=2.71, method="tools/call brew", sent=-0.3)
    return graceful(**({"calls": calls, "setting": setting} | changes))


def hung(**changes: Any) -> Timeline:
    """All calls are answered, and then an open GET stream keeps the process until it is killed."""
    held = a_stream(30.06, Outcome.RESET, status=200, media_type="text/event-stream")
    killed = ProcessEnd(30.052, -9, killed=True, stderr=("INFO: Waiting for connections to close",))
    return degraded(**({"stream": held, "end": killed, "ended": None} | changes))


def ignores_the_signal(**changes: Any) -> Timeline:
    """As PID 1 without a handler: it serves on until it is killed."""
    killed = ProcessEnd(30.052, -9, killed=True)
    setting = a_setting(pid1=True)
    served = {"new": ((30.0, Outcome.OK),), "loop": a_loop(29.9, step=0.5), "server": NODE}
    return degraded(**({"end": killed, "ended": None, "setting": setting} | served | changes))


def abrupt(**changes: Any) -> Timeline:
    """Node as it comes: the process is gone within 0.05 s, and the calls with it."""
    calls = the_calls(Outcome.RESET, 0.047)[:2]
    return degraded(**({"calls": calls, "ended": 0.049, "server": NODE, "stream": None} | changes))


def exit_zero_while_losing(**changes: Any) -> Timeline:
    """A clean end of every answer, no reply in any, and exit code 0: kubernetes-mcp-server."""
    calls = the_calls(Outcome.ENDED_WITHOUT_REPLY, 1.03)[:2]
    setting = a_setting(eras=(Era.HANDSHAKE,))
    return degraded(
        **({"calls": calls, "exit_code": 0, "server": GO, "setting": setting} | changes)
    )


def http_500_at_the_limit(**changes: Any) -> Timeline:
    """JSON answers with a drain limit of 2 s, and a slow tool that takes longer."""
    calls = the_calls(Outcome.HTTP_5XX, 2.213, method="tools/call brew", sent=-0.3)
    setting = a_setting(call="brew", release=None)
    return degraded(**({"calls": calls, "setting": setting, "ended": 3.2} | changes))


def jsonrpc_error_at_the_limit(**changes: Any) -> Timeline:
    """Every call gets an error with its id when the drain limit is reached: supergateway."""
    calls = the_calls(Outcome.JSONRPC_ERROR, 2.004)[:2]
    return graceful(
        **({"calls": calls, "server": ServerKind("brew", "1.0", "2025-11-25")} | changes)
    )


def cut_at_the_limit(**changes: Any) -> Timeline:
    """The connections of the calls are closed without a word, two seconds after the signal."""
    calls = the_calls(Outcome.RESET, 2.005, method="tools/call brew", sent=-0.3)
    setting = a_setting(call="brew", release=None)
    return degraded(**({"calls": calls, "setting": setting, "ended": 3.2} | changes))


def child_left(**changes: Any) -> Timeline:
    left = Leftover("process", "python worker.py --queue brews", 4711)
    return graceful(**({"end": ProcessEnd(3.012, 0, leftovers=(left,))} | changes))


def port_left(**changes: Any) -> Timeline:
    left = Leftover("port", "127.0.0.1:8000", 4711)
    return graceful(**({"end": ProcessEnd(3.012, 0, leftovers=(left,))} | changes))


def old_session_400(**changes: Any) -> Timeline:
    """server-everything: 400 says that the client is wrong, not that it should open anew."""
    return graceful(
        **({"aftermath": an_aftermath(old_sessions=(old_session(status=400),))} | changes)
    )


def old_session_never_answered(**changes: Any) -> Timeline:
    never = old_session(outcome=Outcome.TIMEOUT, status=None, took=10.0)
    return graceful(**({"aftermath": an_aftermath(old_sessions=(never,))} | changes))


def contract_changed(**changes: Any) -> Timeline:
    return graceful(**({"aftermath": an_aftermath(after=OTHER_DIGESTS)} | changes))


def not_restarted(**changes: Any) -> Timeline:
    """--pid without --restart-command: nobody starts it again."""
    setting = a_setting(how=How.PID, readiness="http://x/readyz", liveness="http://x/livez")
    end = ProcessEnd(3.012, None)
    return graceful(
        **({"aftermath": Aftermath(before=DIGESTS), "setting": setting, "end": end} | changes)
    )


def restart_failed(**changes: Any) -> Timeline:
    refused = a_request(
        "first handshake", Purpose.FIRST_HANDSHAKE, Connection.FRESH, method="initialize",
        began=63.1, outcome=Outcome.REFUSED,
    )  # fmt: skip
    problem = "nothing answered within 60 s: connection refused"
    made = Aftermath("the same command", 3.2, refused, problem=problem, before=DIGESTS)
    return graceful(**({"aftermath": made} | changes))


def end_unseen(**changes: Any) -> Timeline:
    """--stop-command: the process is somewhere else, and its end is not seen."""
    setting = a_setting(
        how=How.STOP_COMMAND, readiness="http://x/readyz", liveness="http://x/livez"
    )
    signals = (Signal("stop command", 0.0),)
    end = ProcessEnd(None, None, observed=False)
    return graceful(**({"setting": setting, "signals": signals, "end": end} | changes))


def resumed(outcome: Outcome = Outcome.OK, **changes: Any) -> Timeline:
    """A call was lost after an event with an id, and asked for again with Last-Event-ID."""
    lost = {"outcome": Outcome.TRUNCATED, "ended": 1.047, "event_id": "7"}
    resumption = a_request(
        "handshake 1", Purpose.RESUMPTION, Connection.FRESH, method="GET", began=4.1,
        outcome=outcome, event_id="8" if outcome is Outcome.OK else "",
    )  # fmt: skip
    calls = [*the_calls(**lost)[:1], *the_calls()[1:]]
    made = an_aftermath(resumptions=(resumption,))
    return lossy_mcp_default(**({"calls": calls, "aftermath": made} | changes))


def siblings(**changes: Any) -> Timeline:
    """A balancer stands before several: the address answers on after the process has ended."""
    told = "the address answered 40 times after the process had ended"
    setting = a_setting(how=How.PID, readiness="http://x/readyz", liveness="http://x/livez")
    made = {"new": ((9.0, Outcome.OK),), "siblings": told, "setting": setting}
    return graceful(**(made | changes))


def answers_on(**changes: Any) -> Timeline:
    """A daemon: the process that we started ends, and its address is served by another."""
    told = "a new session was answered 0.10 s after the process had ended"
    made = {"new": ((9.0, Outcome.OK),), "siblings": told, "ended": 0.004}
    return degraded(**(made | changes))


def outlived_by_a_child(**changes: Any) -> Timeline:
    """A start script that ends on the signal while its child drains well, and answers the calls."""
    return graceful(**({"end": ProcessEnd(0.611, 0)} | changes))


def never_ready_again(**changes: Any) -> Timeline:
    """The restarted server takes handshakes, and its readiness stays 503."""
    made = an_aftermath(readiness=readiness_after(Outcome.HTTP_503))
    return graceful(**({"aftermath": made} | changes))


def readiness_after(outcome: Outcome = Outcome.OK, **changes: Any) -> Request:
    """The last attempt at the readiness URL of the restarted server."""
    return a_request(
        "readiness", Purpose.READINESS, Connection.FRESH, None, "GET", 33.0, outcome=outcome,
        **changes,
    )  # fmt: skip


def nobody_behind_the_listener(**changes: Any) -> Timeline:
    """uvicorn --workers: the parent holds the listener open when the workers have ended."""
    unanswered = {"new": ((3.9, Outcome.RESET),), "ended": 5.2}
    return degraded(**(unanswered | changes))


def errors_on_open_sessions(
    outcome: Outcome = Outcome.HTTP_5XX, until: float = 1.2, **changes: Any
) -> Timeline:
    """A safe request on an open session gets an error while the server drains."""
    loop = [
        replace(each, outcome=outcome, status=_STATUSES.get(outcome, 200))
        if 0 < each.began < until and each.outcome is Outcome.OK
        else each
        for each in a_loop()
    ]
    return graceful(**({"loop": loop} | changes))


_STATUSES = {Outcome.HTTP_5XX: 500, Outcome.HTTP_4XX: 404, Outcome.HTTP_503: 503}


def short_lame_duck(**changes: Any) -> Timeline:
    """503 for a moment that no load balancer notices."""
    short = ((0.2, Outcome.HTTP_503),)
    return graceful(**({"new": short, "ready": short, "live": short} | changes))


def liveness_hangs(**changes: Any) -> Timeline:
    """Liveness is taken and not answered while the server drains, until it ends."""
    timeline = graceful(**changes)
    end = timeline.end.ended or 0.0
    hanging = (
        replace(each, ended=end + 0.1, outcome=Outcome.TIMEOUT)
        if each.purpose is Purpose.LIVENESS and each.began > 0.5 and each.outcome is Outcome.OK
        else each
        for each in timeline.requests
    )
    return replace(timeline, requests=tuple(hanging))


def accept_race(**changes: Any) -> Timeline:
    """uvicorn accepts in the first moments and drops what it accepted."""
    raced = ((0.16, Outcome.RESET),)
    return degraded(**({"new": raced} | changes))


def accepts_and_drops(**changes: Any) -> Timeline:
    """New connections are taken for a second, and dropped: their senders know nothing."""
    return degraded(**({"new": ((1.0, Outcome.RESET),)} | changes))


def second_signal_forces(**changes: Any) -> Timeline:
    """--twice: the second signal ends it at once, with the calls that were still in flight."""
    calls = [
        *the_calls(ended=0.9, sent=0.8)[:2],
        *the_calls(Outcome.RESET, 2.013, sent=1.001)[2:],
    ]
    signals = (Signal("SIGTERM", 0.0), Signal("SIGTERM", 2.0))
    setting = a_setting(
        twice=True, readiness="http://127.0.0.1:8000/readyz", liveness="http://127.0.0.1:8000/livez"
    )
    made = {"calls": calls, "signals": signals, "setting": setting, "ended": 2.031}
    return graceful(**(made | {"exit_code": 1} | changes))


def second_signal_ignored(**changes: Any) -> Timeline:
    """--twice: the second signal changes nothing."""
    signals = (Signal("SIGTERM", 0.0), Signal("SIGTERM", 0.8))
    setting = a_setting(
        twice=True, readiness="http://127.0.0.1:8000/readyz", liveness="http://127.0.0.1:8000/livez"
    )
    return graceful(**({"signals": signals, "setting": setting} | changes))


def lost_beside_a_second_signal(**changes: Any) -> Timeline:
    """--twice: calls are dropped 0.3 s after a second signal that the server takes no notice of."""
    calls = the_calls(Outcome.RESET, 0.802)
    signals = (Signal("SIGTERM", 0.0), Signal("SIGTERM", 0.5))
    made = {"calls": calls, "signals": signals, "ended": 1.574}
    return second_signal_ignored(**(made | changes))


def many_sessions(count: int = 200, lost: int = 12, **changes: Any) -> Timeline:
    """Load: `count` sessions, of which the first `lost` lose their call."""
    clients = [f"handshake {number}" for number in range(1, count + 1)]
    calls = []
    for number, client in enumerate(clients):
        connection = Connection.FRESH if number % 2 else Connection.KEPT
        outcome = Outcome.ENDED_WITHOUT_REPLY if number < lost else Outcome.OK
        calls.append(a_call(client, connection=connection, outcome=outcome))
    loop = a_loop(0.4, clients, step=0.5)
    setting = a_setting(eras=(Era.HANDSHAKE,), sessions=count)
    return degraded(**({"calls": calls, "loop": loop, "setting": setting} | changes))


def stdio_graceful(**changes: Any) -> Timeline:
    """A child: standard input is closed, the calls are answered, it ends with 0."""
    setting = a_setting(
        target="python server.py", transport=Transport.STDIO, eras=(Era.HANDSHAKE,),
        signal="stdin closed", sessions=1,
    )  # fmt: skip
    pipe = {"transport": Transport.STDIO, "status": None, "media_type": "", "received": 1204}
    calls = [a_call(connection=Connection.PIPE, ended=0.33, sent=-0.3, **pipe)]
    loop = [
        a_request(connection=Connection.PIPE, began=round(-0.983 + n * 0.1, 3), **pipe)
        for n in range(9)
    ]
    quiet = {"probed": False, "ready": None, "live": None}
    ended = {"ended": 0.412, "signals": (Signal("stdin closed", 0.0),)}
    after = an_aftermath(0.6, old_sessions=())
    made = {"calls": calls, "loop": loop, "setting": setting, "aftermath": after}
    return trial(**(made | quiet | ended | changes))


def stdio_lossy(**changes: Any) -> Timeline:
    """A child that ends with its standard input, and leaves the call without an answer."""
    lost = a_call(
        connection=Connection.PIPE, ended=0.31, sent=-0.3, outcome=Outcome.ENDED_WITHOUT_REPLY,
        transport=Transport.STDIO, status=None, media_type="",
        detail="standard output ended before the answer",
    )  # fmt: skip
    return stdio_graceful(**({"calls": [lost]} | changes))


def http_sse_lossy(**changes: Any) -> Timeline:
    """HTTP+SSE: the stream carries the replies, and is ended at once."""
    sse = {"transport": Transport.SSE, "status": 202, "media_type": "", "received": 0}
    lost = {"detail": "the stream ended before the reply"} | sse
    calls = the_calls(Outcome.ENDED_WITHOUT_REPLY, 0.43, **lost)[:2]
    setting = a_setting(transport=Transport.SSE, eras=(Era.HANDSHAKE,))
    stream = a_stream(0.43, transport=Transport.SSE)
    made = {"calls": calls, "setting": setting, "stream": stream, "loop": []}
    after = an_aftermath(old_sessions=(old_session(transport=Transport.SSE),))
    return degraded(**(made | {"aftermath": after} | changes))


def trial_not_made(**changes: Any) -> Timeline:
    """The server never answered, so that there was nothing to stop."""
    problem = "the server did not answer within 60 s: connection refused"
    blank = Timeline(a_setting(), ServerKind(), (), (), ProcessEnd(None, None), problem=problem)
    return replace(blank, started=STARTED, seconds=60.2, **changes)


def loop_was_hit(outcome: Outcome = Outcome.RESET, **changes: Any) -> Timeline:
    """The signal came while a safe request was being answered, and that one is lost too."""
    hit = a_request(began=-0.006, took=0.051, outcome=outcome)
    return graceful(**({"loop": [*a_loop(), hit]} | changes))


def nothing_in_flight(**changes: Any) -> Timeline:
    """Every call was answered before the signal came."""
    return graceful(**({"calls": [], "loop": []} | changes))


@cache
def all_timelines() -> dict[str, Timeline]:
    """Every one of them by name."""
    makers = (
        graceful, degraded, lossy_mcp_default, lossy_with_a_slow_tool, slow_tool_answered, hung,
        ignores_the_signal, abrupt, exit_zero_while_losing, http_500_at_the_limit,
        jsonrpc_error_at_the_limit, cut_at_the_limit, child_left, port_left, old_session_400,
        old_session_never_answered, contract_changed, not_restarted, restart_failed, end_unseen,
        resumed, siblings, accept_race, accepts_and_drops, second_signal_forces,
        second_signal_ignored, many_sessions, stdio_graceful, stdio_lossy, http_sse_lossy,
        loop_was_hit, trial_not_made, nothing_in_flight, answers_on, outlived_by_a_child,
        never_ready_again, nobody_behind_the_listener, errors_on_open_sessions, short_lame_duck,
        liveness_hangs, lost_beside_a_second_signal,
    )  # fmt: skip
    return {maker.__name__: maker() for maker in makers}
