"""Addresses that are named beside the target: of its replicas, and of what tells its version."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from mcpverify.cli.target_argument import urls_of
from mcpverify.errors import TargetInvalid
from mcpverify.facts.credentials import of_url
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.target import StdioCommand, Target, Transport
from mcpverify.facts.version_source import VersionKind, VersionSource


def replica_urls(texts: Sequence[str], transport: Transport) -> tuple[str, ...]:
    """--replica, each once; one without a path has none, to get that of the target.

    Raises TargetInvalid.
    """
    return tuple(dict.fromkeys(_replica_url(text, transport) for text in texts))


def _replica_url(text: str, transport: Transport) -> str:
    url = urls_of(text, transport, named="address of a replica", takes_command=False)[0]
    if urlsplit(text if "://" in text else f"//{text}").path:
        return url
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{'?' if parts.query else ''}{parts.query}"


def hiding_beside(redactor: Redactor, target: Target, source: VersionSource | None) -> Redactor:
    """One that hides the secrets in these addresses, too. Raises TargetInvalid."""
    urls = list(target.replicas.urls)
    if source is not None and source.kind is VersionKind.HEALTH:
        if source.name.startswith("/") and isinstance(target.endpoint, StdioCommand):
            raise TargetInvalid(
                "--version-from health: names a path, and a COMMAND has no origin",
                "Give a whole URL.",
            )
        urls.append(source.name)
    return redactor.hiding(found for url in urls for found in of_url(url))
