"""How lost calls are told: one by one, or by what is equal of them where they are many."""

from collections.abc import Iterable
from itertools import groupby

from mcpverify.facts.finding import Detail
from mcpverify.facts.timeline import Purpose, Request
from mcpverify.rollout.words import ending, excerpt, progress, seconds, span, way

_NAMED = 8  # losses that are told one by one
_KINDS = 8  # kinds of losses that are told where there are more


def loss_details(missed: Iterable[Request]) -> list[Detail]:
    """A line for each of them; for each kind, with how many and when, where they are many."""
    missed = sorted(missed, key=lambda each: each.purpose is not Purpose.CALL)
    if len(missed) <= _NAMED:
        return [_named(each) for each in missed]
    kinds = [list(kind) for _, kind in groupby(sorted(missed, key=_kind), key=_kind)]
    kinds.sort(key=len, reverse=True)
    told = [_grouped(kind, len(missed)) for kind in kinds[:_KINDS]]
    if kinds[_KINDS:]:
        rest = sum(map(len, kinds[_KINDS:]))
        told.append(Detail(f"in {len(kinds) - _KINDS} other ways", f"{rest} of {len(missed)}"))
    return told


def _named(request: Request) -> Detail:
    return Detail(
        f"{way(request)}: {progress(request)}; {ending(request)} at {seconds(request.ended)}"
        f"{_received(request)}",
        request.client,
    )


def _grouped(kind: list[Request], total: int) -> Detail:
    if len(kind) == 1:
        return _named(kind[0])
    first = min(kind, key=lambda each: each.ended)
    when = span(each.ended for each in kind)
    return Detail(
        f"{way(first)}: {ending(first)} at {when}; the first, {first.client}: {progress(first)}"
        f"{_received(first)}",
        f"{len(kind)} of {total}",
    )


def _received(request: Request) -> str:
    text = excerpt(request)
    if text:
        return f": {text}"
    return f" ({request.detail})" if request.connection == "pipe" and request.detail else ""


def _kind(request: Request) -> tuple[str, ...]:
    """What losses have in common that are told together."""
    return (way(request), request.outcome, str(request.status), str(request.sent is None))
