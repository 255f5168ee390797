"""What a verdict means for the deploy: which of the things that go wrong has gone wrong."""

from enum import StrEnum
from typing import Final

from mcpverify.facts.verdict import Verdict


class Situation(StrEnum):
    """One of these for each target; the headline says it in words, reports carry the value.

    OLD_RELEASE, NEWER_RELEASE and OTHER_RELEASE are claimed only where the live contract equals a
    version of the snapshot file that git keeps; UNREVIEWED_CHANGE only where such versions were
    searched and none is equal. CONTRACT_DIFFERS is what can be said without them.
    """

    # passed
    REVIEWED = "reviewed"
    USABLE = "usable"  # with no snapshot to compare
    TOLERATED = "tolerated"  # differs in what --fail-on lets pass
    RECORDED = "recorded"  # in a snapshot, just now
    # failed
    OLD_RELEASE = "old-release"
    NEWER_RELEASE = "newer-release"
    OTHER_RELEASE = "other-release"  # of a branch that does not lead to the snapshot
    UNREVIEWED_CHANGE = "unreviewed-change"
    CONTRACT_DIFFERS = "contract-differs"
    REPLICAS_DIFFER = "replicas-differ"
    NO_SESSION_AFFINITY = "no-session-affinity"  # between replicas that share no sessions
    WRONG_SERVER = "wrong-server"
    WRONG_VERSION = "wrong-version"  # of the expected server
    WRONG_REVISION = "wrong-revision"
    BROKEN_SERVER = "broken-server"
    NO_MCP_SERVER = "no-mcp-server"
    NOT_GUARDED = "not-guarded"  # strangers are let in
    NO_WAY_TO_A_TOKEN = "no-way-to-a-token"  # they are not, and not told where tokens come from
    GOLDEN_CALL_FAILED = "golden-call-failed"
    NOT_HEALTHY = "not-healthy"  # by its own health addresses
    TOO_SLOW = "too-slow"
    # no verdict
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no-answer"
    NOT_LET_IN = "not-let-in"
    TURNED_AWAY = "turned-away"
    UNAVAILABLE = "unavailable"
    NOT_STEADY = "not-steady"
    NOT_FULLY_SEEN = "not-fully-seen"
    # no verdict, and none was tried for: only beside other targets
    CALLED_WRONGLY = "called-wrongly"
    OUR_BUG = "our-bug"

    @property
    def verdict(self) -> Verdict:
        """The one that it goes with."""
        return _VERDICTS.get(self, Verdict.FAILED)


# Neither says anything of a server, and so no check was asked.
UNASKED: Final = frozenset({Situation.CALLED_WRONGLY, Situation.OUR_BUG})
_VERDICTS: Final = {
    Situation.REVIEWED: Verdict.PASSED,
    Situation.USABLE: Verdict.PASSED,
    Situation.TOLERATED: Verdict.PASSED,
    Situation.RECORDED: Verdict.PASSED,
    Situation.UNREACHABLE: Verdict.INCONCLUSIVE,
    Situation.NO_ANSWER: Verdict.INCONCLUSIVE,
    Situation.NOT_LET_IN: Verdict.INCONCLUSIVE,
    Situation.TURNED_AWAY: Verdict.INCONCLUSIVE,
    Situation.UNAVAILABLE: Verdict.INCONCLUSIVE,
    Situation.NOT_STEADY: Verdict.INCONCLUSIVE,
    Situation.NOT_FULLY_SEEN: Verdict.INCONCLUSIVE,
    Situation.CALLED_WRONGLY: Verdict.INCONCLUSIVE,
    Situation.OUR_BUG: Verdict.INCONCLUSIVE,
}
