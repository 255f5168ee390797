"""stdio: a child process, one JSON-RPC message a line each way.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
"""

from mcpverify.facts.target import Limits, StdioCommand, Transport
from mcpverify.facts.transcript import (
    Certificate,
    Exchange,
    FailureKind,
    ProcessEnd,
    Step,
)
from mcpverify.wire.deadline import Broken, Deadline, broken
from mcpverify.wire.jsonrpc import Message, reply_to
from mcpverify.wire.processes import Child
from mcpverify.wire.transports.channel import (
    Clock,
    Draft,
    encode,
    events_within,
    replies_within,
)

_LONGEST_NOISE = 500


class Stdio:
    """A channel to a child process that this channel starts and ends."""

    transport = Transport.STDIO
    certificate: Certificate | None = None
    batches = False

    def __init__(self, command: StdioCommand, display: str, limits: Limits, clock: Clock) -> None:
        self.url = display
        self._command = command
        self._limits = limits
        self._clock = clock
        self._child: Child | None = None
        self._process: ProcessEnd | None = None
        self._buffer = bytearray()
        self._scanned = 0
        self._replies = 0
        self.noise: list[str] = []

    @property
    def process(self) -> ProcessEnd | None:
        return self._process

    def send(
        self, step: Step, message: Message, headers: dict[str, str], deadline: Deadline
    ) -> Exchange:
        draft = Draft(step, "stdio", self.url, message, self._clock, batches=self.batches)
        taken = bytearray()
        try:
            if self._child is None:
                command = self._command
                self._child = Child(command.argv, dict(command.environment), command.directory)
            self._child.write(encode(message) + b"\n", deadline)
            lines = 0
            while draft.wants_answer and draft.answer is None:
                line = self._line(self._child, deadline)
                draft.arrived()
                lines += 1
                events_within(self._limits, lines)
                taken += line + b"\n"
                if len(taken) > self._limits.answer_bytes:
                    megabytes = self._limits.answer_bytes >> 20
                    raise broken(FailureKind.TOO_LARGE, f"more than {megabytes} MiB without answer")
                self._take(draft, line, self._child, deadline)
        except Broken as error:
            draft.fail(error)
        draft.body = bytes(taken)
        return draft.done()

    def close(self, deadline: Deadline) -> None:
        if self._child is not None:
            self._process = self._child.end(deadline)
            self._child = None

    def _take(self, draft: Draft, line: bytes, child: Child, deadline: Deadline) -> None:
        if not line.strip():
            return
        if b'"jsonrpc"' not in line:
            # A banner or a log line on stdout, if only in JSON: no message, and clients skip it.
            if len(self.noise) < 10:
                whole = len(line) <= _LONGEST_NOISE
                said = line.decode("utf-8", "replace") if whole else f"({len(line):,} bytes)"
                self.noise.append(said)
            return
        for request in draft.take(line):
            self._replies += 1
            replies_within(self._replies)
            child.write(encode(reply_to(request)) + b"\n", deadline)

    def _line(self, child: Child, deadline: Deadline) -> bytes:
        """The next line of stdout, without its end. Raises Broken."""
        while (end := self._buffer.find(b"\n", self._scanned)) < 0:
            self._scanned = len(self._buffer)
            if self._scanned > self._limits.answer_bytes:
                megabytes = self._limits.answer_bytes >> 20
                raise broken(FailureKind.TOO_LARGE, f"a line is larger than {megabytes} MiB")
            chunk = child.read(deadline)
            if not chunk:
                raise child.exited()
            self._buffer += chunk
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._scanned = 0
        return line
