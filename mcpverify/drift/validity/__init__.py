"""Whether the schemas of a tool are valid at all, in its dialect and for the protocol."""
