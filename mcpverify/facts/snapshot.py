"""A snapshot: a contract that people reviewed and committed, as a value."""

from dataclasses import dataclass, replace

from mcpverify.facts.contract import Contract, Scope, contract_of
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


def rescoped(snapshot: Snapshot, scope: Scope, *, resources: bool | None = None) -> Snapshot:
    """The snapshot as far as `scope` goes: what leaves the scope is no missing tool.

    `resources` None keeps them where it has them.
    """
    recorded = snapshot.contract
    has_resources = recorded.resources is not None
    wanted = has_resources if resources is None else resources
    if scope == snapshot.scope and wanted == has_resources:
        return snapshot
    tools, prompts, templates, listed = (
        [entry.definition for entry in entries]
        for entries in (
            recorded.tools,
            recorded.prompts,
            recorded.templates,
            recorded.resources or (),
        )
    )
    contract = contract_of(tools, prompts, templates, listed if wanted else None, scope)
    return replace(snapshot, contract=contract, scope=scope)
