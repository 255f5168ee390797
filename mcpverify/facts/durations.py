"""Durations as people write them, on a command line and in a file."""

import re
from typing import Final

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)?\Z")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
LONGEST: Final = 24 * 3600.0


def seconds_of(text: str) -> float:
    """Seconds of `500ms`, `30s`, `2m`, `1h`; a bare number is seconds. Raises ValueError."""
    found = _DURATION.match(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no duration: write 500ms, 30s or 2m")
    seconds = float(found.group(1)) * _SECONDS[found.group(2)]
    if not 0 < seconds <= LONGEST:
        raise ValueError(f"{text!r} is not between 0 and 24 hours")
    return seconds
