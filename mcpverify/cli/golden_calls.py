"""The golden calls of a configuration, known to be sound, as expectations of a gate."""

from dataclasses import replace

from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.redaction import Redactor
from mcpverify.verify.gate import Gate


def with_calls(gate: Gate, calls: tuple[GoldenCall, ...]) -> Gate:
    """`gate` with these calls; what the environment gave them goes into no output.

    Raises UsageError for a path or a pattern that is none.
    """
    if not calls:
        return gate
    from mcpverify.golden.conditions import validated

    secrets = (secret for call in calls for secret in call.secrets)
    known = tuple(dict.fromkeys((*gate.redactor.secrets, *secrets)))
    expected = replace(gate.expected, calls=tuple(map(validated, calls)))
    return replace(gate, expected=expected, redactor=Redactor(known))
