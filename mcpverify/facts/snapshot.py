"""A snapshot: a contract that people reviewed and committed, as a value."""

from dataclasses import dataclass

from mcpverify.facts.contract import Contract, Scope
from mcpverify.facts.json_text import Json
from mcpverify.facts.revision import Era


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a snapshot file holds.

    `capabilities` are the client capabilities that were declared when it was taken;
    `valid` names the tools whose schemas were found valid then.
    """

    contract: Contract
    era: Era
    capabilities: dict[str, Json]
    scope: Scope
    valid: frozenset[str]
