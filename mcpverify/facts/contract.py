"""The contract of a server: its canonical form and its three digests."""

from dataclasses import dataclass

from mcpverify.facts.change import Subject
from mcpverify.facts.json_text import Json


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 over canonical forms, each `sha256:` and 64 hex digits.

    `contract`: names, schemas, flags. `prompt`: titles and descriptions. `digest`: all.
    """

    digest: str
    contract: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a contract is looked at.

    `tools`: globs of tool names, none meaning all. `ignored`: `TOOLGLOB:/pointer/*/x`
    fields that are left out of the canonical form.
    """

    tools: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One tool, prompt, resource template or resource, in canonical form."""

    subject: Subject
    name: str
    definition: dict[str, Json]
    digests: Digests


@dataclass(frozen=True, slots=True)
class Contract:
    """What the server advertises, each list sorted by name; `resources` None: left out."""

    tools: tuple[Entry, ...]
    prompts: tuple[Entry, ...]
    templates: tuple[Entry, ...]
    resources: tuple[Entry, ...] | None
    digests: Digests
