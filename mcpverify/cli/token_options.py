"""Where a bearer token comes from, by the flags: a file, or OAuth client credentials."""

from mcpverify.cli.options import WayOptions
from mcpverify.facts.authorization import TokenSource


def token_of(options: WayOptions) -> TokenSource | None:
    """The source that the flags name. Raises UsageError where they do not go together."""
    return None
