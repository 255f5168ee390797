"""The golden calls of a configuration, known to be sound, as expectations of a gate."""

from dataclasses import replace

from mcpverify.facts.credentials import of_arguments, secrets_of
from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.redaction import Redactor
from mcpverify.verify.gate import Gate


def with_calls(gate: Gate, calls: tuple[GoldenCall, ...]) -> Gate:
    """`gate` with these calls; what the environment gave them goes into no output.

    Nor do arguments that are secrets by their names.
    Raises UsageError for a path or a pattern that is none.
    """
    if not calls:
        return gate
    from mcpverify.golden.conditions import validated

    given = (secret for call in calls for secret in call.secrets)
    named = (secret for call in calls for secret in secrets_of(of_arguments(call.arguments)))
    known = tuple(dict.fromkeys((*gate.redactor.secrets, *given, *named)))
    expected = replace(gate.expected, calls=tuple(map(validated, calls)))
    return replace(gate, expected=expected, redactor=Redactor(known))
