"""Speaking MCP to observe it: the only part that opens connections and starts processes.

`record` conducts a run and returns a `facts.transcript.Recording`. A transport
moves one message; a revision says which messages, headers and envelope.
"""
