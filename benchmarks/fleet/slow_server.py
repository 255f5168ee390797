"""An honest server that takes its time: `python slow_server.py SECONDS`, for each session it opens.

What it answers is that of many_tools.py, with twenty tools. Prints its URL and ends with its
standard input.
"""

import json
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from many_tools import Handler, tool

TOOLS = 20


class Slow(Handler):
    """Whoever opens a session waits; all else comes at once."""

    seconds = 0.0

    def _result(self, asked: dict[str, object]) -> bytes | None:
        if asked["method"] == "initialize":
            time.sleep(self.seconds)
        return super()._result(asked)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


def main(seconds: float) -> None:
    Slow.tools = json.dumps({"tools": [tool(number) for number in range(TOOLS)]}).encode()
    Slow.seconds = seconds
    server = Server(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/mcp", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(float(sys.argv[1]))
