"""What the trials showed, as the Markdown of benchmarks/DRAIN.md."""

import platform
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import mcpverify
from mcpverify.facts.drain import Shutdown
from mcpverify.facts.revision import Era
from mcpverify.facts.timeline import Purpose, Request, RequestOutcome
from tests.peers.drain_roster import Row
from tests.peers.draining import Tried

_HEAD = """# How servers shut down

Written by `make drain-table`: do not edit. Each row is one run of `mcpverify drain` on a server
that nobody here wrote, as it is installed from PyPI or npm.

{machine}
"""

_READING = """
## How to read it

A call of a tool that takes 4 s is in flight in each of 4 sessions, over kept and over fresh
connections, beside a closed loop of requests for the list of tools, and an idle GET stream where
the server offers one. SIGTERM, or what the row says, comes when the calls are 1 s old. Seconds
are those since the signal. They depend on the machine, and where a server looks for its end every
half a second also on chance; `tests/peers` holds the servers to the classes alone.

- *Call in flight*: how the calls ended, by the era of the client. Only **ok** is an answer: HTTP
  500, a JSON-RPC error and a clean end without a reply are calls lost. A session of the handshake
  era begins with `initialize`; 2026-07-28 has no sessions. One server may keep the calls of one
  era and lose those of the other.
- *New session*: an `initialize`, or a `server/discover` of 2026-07-28, every 50 ms until the
  process has ended. What happens in the first 0.2 s is a race to be accepted, and stands apart.
- *Exit*: the code as a shell shows it (143 is SIGTERM, 130 is SIGINT), and when. It says nothing
  of the calls. Killed means that it had not ended within the budget, which the rows that never
  end are given less of.
- *Old session*: the status that a request with a session id from before the restart is answered
  with. Clients begin anew on a 404, and on nothing else.
- *Verdict*: graceful, degraded (no call lost, but new work was refused with no 503 before),
  lossy, abrupt (at once, with calls lost) or hung; then the exit code of mcpverify, and what
  failed where no call was lost.
"""

_ROWS = """
The commands are in `tests/peers/drain_roster.py`, the servers in `tests/peers/servers`, and all
packages are pinned. The `drain_*.py` are what a user writes: a server with one tool, run by the
SDK itself, or by uvicorn where a limit is set, which `run()` of mcp cannot. Preloaded into those
on Node, `drain_on_loopback.cjs` keeps them on loopback and on a free port.

- 2026-07-28 and the handshake era are one row where a server speaks both: one trial has clients of
  either. The process then ends with the last call of either.
- The rows of mcp 1 differ in sse-starlette alone. 3.0 keeps the event that ends a stream in a
  context variable, where the handler of the signal does not find it: what is under way goes on,
  an idle GET stream for ever. What begins after the signal ends at once.
- mcp-proxy is the name of two bridges. That of PyPI answers in JSON, and ends of the signal before
  it has ended its child, which sees that soon after. That of npm answers as event streams.
- kubernetes-mcp-server is the program that npm ships for Linux on x86-64, with a stand-in for a
  cluster that takes 4 s for a list. The package of PyPI downloads the program when it is started.
"""

_WORDS = {
    RequestOutcome.OK: "ok",
    RequestOutcome.JSONRPC_ERROR: "JSON-RPC error",
    RequestOutcome.HTTP_503: "503",
    RequestOutcome.REFUSED: "refused",
    RequestOutcome.RESET: "reset",
    RequestOutcome.TRUNCATED: "cut",
    RequestOutcome.ENDED_WITHOUT_REPLY: "clean end, no reply",
    RequestOutcome.TIMEOUT: "no answer",
    RequestOutcome.BAD_ANSWER: "no MCP",
}
# How what was placed in a command is told: the folders are those of one machine.
_PLACES = {
    "{cache}/": "",
    "{servers}/": "",
    "{modules}/": "",
    "{everything}": "server-everything",
    "{kubeconfig}": "kubeconfig",
}
_ERAS = {Era.HANDSHAKE: "handshake", Era.STATELESS: "2026-07-28"}


@dataclass(frozen=True, slots=True)
class Measured:
    """A row and what it showed; `seen` is None where it could not be tried."""

    row: Row
    versions: tuple[tuple[str, str], ...]
    seen: Tried | None
    surprises: tuple[str, ...]


def machine() -> str:
    """The date, and what the trials ran on."""
    node = shutil.which("node")
    asked = [node, "--version"] if node else []
    release = subprocess.run(asked, capture_output=True, text=True).stdout.strip() if asked else ""
    parts = [
        time.strftime("%Y-%m-%d", time.gmtime()),
        f"{platform.system()} {platform.machine()}",
        f"mcpverify {mcpverify.__version__}",
        f"Python {platform.python_version()}",
        f"Node {release.removeprefix('v')}" if release else "no Node",
    ]
    return ", ".join(parts) + "."


def markdown(measured: Sequence[Measured], missing: Sequence[tuple[Row, str]], machine: str) -> str:
    """The whole file."""
    lines = [_HEAD.format(machine=machine)]
    lines.append(_line("server", "call in flight", "new session", "exit", "old session", "verdict"))
    lines.append(_line(*["---"] * 6))
    lines += [_row(each) for each in measured]
    lines += [_READING, "## What drain says of the cause", ""]
    lines += _causes(measured)
    lines += [
        "",
        "## What was tried",
        "",
        _line("server", "packages", "mcpverify drain ..."),
        _line(*["---"] * 3),
    ]
    lines += [_recipe(each) for each in measured]
    lines += [_ROWS, *_absences(missing), *_surprises(measured)]
    return "\n".join(lines).rstrip() + "\n"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _row(measured: Measured) -> str:
    seen = measured.seen
    if seen is None:
        return _line(measured.row.title, "could not be tried", "", "", "", "")
    return _line(
        measured.row.title,
        _calls(seen),
        _new_sessions(seen),
        _exit(seen),
        _old_session(seen),
        _verdict(seen),
    )


def _calls(seen: Tried) -> str:
    eras = [era for era in Era if seen.calls(era)]
    return "<br>".join(f"{_ERAS[era]}: {_told(seen.calls(era))}" for era in eras)


def _told(calls: Iterable[Request]) -> str:
    """Each way in which calls ended, with the first second of it where one was lost."""
    first: dict[str, float] = {}
    for call in sorted(calls, key=lambda each: each.ended):
        first.setdefault(_word(call), call.ended)
    return ", ".join(
        word if word == "ok" else f"**{word} at {_seconds(at)}**" for word, at in first.items()
    )


def _word(request: Request) -> str:
    if request.outcome in (RequestOutcome.HTTP_4XX, RequestOutcome.HTTP_5XX):
        return f"HTTP {request.status}"
    if request.outcome is RequestOutcome.JSONRPC_ERROR and "-32603" in request.detail:
        return "-32603"
    return _WORDS[request.outcome]


def _new_sessions(seen: Tried) -> str:
    met = sorted(_WORDS[each] for each in seen.new_sessions(racing=False))
    raced = sorted(_WORDS[each] for each in seen.new_sessions(racing=True))
    told = ", ".join(met) if met else "the process is gone"
    if set(raced) - set(met):
        told += f" (at first: {', '.join(raced)})"
    health = {each.status for each in seen.timeline.of(Purpose.READINESS) if each.began > 0.0}
    if health - {None} == {200}:
        told += "; **its health stays 200**"
    return told


def _exit(seen: Tried) -> str:
    end = seen.timeline.end
    if end.killed:
        return f"**killed** at {_seconds(seen.timeline.setting.grace)}"
    if end.ended is None or end.exit_code is None:
        return "not seen"
    code = 128 - end.exit_code if end.exit_code < 0 else end.exit_code
    return f"{code} at {_seconds(end.ended)}"


def _old_session(seen: Tried) -> str:
    answer = seen.old_session
    return "-" if answer is None else "404" if answer == 404 else f"**{answer}**"


def _verdict(seen: Tried) -> str:
    word = "none" if seen.shutdown is None else str(seen.shutdown)
    if seen.shutdown not in (Shutdown.GRACEFUL, Shutdown.DEGRADED):
        return f"**{word}**, {seen.run.code}"
    failed = f" ({', '.join(sorted(seen.failed))})" if seen.failed else ""
    return f"{word}, {seen.run.code}{failed}"


def _seconds(value: float) -> str:
    return f"{value:.2f} s"


def _causes(measured: Sequence[Measured]) -> list[str]:
    """The worst cause of each row, and which rows have it."""
    rows: dict[str, list[str]] = {}
    for each in measured:
        if each.seen is not None and (remedies := each.seen.run.report["remedies"]):
            rows.setdefault(remedies[0]["cause"], []).append(each.row.title)
    return [f"- {'; '.join(titles)}: {cause}" for cause, titles in rows.items()]


def _recipe(measured: Measured) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in measured.versions)
    words = " ".join((*measured.row.options, "--", *measured.row.command))
    for place, told in _PLACES.items():
        words = words.replace(place, told)
    return _line(measured.row.title, packages, f"`{words}`")


def _absences(missing: Sequence[tuple[Row, str]]) -> list[str]:
    if not missing:
        return ["All rows of the roster were tried."]
    return ["Left out:", "", *(f"- {row.title}: {reason}" for row, reason in missing)]


def _surprises(measured: Sequence[Measured]) -> list[str]:
    told = [f"- {each.row.title}: {word}" for each in measured for word in each.surprises]
    return ["", "## Otherwise than it was known", "", *told] if told else []
