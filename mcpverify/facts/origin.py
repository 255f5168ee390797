"""The origin of an address: what a credential is given for."""

from typing import Final
from urllib.parse import urlsplit

_PORTS: Final = {"http": 80, "https": 443}


def origin_of(url: str) -> str | None:
    """scheme://host:port in lower case, None for what is no http or https URL."""
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), parts.hostname
        port = parts.port or _PORTS[scheme]
    except (ValueError, KeyError):
        return None
    if not host or any(character.isspace() or not character.isprintable() for character in url):
        return None
    return f"{scheme}://{_bracketed(host)}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
