"""For how long a server turned new work away with 503 before its listener closed."""

from mcpverify.facts.timeline import Connection, Purpose, Request, RequestOutcome, Timeline


def asked_of(timeline: Timeline) -> list[Request]:
    """The probes that can see it: of readiness where it is known, else of new sessions."""
    if timeline.setting.readiness:
        return list(timeline.of(Purpose.READINESS))
    probes = timeline.of(Purpose.NEW_SESSION)
    return [each for each in probes if each.connection is Connection.FRESH]


def lame_duck_seen(timeline: Timeline) -> float | None:
    """From the first 503 to the last, in seconds; None where there was none, or others answer."""
    turned = [each for each in asked_of(timeline) if each.outcome is RequestOutcome.HTTP_503]
    if not turned or timeline.siblings:
        return None
    return turned[-1].began - turned[0].began
