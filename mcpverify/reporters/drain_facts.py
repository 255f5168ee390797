"""The facts of a trial that an on-call engineer asks for, in one wording for people.

Texts may hold what the server sent: a reporter makes them inert.
"""

from collections import Counter
from collections.abc import Iterator
from signal import Signals

from mcpverify.facts.calls import lost
from mcpverify.facts.lame_duck import lame_duck_seen
from mcpverify.facts.timeline import Purpose, Request, Timeline
from mcpverify.reporters.drain_counts import Counts, counts_of, exact
from mcpverify.reporters.layout import duration
from mcpverify.reporters.timeline_rows import word_for


def facts_of(timeline: Timeline) -> Iterator[tuple[str, list[str]]]:
    """Labels, and what stands behind each; those of which nothing is known are left out."""
    for label, items in (
        ("server", _server(timeline)),
        ("in flight", _in_flight(timeline, counts_of(timeline))),
        ("loop", _loop(timeline, counts_of(timeline))),
        ("probes", _probes(timeline)),
        ("signal", _signals(timeline)),
        ("end", _end(timeline)),
        ("after", _after(timeline)),
        ("note", _notes(timeline)),
    ):
        known = [each for each in items if each]
        if known:
            yield label, known


def _server(timeline: Timeline) -> Iterator[str]:
    server = timeline.server
    yield " ".join(filter(None, (server.name, server.version))) or "gave no name"
    yield server.revision
    if len(timeline.setting.eras) > 1:
        yield f"eras {' '.join(timeline.setting.eras)}"
    yield timeline.setting.transport
    yield from (f"{name}: {value}" for name, value in server.headers)
    if server.program:
        yield f"program {server.program}"


def _in_flight(timeline: Timeline, counts: Counts) -> Iterator[str]:
    if timeline.problem and not counts.in_flight:
        return
    setting = timeline.setting
    what = "tools/list" if setting.call is None else setting.call
    held = ", the last bytes held back" if setting.release is not None else ""
    calls = f"{_counted(counts.calls, 'call')} of {what}{held}"
    beside = f", and {counts.loop_hit:,} of the loop" if counts.loop_hit else ""
    yield f"{_counted(counts.sessions, 'session')}: {calls}{beside}"
    forced = f", {counts.forced:,} cut by the second signal" if counts.forced else ""
    yield f"{counts.answered:,} answered, {counts.lost:,} lost{forced}"


def _loop(timeline: Timeline, counts: Counts) -> Iterator[str]:
    if not counts.loop:
        return
    yield _counted(counts.loop, "safe request")
    if counts.loop_hit:
        missed = sum(each.purpose is Purpose.LOOP for each in lost(timeline))
        yield f"{counts.loop_hit:,} of them hit by the signal, {missed or 'none'} of these lost"
    else:
        yield "none of them hit by the signal"
    after = Counter(word_for(each) for each in timeline.of(Purpose.LOOP) if each.began > 0)
    if after:
        yield f"begun after it: {', '.join(f'{count:,} {word}' for word, count in after.items())}"


def _probes(timeline: Timeline) -> Iterator[str]:
    for name, purpose in (
        ("new sessions", Purpose.NEW_SESSION),
        ("readiness", Purpose.READINESS),
        ("liveness", Purpose.LIVENESS),
    ):
        words = Counter(map(word_for, timeline.of(purpose)))
        if words:
            yield f"{name}: {', '.join(f'{count:,} {word}' for word, count in words.items())}"
    seen = lame_duck_seen(timeline)
    if seen is not None:
        yield f"lame duck seen: {exact(seen)} s"


def _signals(timeline: Timeline) -> Iterator[str]:
    for number, signal in enumerate(timeline.signals):
        to = "" if signal.to == "process" else f" to the {signal.to}"
        again = " again" if signal.name == timeline.signals[0].name else ""
        at = f"{again} after {exact(signal.at)} s" if number else ""
        yield f"{signal.name}{to}{at}"
    setting = timeline.setting
    if timeline.signals:
        yield f"budget {duration(setting.grace)}"
    if setting.pid1:
        yield "as PID 1"


def _end(timeline: Timeline) -> Iterator[str]:
    end = timeline.end
    if not timeline.signals:
        return
    if end.killed:
        at = "" if end.ended is None else f" after {exact(end.ended)} s"
        yield f"killed{at}: it had not ended by itself"
    elif not end.observed:
        yield "not seen: the process is out of sight"
    elif end.ended is None:
        yield "it had not ended when the budget was over"
    else:
        yield f"{_exit(end.exit_code)} after {exact(end.ended)} s"
    for left in end.leftovers:
        pid = "" if left.pid is None else f" (pid {left.pid})"
        yield f"left behind: {left.kind} {left.what}{pid}"


def _exit(code: int | None) -> str:
    if code is None:
        return "exit code not known"
    try:
        by = f" ({Signals(-code).name})" if code < 0 else ""
    except ValueError:
        by = ""
    return f"exit code {code}{by}"


def _after(timeline: Timeline) -> Iterator[str]:
    after = timeline.aftermath
    if not after.restart:
        if timeline.signals:
            yield "not started again"
        return
    yield f"started again: {after.restart}"
    first = after.first_handshake
    if after.problem:
        yield after.problem
    elif first is not None and after.began is not None:
        yield f"first good handshake after {exact(first.ended - after.began)} s"
    if after.old_sessions:
        yield f"old sessions: {_outcomes(after.old_sessions)}"
    if after.resumptions:
        yield f"Last-Event-ID: {_outcomes(after.resumptions)}"
    if after.contract_problem:
        yield f"contract not fully seen: {after.contract_problem}"
    elif after.before is not None and after.after is not None:
        same = after.before.digest == after.after.digest
        yield "the contract is the same" if same else "the contract is another one"


def _outcomes(requests: tuple[Request, ...]) -> str:
    words = Counter(map(word_for, requests))
    if len(requests) == 1:
        return next(iter(words))
    return ", ".join(f"{count:,} {word}" for word, count in words.items())


def _notes(timeline: Timeline) -> Iterator[str]:
    if timeline.siblings:
        yield f"others answer there: {timeline.siblings}"
    yield from timeline.setting.skipped


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
