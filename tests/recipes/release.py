"""One release of the server of the GitLab project: `release.py TOOLS [PORT]`, else over stdio.

TOOLS is a JSON file with the tools to list. In place of the demo server, since what imports the SDK
starts too slowly for what starts several times in each test.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "weather"))

from by_hand import MCPServer

tools, *port = sys.argv[1:]
server = MCPServer("weather")
server.tools += json.loads(Path(tools).read_text(encoding="utf-8"))
if port:
    from http_front import serve

    serve(server.streamable_http_app(), int(*port))
else:
    server.run("stdio")
