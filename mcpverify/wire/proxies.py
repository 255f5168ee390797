"""Which proxy the environment asks for, by the conventions of curl and of urllib."""

from urllib.parse import unquote, urlsplit

from mcpverify.errors import UsageError
from mcpverify.facts.target import HttpEndpoint
from mcpverify.wire.network import routed

_PORTS = {"http": 80, "https": 443}


def proxy_for(endpoint: HttpEndpoint, url: str) -> str | None:
    """The URL of the proxy for `url`, or None. A route of its own goes past any proxy.

    Raises UsageError for a kind of proxy that is not supported, and for what is no URL.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    host, port = parts.hostname or "", parts.port or _PORTS[scheme]
    if not endpoint.proxies or routed(host, port, endpoint.routes) != (host, port):
        return None
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    proxy = proxies.get(scheme) or proxies.get("all")
    if not proxy or proxy_bypass(f"{host}:{port}"):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    kind = proxy.partition(":")[0].lower()
    if kind not in _PORTS:
        raise UsageError(
            f"the environment names a {kind} proxy, which is not supported",
            "Set an http proxy, or go past it with --no-proxy.",
        )
    try:
        legal = proxy.isprintable() and urlsplit(proxy).hostname and urlsplit(proxy).port != 0
    except ValueError:
        legal = False
    if not legal:
        # Not repeated: it may hold a password.
        raise UsageError("the environment names a proxy that is no URL", "Mend or unset it.")
    return proxy


def parts_of(proxy: str) -> tuple[str, str, tuple[str, str] | None]:
    """A proxy's URL without credentials, its host:port for people, and its credentials."""
    parts = urlsplit(proxy)
    port = parts.port or _PORTS[parts.scheme.lower()]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    shown = f"{host}:{port}"
    credentials = None
    if parts.username is not None:
        credentials = (unquote(parts.username), unquote(parts.password or ""))
    return f"{parts.scheme}://{shown}", shown, credentials
