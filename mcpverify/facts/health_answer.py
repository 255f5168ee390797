"""What is wrong with the answer of a health address: problems, each in one sentence."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from mcpverify.facts.appearance import appearance
from mcpverify.facts.health import HealthProbe
from mcpverify.facts.json_text import Json, NotJson, canonical_text, parse, value_at
from mcpverify.facts.transcript import Exchange, FailureKind

_SHOWN = 60


def problems(probe: HealthProbe, exchange: Exchange, shown: str) -> Iterator[str]:
    """What is wrong with an answer, or with there being none; `shown` is the address."""
    status, failure = exchange.status, exchange.failure
    if status is None:
        yield f"{shown}: {'no answer' if failure is None else failure.detail}"
    elif led := _led_astray(exchange):
        yield f"{shown} redirects to {led}, which answered {status}"
    elif not probe.takes(status):
        expected = "" if probe.status is None else f", expected is {probe.status}"
        yield f"{shown} answered {status}{expected}"
    elif failure is not None and not _is_cut_for_nothing(probe, exchange):
        yield f"{shown} answered {status}, but {failure.detail}"
    elif probe.members:
        yield from _differing(probe, exchange, shown)


def short(value: Json) -> str:
    """A value as JSON text, or what kind it is where that is long: half of it says little."""
    text = canonical_text(value)
    if len(text) <= _SHOWN:
        return text
    match value:
        case dict():
            return f"an object of {len(value):,} members"
        case list():
            return f"an array of {len(value):,}"
        case str():
            return f"a string of {len(value):,} characters"
        case _:
            return "a long number"


def _differing(probe: HealthProbe, exchange: Exchange, shown: str) -> Iterator[str]:
    try:
        body = parse(exchange.body)
    except NotJson as error:
        yield f"{shown} answered {exchange.status} without usable JSON: {_body(exchange, error)}"
        return
    for pointer, wanted in probe.members:
        there, got = value_at(body, pointer)
        where = f" at {pointer}" if pointer else ""  # "" is the whole body
        if not there:
            yield f"{shown} holds nothing{where}, expected is {short(wanted)}"
        elif canonical_text(got) != canonical_text(wanted):
            yield f"{shown} holds {short(got)}{where}, expected is {short(wanted)}"


def _body(exchange: Exchange, error: NotJson) -> str:
    looks = appearance(exchange)
    if "json" not in looks.lower():
        return looks
    words = str(error).rstrip(".")
    return words[:1].lower() + words[1:]


def _is_cut_for_nothing(probe: HealthProbe, exchange: Exchange) -> bool:
    """Whether all that failed is that a body is too long, in which nothing is looked for."""
    too_large = exchange.failure is not None and exchange.failure.kind is FailureKind.TOO_LARGE
    return too_large and not probe.members


def _led_astray(exchange: Exchange) -> str:
    """Where redirects led, if that is another place: a login page, say. A final slash is none."""
    if not exchange.redirects:
        return ""
    asked, reached = urlsplit(exchange.url), urlsplit(exchange.redirects[-1])
    return "" if asked.path.rstrip("/") == reached.path.rstrip("/") else reached.path
