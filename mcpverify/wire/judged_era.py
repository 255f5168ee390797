"""Which of the eras that a server was asked in a run is about."""

from mcpverify.facts.revision import Era
from mcpverify.wire.fall_back import is_refusal
from mcpverify.wire.plan import Plan
from mcpverify.wire.session import Session


def judged_era(
    plan: Plan, stateless: Session | None, handshake: Session | None, opened: dict[Era, bool]
) -> Era:
    """Which of the probed eras the run is about; `opened` says which began a session."""
    if stateless is None or handshake is None:
        return Era.HANDSHAKE if stateless is None else Era.STATELESS
    sessions = {Era.STATELESS: stateless, Era.HANDSHAKE: handshake}
    prefer = plan.prefer
    if opened[prefer]:
        return prefer
    if opened[prefer.other]:
        # An era that is refused in good order is not spoken. One that is begun and then
        # fails is broken; and so is one that the snapshot records and that is not refused.
        broken = sessions[prefer].begun and prefer is Era.HANDSHAKE
        broken |= plan.recorded and not is_refusal(sessions[prefer].last)
        return prefer if broken else prefer.other
    # Neither opened. A result, however wrong, shows which era the server is of; and where
    # the discovery was not answered, a refusal of the older way says nothing.
    discovery, initialize = stateless.last, handshake.last
    of_discovery = discovery.result is not None or (
        discovery.status is None and initialize.error is not None
    )
    return Era.STATELESS if of_discovery else Era.HANDSHAKE
