"""The referee that alone is believed: `jsonschema`, bounded, exact, and deaf to the network.

Of the library come the dialects, how keywords apply one another, and most keywords. Ours
are those in which Python is not JSON Schema: patterns are ECMA-262 (`drift.patterns`),
numbers are decimal, 1 and true differ at any depth, and references stay in the document
(`facts.schema_references`). Every evaluation of a keyword spends steps, and a keyword
whose value means nothing ends the validation. Importing more than `oracle` loads
`jsonschema`, which a run without a difference never needs.
"""
