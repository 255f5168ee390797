"""Retry-After: how long a server asks its clients to stay away (RFC 9110, section 10.2.3)."""


def retry_after(text: str) -> float | None:
    """Seconds from the header's value, which holds seconds or a date; None from anything else."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if not text:
        return None
    import time
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
