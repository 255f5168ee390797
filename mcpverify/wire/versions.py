"""Asking a session's server which release it is."""

from mcpverify.facts.target import HttpEndpoint
from mcpverify.facts.version_source import VersionSource
from mcpverify.wire.session import Session


def ask_version(session: Session, source: VersionSource, endpoint: HttpEndpoint | None) -> None:
    """Ask for what the opening did not show; `endpoint` None for a child process."""
