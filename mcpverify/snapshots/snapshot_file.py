"""The snapshot file, format 1: a contract with its digests, and how it was recorded.

`load` believes nothing: the canonical form and all digests are derived again from the
definitions, so a file that was edited by hand, or merged, does not pass for reviewed.
"""

import re
from dataclasses import dataclass
from typing import Final

from mcpverify.errors import SnapshotUnusable, UsageError
from mcpverify.facts.change import Subject
from mcpverify.facts.contract import (
    Contract,
    Digests,
    Entry,
    Scope,
    contract_of,
    malformed_items,
)
from mcpverify.facts.json_text import Json, NotJson, canonical_text, parse
from mcpverify.facts.revision import Era
from mcpverify.facts.snapshot import Snapshot
from mcpverify.snapshots import files
from mcpverify.snapshots.layout import laid_out

FORMAT: Final = 1
_LISTS: Final = {
    "tools": Subject.TOOL,
    "prompts": Subject.PROMPT,
    "resourceTemplates": Subject.TEMPLATE,
    "resources": Subject.RESOURCE,
}
_CONFLICT: Final = re.compile(rb"^(?:<{7}|\|{7}|={7}|>{7})(?:[ \r]|$)", re.MULTILINE)
_RESTORE: Final = "Restore it from version control, or record it again with `mcpverify snapshot`."


def load(path: str) -> Snapshot:
    """The snapshot in the file at `path`. Raises SnapshotUnusable."""
    return snapshot_in(files.read(path), path)


def snapshot_in(octets: bytes, path: str) -> Snapshot:
    """The snapshot that `octets` are, which came from `path`. Raises SnapshotUnusable."""
    document = _document(path, octets)
    snapshot = _snapshot(path, document)
    misfits = _misfits(document, snapshot.contract)
    if misfits:
        shown = ", ".join(misfits[:5])
        if len(misfits) > 5:
            shown += f" and {len(misfits) - 5} more"
        raise SnapshotUnusable(
            f"{path} was changed after it was recorded: the digest does not fit for {shown}.",
            f"Restore it, or review the change and run {_rehash_command(path)}.",
        )
    return snapshot


@dataclass(frozen=True, slots=True)
class Outline:
    """What a snapshot says of itself, believed so far: nothing is derived again."""

    digest: str
    era: Era
    scope: Scope
    resources: bool


def outline_of(octets: bytes, path: str) -> Outline:
    """At a tenth of the cost of `snapshot_in`. Raises SnapshotUnusable."""
    document = _document(path, octets)
    digest = document.get("digest")
    return Outline(
        digest if isinstance(digest, str) else "",
        _era(path, document),
        _scope(path, document),
        "resources" in document,
    )


def rehash(path: str) -> Snapshot:
    """Writes the file at `path` anew, in canonical form and with digests that fit.

    For files that were merged or edited on purpose; needs no server. Tools that changed
    lose the mark that their schemas were found valid. Raises SnapshotUnusable where more
    than the digests is wrong, and FileUnusable.
    """
    before = files.read(path)
    snapshot = _snapshot(path, _document(path, before))
    octets = dump(snapshot)
    if octets != before:
        files.write(path, octets)
    return snapshot


def dump(snapshot: Snapshot) -> bytes:
    """The file of `snapshot`: the same value gives the same bytes, everywhere."""
    contract = snapshot.contract
    document: dict[str, Json] = {
        "format": FORMAT,
        "digest": contract.digests.digest,
        "contract": contract.digests.contract,
        "prompt": contract.digests.prompt,
        "era": snapshot.era.value,
        "clientCapabilities": snapshot.capabilities,
        "ignored": list[Json](sorted(set(snapshot.scope.ignored))),
        "scope": list[Json](sorted(set(snapshot.scope.tools))),
    }
    for key, entries in _entries(contract).items():
        valid = snapshot.valid if key == "tools" else frozenset()
        document[key] = [_item(entry, entry.name in valid) for entry in entries]
    return laid_out(document)


def _item(entry: Entry, valid: bool) -> Json:
    item: dict[str, Json] = {
        "name": entry.name,
        "contract": entry.digests.contract,
        "prompt": entry.digests.prompt,
        "definition": entry.definition,
    }
    return item | {"valid": True} if valid else item


def _entries(contract: Contract) -> dict[str, tuple[Entry, ...]]:
    lists = {
        "tools": contract.tools,
        "prompts": contract.prompts,
        "resourceTemplates": contract.templates,
    }
    return lists if contract.resources is None else lists | {"resources": contract.resources}


def holds_conflict(octets: bytes) -> bool:
    """Whether git left the marks of a merge conflict in them."""
    return any(mark[0].startswith(b"<") for mark in _CONFLICT.finditer(octets))


def _document(path: str, octets: bytes) -> dict[str, Json]:
    """The JSON object in the file, once it is known to be a snapshot of this format."""
    try:
        document = parse(octets, trusted=True)
    except NotJson as error:
        conflict = _CONFLICT.search(octets)
        if conflict:
            line = octets.count(b"\n", 0, conflict.start()) + 1
            raise SnapshotUnusable(
                f"{path} holds an unresolved merge conflict, on line {line}.",
                f"Resolve it, then run {_rehash_command(path)}.",
            ) from None
        raise SnapshotUnusable(f"{path} cannot be understood. {error}", _RESTORE) from None
    if not isinstance(document, dict) or "format" not in document:
        raise SnapshotUnusable(f"{path} is no snapshot of mcpverify.", "Name a snapshot file.")
    format_ = document["format"]
    if type(format_) is int and format_ > FORMAT:
        raise SnapshotUnusable(
            f"{path} has format {format_}, and this mcpverify reads up to {FORMAT}.",
            "Update mcpverify.",
        )
    if type(format_) is not int or format_ != FORMAT:
        raise SnapshotUnusable(f"{path} is no snapshot of mcpverify.", "Name a snapshot file.")
    return document


def _snapshot(path: str, document: dict[str, Json]) -> Snapshot:
    """What the document says, its digests aside."""
    items = {key: _items(path, document, key) for key in _LISTS}
    definitions = {key: [item.get("definition") for item in each] for key, each in items.items()}
    for key, subject in _LISTS.items():
        for problem in malformed_items(subject, definitions[key]):
            raise _incomplete(path, problem)
    contract = contract_of(
        definitions["tools"],
        definitions["prompts"],
        definitions["resourceTemplates"],
        definitions["resources"] if "resources" in document else None,
    )
    contracts = {tool.name: tool.digests.contract for tool in contract.tools}
    valid = {
        name
        for item in items["tools"]
        if item.get("valid") is True
        and isinstance(name := item.get("name"), str)
        and contracts.get(name) == item.get("contract")
    }
    capabilities = document.get("clientCapabilities")
    if not isinstance(capabilities, dict):
        raise _incomplete(path, "Its clientCapabilities are no object.")
    era, scope = _era(path, document), _scope(path, document)
    return Snapshot(contract, era, capabilities, scope, frozenset(valid))


def _era(path: str, document: dict[str, Json]) -> Era:
    if document.get("era") not in list(Era):
        raise _incomplete(path, "Its era is unknown.")
    return Era(str(document["era"]))


def _scope(path: str, document: dict[str, Json]) -> Scope:
    scope = Scope(_words(path, document, "scope"), _words(path, document, "ignored"))
    try:
        contract_of((), scope=scope)
    except UsageError as error:
        raise _incomplete(path, error.message) from None
    return scope


def _items(path: str, document: dict[str, Json], key: str) -> list[dict[str, Json]]:
    items = document.get(key, [] if key == "resources" else None)
    if not isinstance(items, list):
        raise _incomplete(path, f"Its {key} are no array.")
    objects = [item for item in items if isinstance(item, dict)]
    if len(objects) != len(items):
        raise _incomplete(path, f"One of its {key} is no object.")
    return objects


def _words(path: str, document: dict[str, Json], key: str) -> tuple[str, ...]:
    value = document.get(key)
    words = [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
    if words != value:
        raise _incomplete(path, f"Its {key} is no array of strings.")
    return tuple(words)


def _misfits(document: dict[str, Json], contract: Contract) -> list[str]:
    """What of the document is not as its own definitions say it must be."""
    misfits = []
    for key, entries in _entries(contract).items():
        items = document[key]
        assert isinstance(items, list)
        for item, entry in zip(items, entries, strict=True):
            assert isinstance(item, dict)
            claimed = item.get("name"), item.get("contract"), item.get("prompt")
            derived = entry.name, entry.digests.contract, entry.digests.prompt
            if claimed != derived or not _same(item["definition"], entry.definition):
                misfits.append(f"{entry.subject} {entry.name}")
    whole = Digests(*(str(document.get(key)) for key in ("digest", "contract", "prompt")))
    if whole != contract.digests and not misfits:
        misfits.append("the whole")
    return misfits


def _same(stored: Json, derived: Json) -> bool:
    try:
        return stored == derived
    except RecursionError:
        return canonical_text(stored) == canonical_text(derived)


def _incomplete(path: str, problem: str) -> SnapshotUnusable:
    return SnapshotUnusable(f"{path} is no whole snapshot. {problem}", _RESTORE)


def _rehash_command(path: str) -> str:
    from shlex import quote  # only to say what went wrong

    return f"`mcpverify snapshot --rehash {quote(path)}`"
