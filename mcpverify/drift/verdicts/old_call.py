"""A call that a renamed tool took under its old name, to show what breaks."""

from mcpverify.drift.budget import Budget
from mcpverify.drift.containment.prover import Refuted, contained
from mcpverify.drift.referee.oracle import Oracle
from mcpverify.drift.referee.silence import OracleSilent
from mcpverify.facts.compatibility import Side, Witness
from mcpverify.facts.json_text import Json


def old_call(definition: dict[str, Json], renamed_to: str) -> Witness | None:
    """A call that `definition` takes, confirmed; None where none was found in time."""
    schema, budget = definition.get("inputSchema"), Budget()
    # Whatever can be called at all is refused by a schema that takes nothing.
    match contained(schema, {"not": {}}, budget, arguments=True):
        case Refuted(value):
            try:
                if Oracle(schema, budget).refusal(value) is None:
                    name = definition.get("name")
                    refusal = f"there is no tool '{name}' any more: it is '{renamed_to}' now"
                    return Witness(Side.INPUT, value, refusal)
            except OracleSilent:
                pass
    return None
