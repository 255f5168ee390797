"""Addresses in a recording, where a mask stands for what is secret in them."""

import re

from mcpverify.facts.credentials import MASK, masked_url


def is_recorded(url: str, recorded: str) -> bool:
    """Whether `recorded` stands for `url`: more may be hidden in it than a URL tells by itself."""
    hidden = ".*".join(map(re.escape, recorded.split(MASK)))
    return re.fullmatch(hidden, masked_url(url), re.DOTALL) is not None
