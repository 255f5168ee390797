"""No secret is left in a timeline, wherever a server put it, and nothing else is changed."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from mcpverify.facts.contract import Digests
from mcpverify.facts.redacted_timeline import Hiding
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.timeline import Leftover, Moment, Phase, ProcessEnd, Signal, Timeline
from tests.rollout import timelines

TOKEN = "sk-live-9f8e7d6c5b4a39281706f5e4"
# Ours, or typed by the user: no server can put a credential there.
OUR_WORDS = {"target", "signal", "call", "program", "client", "method", "kind", "restart"}


def hidden(timeline: Timeline, *secrets: str) -> Timeline:
    return Hiding(Redactor(secrets)).of(timeline)


def echoing(value: Any, name: str = "") -> Any:
    """`value` with the token at the end of each text that a server may have sent."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return value if name in OUR_WORDS else f"{value} {TOKEN}"
    if isinstance(value, tuple):
        return tuple(echoing(each, name) for each in value)
    if is_dataclass(value) and not isinstance(value, type | Signal | Digests):
        members = {each.name: getattr(value, each.name) for each in fields(value)}
        return replace(value, **{name: echoing(each, name) for name, each in members.items()})
    return value


def test_no_secret_is_left_wherever_a_server_may_put_it() -> None:
    end = ProcessEnd(1.0, 0, leftovers=(Leftover("process", "sleep 60", 7),), stderr=("bye",))
    echoed = echoing(timelines.resumed(end=end))
    assert repr(echoed).count(TOKEN) > 100

    assert TOKEN not in repr(hidden(echoed, TOKEN))


def test_a_timeline_without_secrets_stays_as_it_is() -> None:
    for timeline in timelines.all_timelines().values():
        assert hidden(timeline, TOKEN) == timeline
        assert hidden(timeline) is timeline


def test_the_words_that_judgement_goes_by_stay_whatever_a_secret_is() -> None:
    timeline = timelines.graceful()
    covered = hidden(timeline, "handshake", "application/json", "python", "SIGTERM", "tools/list")
    for before, after in zip(timeline.requests, covered.requests, strict=True):
        assert (after.client, after.media_type) == (before.client, before.media_type)
        assert (after.method, after.outcome) == (before.method, before.outcome)
    assert covered.server.program == "python"
    assert covered.signals == timeline.signals


def test_a_secret_that_was_cut_in_half_goes_too() -> None:
    cut = timelines.a_call(excerpt=f"you sent {TOKEN[:20]}")
    covered = Hiding(Redactor((TOKEN,))).of(cut)

    assert covered.excerpt == "you sent ***"


def test_a_moment_of_a_trial_is_looked_through_too() -> None:
    moment = Moment(Phase.STARTING, None, f"python server.py {TOKEN}")
    assert Hiding(Redactor((TOKEN,))).of(moment).detail == "python server.py ***"
