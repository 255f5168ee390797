"""How lost calls are told: one by one, or by what is equal of them where they are many."""

from collections.abc import Iterable
from itertools import groupby

from mcpverify.facts.finding import Detail
from mcpverify.facts.timeline import Purpose, Request
from mcpverify.rollout.words import ending, excerpt, progress, seconds, span, way

_NAMED = 8  # losses that are told one by one, where they differ
_EQUAL = 3  # from so many on, equal ones are told as one
_KINDS = 8  # kinds of losses that are told where there are more
_ONE_MOMENT = 0.25  # seconds


def loss_details(missed: Iterable[Request]) -> list[Detail]:
    """A line for each of them, or for those that are equal; for each kind where they are many."""
    missed = sorted(missed, key=lambda each: each.purpose is not Purpose.CALL)
    if len(missed) <= _NAMED:
        return [line for equal in _equals(missed) for line in _few(equal, len(missed))]
    kinds = [list(kind) for _, kind in groupby(sorted(missed, key=_kind), key=_kind)]
    kinds.sort(key=len, reverse=True)
    told = [_grouped(kind, len(missed)) for kind in kinds[:_KINDS]]
    if kinds[_KINDS:]:
        rest = sum(map(len, kinds[_KINDS:]))
        told.append(Detail(f"in {len(kinds) - _KINDS} other ways", f"{rest} of {len(missed)}"))
    return told


def _equals(missed: list[Request]) -> list[list[Request]]:
    """Those of one kind that ended at about the same moment; in the order of the first of each."""
    groups: list[list[Request]] = []
    for each in missed:
        for group in groups:
            first = group[0]
            near = abs(each.ended - first.ended) <= _ONE_MOMENT
            if near and _kind(each) == _kind(first):
                group.append(each)
                break
        else:
            groups.append([each])
    return groups


def _few(equal: list[Request], total: int) -> list[Detail]:
    return [_grouped(equal, total)] if len(equal) >= _EQUAL else list(map(_named, equal))


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
        f"{way(first)}: {ending(first)} at {when}; the first: {progress(first)}{_received(first)}",
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
