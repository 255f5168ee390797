"""Whether a value shows a break: asked of those who share as little as can be with the prover."""

from mcpverify.drift.budget import Budget
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.facts.json_text import Json
from tests.drift.referee import accepts, has_patterns

STEPS = 1_000_000


def only_one_side_takes(producer: Json, acceptor: Json, value: Json) -> bool:
    """Whether `producer` accepts `value`, and `acceptor` refuses it."""
    return _takes(producer, value) and not _takes(acceptor, value)


def _takes(schema: Json, value: Json) -> bool:
    """Python's expressions are not those of ECMA-262: where there are any, the oracle is asked."""
    if has_patterns(schema):
        return Oracle(schema, Budget(STEPS, seconds=60.0)).refusal(value) is None
    return accepts(schema, value)
