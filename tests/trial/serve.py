"""`python -m tests.trial.serve MANNER`: an honest server as a process, stopped in one manner.

It starts in a tenth of a second, prints where it listens, and takes a free port each time.
"""

import os
import signal
import sys
import threading

from tests.servers.honest import Call, serve, sse
from tests.servers.raw_http import head

LINGER_SECONDS = 1.6


def called(call: Call) -> bytes | None:
    """The tools: `wait` takes a second and a half, `quick` nothing, `fails` reports an error."""
    params = call.request.message["params"]
    if params["name"] == "wait":
        call.wire.pause(float(params["arguments"].get("seconds", 1.5)))
    failed = params["name"] == "fails"
    return call.answer({"content": [{"type": "text", "text": "done"}], "isError": failed})


def primed(call: Call) -> bytes | None:
    """An event with an id, and no answer after it."""
    call.wire.send(head(200, "text/event-stream"))
    call.wire.send(b"id: event-5\ndata:\n\n")
    call.wire.hold()
    return None


def asking(call: Call) -> bytes | None:
    """Asks the client first."""
    ping = {"jsonrpc": "2.0", "id": "p", "method": "ping"}
    body = sse(ping, call.message(result={"content": []}))
    call.wire.send(head(200, "text/event-stream") + body)
    return None


def main(manner: str) -> None:
    hooks = {"tools/call": primed if manner == "primes" else called}
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stop.set())
    with serve(hooks, eras=("handshake", "stateless")) as server:
        print(f"listening {server.url}", flush=True)
        stop.wait()
        if manner == "lingers":
            threading.Event().wait(LINGER_SECONDS)
        if manner == "refuses":
            raise SystemExit("out of order")
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
