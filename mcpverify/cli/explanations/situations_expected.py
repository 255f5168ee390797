"""What each situation means that a team's own expectations bring about."""

from collections.abc import Mapping
from typing import Final

from mcpverify.cli.explanations.situation_text import RollBack, SituationText
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict

EXPECTED_SITUATIONS: Final[Mapping[Situation, SituationText]] = {
    Situation.NOT_HEALTHY: SituationText(
        Verdict.FAILED,
        "NOT READY",
        "A health address of the server says that it is not well",
        "MCP may work, but the readiness or liveness address that was named does not answer as it "
        "should: load balancers take the server out, or supervisors restart it.",
        "The address answered another status or another value than expected, or only after its "
        "budget, or was silent while MCP was answered at the same origin (readiness, liveness).",
        "Ask the address yourself and read what it waits for. A server that drains says 503 on "
        "purpose; one that has just started may need time, which --wait 2m gives it.",
        RollBack.DEPENDS,
        "Rolling back helps if the release before was ready. If what readiness waits for is gone, "
        "a database say, every release says the same.",
    ),
    Situation.GOLDEN_CALL_FAILED: SituationText(
        Verdict.FAILED,
        "A CALL FAILS",
        "A golden call does not bring what is expected of it",
        "The tools are listed as they should be, and one of them does not do its work: agents that "
        "call it now get an error, a wrong answer, or none in time.",
        "One of the calls in the configuration ended with an error, broke a condition or the "
        "outputSchema, was too slow, or could not be made: the tool is not listed, or is neither "
        "annotated readOnlyHint nor named with mutates = true (golden-calls).",
        "The headline names the call and what came. Make it yourself with the same arguments, and "
        "read the server's log: what is behind the tool may be gone, a database or a key.",
        RollBack.DEPENDS,
        "Rolling back helps if the tool broke with the release. If what it needs is down, every "
        "release fails alike; if the expectation is old, change the configuration.",
    ),
    Situation.WRONG_VERSION: SituationText(
        Verdict.FAILED,
        "NOT THE EXPECTED VERSION",
        "The expected server answers, in another version",
        "The server is the right one, as far as its name was asked for, and says another version "
        "than --expect-version, or none.",
        "What --version-from names, or else serverInfo, was read on every connection, and at least "
        "one says something else (server-identity).",
        "Find out which image really runs, and whether the new one gets the traffic: a moving tag, "
        "a rollout that stopped half-way, a replica that is left behind. Just after a deploy, give "
        "it time: --wait 2m. If serverInfo holds the version of an SDK, name a better source with "
        "--version-from.",
        RollBack.DOES_NOT_HELP,
        "Rolling back does not help where the old release is still serving: it is what a roll-back "
        "would bring.",
    ),
    Situation.NO_SESSION_AFFINITY: SituationText(
        Verdict.FAILED,
        "NO SESSION AFFINITY",
        "Replicas do not know each other's sessions",
        "The server issues session ids, and a share of the requests under one gets 404: they met a "
        "replica that never saw the session. Agents start anew again and again.",
        "Pings under the issued session id, each over a fresh connection, got 404, or 400 where "
        "others were answered (session-affinity).",
        "Make sessions sticky in the load balancer, by the client's address (ip_hash in nginx) or "
        "by a cookie, for clients that keep one. Or share the session store between replicas, or "
        "serve without sessions.",
        RollBack.DEPENDS,
        "Rolling back helps if the release before kept no sessions. If the number of replicas or "
        "the load balancer changed, every release fails alike: go back to one replica meanwhile.",
    ),
    Situation.CALLED_WRONGLY: SituationText(
        Verdict.INCONCLUSIVE,
        "CALLED WRONGLY",
        "Of many targets, this one was asked wrongly",
        "Nothing was asked of it, or not what was meant: its snapshot cannot be used, its command "
        "cannot be started, a file that its settings name is gone. The other targets were checked.",
        "The headline says what is wrong, as it would for that target alone. The exit code is 2, "
        "whatever became of the others.",
        "Mend what the headline names, and check this target alone by its name.",
        RollBack.DOES_NOT_HELP,
        "Rolling back does not help: the mistake is in the call.",
    ),
    Situation.OUR_BUG: SituationText(
        Verdict.INCONCLUSIVE,
        "A BUG OF MCPVERIFY",
        "Of many targets, this one met a bug of ours",
        "mcpverify failed where it should have judged. The other targets were checked.",
        "The headline has the kind of the error. The exit code is 70, whatever became of the "
        "others.",
        "Check this target alone with --debug, and report what that prints.",
        RollBack.DOES_NOT_HELP,
        "Rolling back does not help: nothing is known of the release.",
    ),
    Situation.NOT_GUARDED: SituationText(
        Verdict.FAILED,
        "NOT GUARDED",
        "Strangers are not kept out",
        "Anybody on the network can use the tools, or is answered as no client expects it.",
        "--expect-auth was given, and a session without any credential was not answered with "
        "HTTP 401 (auth-required). The headline says in which era, and at which address.",
        "Put the authorization middleware before every route.",
        RollBack.HELPS,
        "Rolling back is right, at once, if the release before wanted a token.",
    ),
    Situation.NO_WAY_TO_A_TOKEN: SituationText(
        Verdict.FAILED,
        "NO WAY TO A TOKEN",
        "Strangers are kept out, and not told where tokens come from",
        "Clients that have no token yet cannot find out how to get one. Those that have one work.",
        "--expect-auth was given, and the HTTP 401 leads to no token endpoint: a metadata document "
        "is missing, wrong, or of another address (auth-required).",
        "Give the server its public address, and fetch both documents with curl from where the "
        "agents run. A server whose tokens are handed out by hand has none: leave --expect-auth "
        "out.",
        RollBack.DEPENDS,
        "Rolling back helps where the release before had the metadata right.",
    ),
}
