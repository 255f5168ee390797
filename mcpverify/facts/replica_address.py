"""The address of a replica as it is asked: without a path of its own it has that of the target."""

from urllib.parse import urlsplit


def completed(replica: str, url: str) -> str:
    """`replica` with the path and the query of `url`, the target's, where it has none."""
    if urlsplit(replica).path:
        return replica
    base, question, query = replica.partition("?")
    path, own = urlsplit(url).path, urlsplit(url).query
    return f"{base}{path}{question or ('?' if own else '')}{query or own}"
