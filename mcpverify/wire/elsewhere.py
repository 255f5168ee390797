"""Where a run connects beside its judged session, and whether that session is known there."""

from collections.abc import Sequence
from dataclasses import replace

from mcpverify.facts.target import HttpEndpoint, Route
from mcpverify.facts.transcript import Role
from mcpverify.wire.conduct import Conduct
from mcpverify.wire.plan import Plan
from mcpverify.wire.session import Session


class Elsewhere:
    """Knows the replicas of a target, or meets them at its address by chance."""

    def __init__(self, plan: Plan, conduct: Conduct) -> None:
        self._plan = plan
        self._conduct = conduct
        self._known = conduct.target.replicas
        self._ways: tuple[tuple[Route, ...], ...] = ()

    @property
    def role(self) -> Role:
        """What a session at one of `places` is."""
        return Role.REPLICA if self._known.known else Role.SAMPLE

    def places(self, endpoint: HttpEndpoint, url: str, wanted: int) -> Sequence[HttpEndpoint]:
        """Each replica that is known; else the address, as often as `wanted`. Raises Broken."""
        if not self._known.known:
            return [replace(endpoint, urls=(url,))] * wanted
        from mcpverify.wire.replicas import replica_endpoints

        places = replica_endpoints(endpoint, url, self._known, self._conduct.deadline)
        if self._known.resolve_all:
            self._ways = tuple(place.routes for place in places)
        return places

    def ask_for(self, session: Session, others: Sequence[Session]) -> None:
        """Whether the session that the server issued is known on other connections.

        They lead to the address that agents use, or to all that its name stands for: a replica at
        an address of its own is never sent a session of another.
        """
        pings = max(self._plan.shared_pings, self._plan.lost_pings if session.is_lost else 0)
        met = (each for each in others if each.role is Role.SAMPLE and each.begun)
        pings = max(pings, len(self._ways)) if pings else 0
        session.ping_elsewhere(pings, self._ways, next(met, None))
