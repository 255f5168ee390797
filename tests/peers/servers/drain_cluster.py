"""As much of the API of a Kubernetes cluster as kubernetes-mcp-server asks for, and a slow list.

The port is the operating system's choice and printed. The standard input is a leash.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SLOW = "/api/v1/namespaces"
SECONDS = 4.0
ANSWERS = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [
            {
                "name": "namespaces",
                "singularName": "namespace",
                "namespaced": False,
                "kind": "Namespace",
                "verbs": ["list"],
            }
        ],
    },
    SLOW: {"kind": "NamespaceList", "apiVersion": "v1", "metadata": {}, "items": []},
}
MISSING = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404}


class _Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == SLOW:
            time.sleep(SECONDS)
        answer = json.dumps(ANSWERS.get(path, MISSING)).encode()
        self.send_response(200 if path in ANSWERS else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


def _end_with_whoever_started_us() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=_end_with_whoever_started_us, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", 0), _Api)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
