"""One client of a child process, in a trial: many requests in flight, each ended as it is answered.

The gate's own channel (`wire.transports.stdio`) asks one thing and waits. Here nothing waits for
an answer but `take_in`, which takes whatever comes: answers in any order, noise, the end.
"""

import os
import time
from contextlib import suppress
from typing import NamedTuple

import psutil

from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era
from mcpverify.facts.target import Limits, Transport
from mcpverify.facts.timeline import Connection, Purpose, RequestOutcome
from mcpverify.facts.transcript import Step
from mcpverify.wire.deadline import Broken, Deadline
from mcpverify.wire.jsonrpc import (
    Message,
    MessageKind,
    kind_of,
    messages_in,
    notification,
    reply_to,
    request,
)
from mcpverify.wire.processes import Child, marking
from mcpverify.wire.revisions.envelope import Envelope
from mcpverify.wire.transports.channel import encode, replies_within
from mcpverify.wire.trial.clients.asking import ended_with
from mcpverify.wire.trial.clients.expectation import Expectation, Listing, anything, calling
from mcpverify.wire.trial.clients.pipe_lines import Lines, ids_in
from mcpverify.wire.trial.process import pid_one
from mcpverify.wire.trial.process.family import Family, new_mark, program
from mcpverify.wire.trial.process.leftovers import ended
from mcpverify.wire.trial.process.ports import bound
from mcpverify.wire.trial.recorder import Draft, Recorder

_SLICE = 0.01
_REPLY_SECONDS = 1.0
_LAST_WORDS = 0.5


class _Waiting(NamedTuple):
    """A request that is not answered."""

    draft: Draft
    recorder: Recorder
    expects: Expectation


class PipeClient:
    """Starts `argv` and speaks one era to it. Raises Broken where it cannot be started.

    With `pid1` it is PID 1 of a namespace, and unshare is the process that is started.
    """

    def __init__(
        self,
        argv: tuple[str, ...],
        envelope: Envelope,
        recorder: Recorder,
        limits: Limits,
        *,
        pid1: bool = False,
    ) -> None:
        self.name = f"{envelope.era} 1"
        self.exited: float | None = None  # when the process was seen to have ended
        self._envelope = envelope
        self._recorder = recorder
        self._limits = limits
        self._waiting: dict[int, _Waiting] = {}
        self._tools = Listing()
        self._next_id = 0
        self._replies = 0
        self._closed_input = False
        self._lines = Lines(limits.answer_bytes)
        self._silent = False
        self._pid1 = pid1
        mark = new_mark()
        with marking(mark):
            self.child = Child((*pid_one.prefix(), *argv) if pid1 else argv)
        self._process = psutil.Process(self.child.pid)
        self.family = Family(self._process, grouped=os.name == "posix", mark=mark)

    @property
    def program(self) -> str:
        """The file name of what runs, "" where it has ended."""
        server = self._server()
        return "" if server is None else program(server)

    @property
    def exit_code(self) -> int | None:
        code = self.child.wait()
        if code is None or not self._pid1:
            return code
        return pid_one.exit_code(code, self.child.stderr_tail(_LAST_WORDS))

    def stderr(self) -> tuple[str, ...]:
        """The last lines, once it has ended."""
        said = self.child.stderr_tail(_LAST_WORDS)
        return pid_one.without_complaints(said) if self._pid1 else said

    def signal(self, number: int, *, group: bool) -> None:
        """To the server alone, or to all of its group."""
        if not self._pid1:
            self.child.signal(number, group=group)
            return
        server = self._server()
        with suppress(psutil.Error):
            if server is not None:  # the namespace has it alone: unshare is no part of it
                server.send_signal(number)

    def begin_opening(self, purpose: Purpose | None, deadline: Deadline) -> Draft:
        """Send the first request of a session. Without a purpose it is no part of the trial."""
        recorder = Recorder(None) if purpose is None else self._recorder
        opening = self._envelope.opening.value
        draft = self._draft(recorder, purpose or Purpose.LOOP, opening)
        if purpose is Purpose.FIRST_HANDSHAKE:
            draft.client = "first handshake"
        data = self._line(draft, recorder, opening, self._envelope.opening_params())
        try:
            self._send(data, draft, deadline)
        except Broken as error:
            recorder.end(draft, RequestOutcome.ENDED_WITHOUT_REPLY, error.failure.detail)
        return draft

    def open(self, purpose: Purpose | None, seconds: float) -> Draft:
        """The handshake, or the discovery; ok where the server can be used from here on."""
        deadline = Deadline.after(seconds, f"no answer within {seconds:g} s")
        draft = self.begin_opening(purpose, deadline)
        try:
            self._await(draft, deadline)
            if draft.outcome is RequestOutcome.OK and self._envelope.era is Era.HANDSHAKE:
                initialized = notification(Step.INITIALIZED.value)
                self.child.write(encode(initialized) + b"\n", deadline)
        except Broken as error:
            self.give_up(RequestOutcome.TIMEOUT, error.failure.detail)
        return draft

    def call(self, tool: str, arguments: dict[str, Json], deadline: Deadline) -> Draft:
        """Call a tool, and do not wait for it. Raises Broken where it cannot be written."""
        draft = self._draft(self._recorder, Purpose.CALL, f"tools/call {tool}")
        params = self._envelope.params({"name": tool, "arguments": arguments})
        expects = calling(self._envelope.era)
        self._send(
            self._line(draft, self._recorder, "tools/call", params, expects), draft, deadline
        )
        return draft

    def close_input(self, deadline: Deadline, *, behind: int = 0) -> float:
        """Close standard input; returns when. Directly before that go `behind` tools/list requests.

        Raises Broken (timeout, process-exited).
        """
        if behind:
            self._learn()
        method = Step.TOOLS.value
        drafts = [self._draft(self._recorder, Purpose.CALL, method) for _ in range(behind)]
        data = b"".join(self._listing(each, self._recorder) for each in drafts)
        self._closed_input = True
        closed = self.child.write_last(data, deadline)
        for draft in drafts:
            draft.sent = closed
        return closed

    def take_in(self) -> None:
        """Whatever comes within the next moment: the server's words, or its end."""
        if self._silent:
            self.child.wait(_SLICE)
        else:
            with suppress(Broken):
                self._took(self.child.read(Deadline.after(_SLICE, "")))
        if self.exited is None and self.child.wait() is not None:
            self.exited = time.monotonic()

    def take_in_the_rest(self, seconds: float) -> None:
        """The process has ended: its last words are still in the pipe.

        A child of its own may hold the pipe open, so that its end is not waited for.
        """
        until = time.monotonic() + seconds
        while not self._silent and time.monotonic() < until:
            self.take_in()
        lost = tuple(self._waiting.values())
        detail = "the process ended before the answer"
        self.give_up(RequestOutcome.ENDED_WITHOUT_REPLY, detail)
        for waiting in lost:
            waiting.draft.ended = self.exited

    def give_up(self, outcome: RequestOutcome, detail: str) -> None:
        """End whatever still waits for its answer."""
        for waiting in self._waiting.values():
            waiting.recorder.end(waiting.draft, outcome, detail)
        self._waiting.clear()

    def close(self) -> None:
        """End the process and all that it started, as quickly as it lets us."""
        seconds = self._limits.closing_seconds
        self.family.living()  # orphans are found later only where they are known by then
        self.child.end(Deadline.after(seconds, "closing took too long"))
        ended(self.family.living, seconds)

    @property
    def listens(self) -> bool:
        """Whether the process, or one that it has started, listens on a port."""
        with suppress(psutil.Error):
            return bool(bound((self._process, *self.family.living())))
        return False

    def _server(self) -> psutil.Process | None:
        with suppress(psutil.Error):
            started = self._process
            return next(iter(started.children()), None) if self._pid1 else started
        return None

    def _draft(self, recorder: Recorder, purpose: Purpose, method: str) -> Draft:
        era = self._envelope.era
        return recorder.begin(self.name, purpose, Connection.PIPE, era, Transport.STDIO, method)

    def _learn(self) -> None:
        """See the list of tools once, before anything is ended."""
        recorder = Recorder(None)
        draft = self._draft(recorder, Purpose.LOOP, Step.TOOLS.value)
        deadline = Deadline.after(self._limits.step_seconds, "no answer")
        with suppress(Broken):  # what answers nothing now loses its calls
            self._send(self._listing(draft, recorder), draft, deadline)
            self._await(draft, deadline)

    def _await(self, draft: Draft, deadline: Deadline) -> None:
        """Take in what comes until `draft` has ended. Raises Broken (timeout)."""
        while draft.outcome is None:
            deadline.remaining()
            self.take_in()
            if self.exited is not None:
                self.take_in_the_rest(_LAST_WORDS)

    def _listing(self, draft: Draft, recorder: Recorder) -> bytes:
        params = self._envelope.params(None)
        return self._line(draft, recorder, Step.TOOLS.value, params, self._tools)

    def _line(
        self,
        draft: Draft,
        recorder: Recorder,
        method: str,
        params: dict[str, Json] | None,
        expects: Expectation = anything,
    ) -> bytes:
        self._next_id += 1
        self._waiting[self._next_id] = _Waiting(draft, recorder, expects)
        return encode(request(self._next_id, method, params)) + b"\n"

    def _send(self, data: bytes, draft: Draft, deadline: Deadline) -> None:
        self.child.write(data, deadline)
        draft.sent = time.monotonic()

    def _took(self, chunk: bytes) -> None:
        if chunk:
            for line in self._lines.of(chunk):
                self._take(line)
            return
        self._silent = True
        # A line that was cut answers a request of ours, where it says so.
        for number in ids_in(self._lines.rest):
            if waiting := self._waiting.pop(number, None):
                waiting.draft.arrived(self._lines.rest)
                detail = "standard output ended inside the answer"
                waiting.recorder.end(waiting.draft, RequestOutcome.TRUNCATED, detail)
        detail = "standard output ended before the answer"
        self.give_up(RequestOutcome.ENDED_WITHOUT_REPLY, detail)

    def _take(self, line: bytes) -> None:
        if b'"jsonrpc"' not in line:
            return  # a banner, or a log line: clients skip it
        try:
            messages = messages_in(line, batches=True)
        except Broken as error:
            for number in ids_in(line):
                self._ended(number, line, error)
            return
        for message in messages:
            match kind_of(message), message.get("id"):
                case MessageKind.RESPONSE, int() as number if type(number) is int:
                    self._ended(number, line, message)
                case MessageKind.REQUEST, _:
                    self._reply(message)

    def _ended(self, number: int, line: bytes, answer: Message | Broken) -> None:
        if waiting := self._waiting.pop(number, None):
            waiting.draft.arrived(line)
            if isinstance(answer, Broken):
                end = RequestOutcome.BAD_ANSWER, answer.failure.detail
            else:
                end = ended_with(answer, waiting.expects)
            waiting.recorder.end(waiting.draft, *end)

    def _reply(self, asked: Message) -> None:
        # The stateless era has no requests of the server, and forbids to answer one.
        if self._closed_input or self._envelope.era is Era.STATELESS:
            return
        self._replies += 1
        with suppress(Broken):
            replies_within(self._replies)
            deadline = Deadline.after(_REPLY_SECONDS, "the reply was not read")
            self.child.write(encode(reply_to(asked)) + b"\n", deadline)
