"""Speaking MCP to observe it: the only part that opens connections and starts processes.

`record` conducts a run and returns a `facts.transcript.Recording`. A transport
moves one message; a revision says which messages, headers and envelope.
"""

import sys

# httpx imports its command line, and rich and pygments with it, wherever they are
# installed: half of its start-up. With None in its place httpx takes its own fall-back.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
