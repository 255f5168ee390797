"""What all that one run asks has in common: its target, its clock, its end, and who listens."""

from mcpverify.facts.target import Target
from mcpverify.facts.transcript import RUN_IS_OVER, Listener, Role
from mcpverify.wire.deadline import Deadline
from mcpverify.wire.revisions.envelope import Envelope
from mcpverify.wire.session import Session
from mcpverify.wire.transports.channel import Channel, Clock


class Conduct:
    """Hands out sessions that keep to one deadline and are timed by one clock."""

    def __init__(self, target: Target, listener: Listener | None) -> None:
        seconds = target.limits.run_seconds
        self.target = target
        self.limits = target.limits
        self.listener = listener
        self.clock = Clock()
        told = target.limits.run_told or f"{seconds:g} s"
        self.deadline = Deadline.after(seconds, f"{RUN_IS_OVER} of {told} passed")

    def session(self, channel: Channel, envelope: Envelope, role: Role) -> Session:
        return Session(channel, envelope, role, self.limits, self.deadline, self.listener)
