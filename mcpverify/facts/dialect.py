"""The dialects of JSON Schema, as `$schema` names them."""

from enum import StrEnum

_FILES = {"draft-04", "draft-06", "draft-07"}


class Dialect(StrEnum):
    """A published dialect. Ordered: later is greater."""

    DRAFT_04 = "draft-04"
    DRAFT_06 = "draft-06"
    DRAFT_07 = "draft-07"
    D2019_09 = "draft/2019-09"
    D2020_12 = "draft/2020-12"

    @property
    def uri(self) -> str:
        """The URI of its metaschema, without the empty fragment that older drafts write."""
        scheme = "http" if self.value in _FILES else "https"
        return f"{scheme}://json-schema.org/{self.value}/schema"


_BY_URI = {dialect.uri: dialect for dialect in Dialect}
_VOCABULARIES = {
    f"https://json-schema.org/{dialect.value}/meta/{name}"
    for dialect, format_names in (
        (Dialect.D2019_09, ("format",)),
        (Dialect.D2020_12, ("unevaluated", "format-annotation", "format-assertion")),
    )
    for name in ("core", "applicator", "validation", "meta-data", "content", *format_names)
}


def known_dialect(uri: str) -> Dialect | None:
    """The dialect that `uri` names, with or without an empty fragment."""
    return _BY_URI.get(uri.removesuffix("#"))


def almost_known_dialect(uri: str) -> Dialect | None:
    """The dialect that `uri` would name if it began with the other of http and https."""
    if uri.startswith("https:"):
        return known_dialect("http:" + uri.removeprefix("https:"))
    return known_dialect("https:" + uri.removeprefix("http:"))


def understood_dialect(uri: str) -> Dialect | None:
    """The dialect that validators take `uri` for, whether it begins with http or https."""
    return known_dialect(uri) or almost_known_dialect(uri)


def is_metaschema(uri: str) -> bool:
    """Whether `uri`, without a fragment, is a published metaschema, which none must fetch."""
    return uri in _BY_URI or uri in _VOCABULARIES
