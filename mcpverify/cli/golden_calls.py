"""The golden calls of a configuration, known to be sound, as expectations of a gate."""

from dataclasses import replace

from mcpverify.facts.credentials import secrets_of
from mcpverify.facts.golden_call import GoldenCall, credentials_of_calls
from mcpverify.facts.redaction import Redactor
from mcpverify.verify.gate import Gate


def with_calls(gate: Gate, calls: tuple[GoldenCall, ...]) -> Gate:
    """`gate` with these calls, whose secrets go into no output.

    Raises UsageError for a path or a pattern that is none.
    """
    if not calls:
        return gate
    from mcpverify.golden.conditions import validated

    secrets = secrets_of(credentials_of_calls(calls))
    known = tuple(dict.fromkeys((*gate.redactor.secrets, *secrets)))
    expected = replace(gate.expected, calls=tuple(map(validated, calls)))
    return replace(gate, expected=expected, redactor=Redactor(known))
