"""The golden calls of a configuration, known to be sound, as expectations of a gate."""

from dataclasses import replace

from mcpverify.facts.golden_call import GoldenCall, credentials_of_calls
from mcpverify.verify.gate import Gate


def with_calls(gate: Gate, calls: tuple[GoldenCall, ...]) -> Gate:
    """`gate` with these calls, whose secrets go into no output.

    Raises UsageError for a path or a pattern that is none.
    """
    if not calls:
        return gate
    from mcpverify.golden.conditions import validated

    expected = replace(gate.expected, calls=tuple(map(validated, calls)))
    redactor = gate.redactor.hiding(credentials_of_calls(calls))
    return replace(gate, expected=expected, redactor=redactor)
