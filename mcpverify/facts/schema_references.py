"""Where the references of a JSON Schema lead, inside the schema itself: nothing is fetched.

A schema is one document with one or more resources in it: the root, and each subschema
with an `$id` of its own (`id` in draft 4). A reference is resolved against the identifier
of the resource it stands in, then looked up among the resources of the document, and its
fragment followed, by JSON pointer or by anchor. Every step is bounded: pointers and
anchors by the size of the document, and the joining of identifiers, which a server can
make as long as it likes, by a number of characters.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from mcpverify.facts.dialect import Dialect, is_metaschema
from mcpverify.facts.json_text import INDEX, Json
from mcpverify.facts.schema import Place, subschemas

JOINED_CHARACTERS: Final = 4_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A schema that can be referred to by a URI of its own; "" where the root has none."""

    uri: str
    root: Place
    anchors: dict[str, Place] = field(default_factory=dict)


class Miss(StrEnum):
    """Why a reference leads to nothing in the document."""

    NOWHERE = "nowhere"  # the resource is here, but nothing in it has that pointer or anchor
    ELSEWHERE = "elsewhere"  # to a document that is not this one
    METASCHEMA = "metaschema"  # to a published one, which every validator has at hand
    TOO_LONG = "too-long"  # identifiers too long to be joined were met


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference leads to. Only objects, which have a `place`, and booleans are schemas."""

    value: Json
    resource: Resource
    place: Place | None


class References:
    """The resources of one schema document, and where references from within it lead.

    `$dynamicRef` and `$recursiveRef` are resolved as `$ref` is: what they lead to at
    first. That is what must exist; which schema is meant in the end depends on the way
    a validator took.
    """

    def __init__(
        self, schema: dict[str, Json], dialect: Dialect, characters: int = JOINED_CHARACTERS
    ) -> None:
        self._dialect = dialect
        self._left = characters
        self._incomplete = False
        self._resources: dict[int, Resource] = {}  # by the identity of their roots
        self._by_uri: dict[str, Resource] = {}
        self._memory: dict[int, Resource] = {}
        self._index(schema)

    def resource_of(self, place: Place) -> Resource:
        """The resource that `place`, a place in this document, belongs to."""
        if len(self._resources) == 1:
            return self.root
        way: list[int] = []
        at: Place | None = place
        found = self.root
        while at is not None:
            key = id(at.schema)
            known = self._resources.get(key) or self._memory.get(key)
            if known is not None:
                found = known
                break
            way.append(key)
            at = at.parent
        self._memory.update(dict.fromkeys(way, found))
        return found

    def target(self, resource: Resource, reference: str) -> Target | Miss:
        """What `reference` leads to when it stands in `resource`."""
        address, _, fragment = reference.partition("#")
        if address:
            self._left -= len(resource.uri) + len(address)
            if self._left < 0:
                return Miss.TOO_LONG
            uri = _joined(resource.uri, address)
            found = self._by_uri.get(uri)
            if found is None:
                if is_metaschema(uri):
                    return Miss.METASCHEMA
                return Miss.TOO_LONG if self._incomplete else Miss.ELSEWHERE
            resource = found
        fragment = unquote(fragment)
        if fragment.startswith("/"):
            return self._pointed(resource, fragment)
        found_place = resource.anchors.get(fragment) if fragment else resource.root
        if found_place is None:
            return self._nowhere
        return Target(found_place.schema, resource, found_place)

    @property
    def _nowhere(self) -> Miss:
        # What was too long for us to hold may be what is meant.
        return Miss.TOO_LONG if self._incomplete else Miss.NOWHERE

    def _index(self, schema: dict[str, Json]) -> None:
        keyword = "id" if self._dialect is Dialect.DRAFT_04 else "$id"
        modern = self._dialect >= Dialect.D2019_09
        for place in subschemas(schema):
            here = place.schema
            if place.parent is None:
                self.root = Resource("", place)
                self._resources[id(here)] = self.root
            identifier = here.get(keyword)
            if isinstance(identifier, str) and (modern or "$ref" not in here):
                self._identify(place, identifier, modern)
            if modern:
                for anchor in (here.get("$anchor"), here.get("$dynamicAnchor")):
                    if isinstance(anchor, str):
                        self.resource_of(place).anchors.setdefault(anchor, place)

    def _identify(self, place: Place, identifier: str, modern: bool) -> None:
        address, _, anchor = identifier.partition("#")
        parent = self.resource_of(place)
        if address:
            self._left -= len(parent.uri) + len(address)
            if self._left < 0:
                self._incomplete = True
                return
            resource = Resource(_joined(parent.uri, address), place)
            self._resources[id(place.schema)] = resource
            self._by_uri.setdefault(resource.uri, resource)
            if place.parent is None:
                self.root = resource
            parent = resource
        if anchor and not modern:
            parent.anchors.setdefault(anchor, place)

    def _pointed(self, resource: Resource, pointer: str) -> Target | Miss:
        value: Json = resource.root.schema
        steps: list[str | int] = []
        for token in pointer[1:].split("/"):
            if "~" in token:
                token = token.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and token in value:
                steps.append(token)
                value = value[token]
            elif isinstance(value, list) and INDEX.fullmatch(token) and int(token) < len(value):
                steps.append(int(token))
                value = value[int(token)]
            else:
                return self._nowhere
            inner = self._resources.get(id(value))
            if inner is not None:
                resource, steps = inner, []
        if not isinstance(value, dict):
            return Target(value, resource, None)
        root = resource.root
        return Target(value, resource, Place(value, root, tuple(steps)) if steps else root)


_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?]*))?([^?]*)(?:\?(.*))?", re.DOTALL)


def _joined(base: str, reference: str) -> str:
    """`reference`, which has no fragment, resolved against `base` (RFC 3986, section 5.2).

    Unlike urljoin of the standard library it takes every scheme and every string.
    """
    scheme, authority, path, query = _parts(reference)
    if scheme is None:
        scheme, base_authority, base_path, base_query = _parts(base)
        if authority is None:
            authority = base_authority
            if not path:
                path = base_path
                query = base_query if query is None else query
            elif not path.startswith("/"):
                rooted = "/" if base_authority is not None and not base_path else ""
                path = rooted + base_path[: base_path.rfind("/") + 1] + path
    path = _without_dots(path)
    return (
        (f"{scheme}:" if scheme is not None else "")
        + (f"//{authority}" if authority is not None else "")
        + path
        + (f"?{query}" if query is not None else "")
    )


def _parts(uri: str) -> tuple[str | None, str | None, str, str | None]:
    match = _PARTS.fullmatch(uri)
    assert match is not None  # every part may be empty
    return match[1], match[2], match[3], match[4]


def _without_dots(path: str) -> str:
    if "/." not in path and not path.startswith("."):
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if kept and kept != [""]:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept)
