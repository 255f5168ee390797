"""What each situation means: what happened, how it is known, what to do, and whether to roll back.

A situation says of a target what its verdict means for the deploy. Reports carry it as a value,
and their second line begins with its headline.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from mcpverify.cli.explanations.demonstrations import demonstrations
from mcpverify.cli.explanations.situation_text import RollBack, SituationText
from mcpverify.cli.explanations.situations_expected import EXPECTED_SITUATIONS
from mcpverify.cli.explanations.topic import Kind, Topic
from mcpverify.facts.situation import Situation
from mcpverify.facts.verdict import Verdict

SITUATIONS: Final[Mapping[Situation, SituationText]] = {
    Situation.REVIEWED: SituationText(
        Verdict.PASSED,
        "the server is the one that was reviewed",
        "The reviewed contract is serving",
        "The server offers exactly what the snapshot, or the digest of --expect-digest, says, and "
        "no gating check failed.",
        "The digests are equal. With a digest alone the report says: the server has the expected "
        "digest.",
        "Nothing. A deploy job may now record that this commit is deployed.",
        RollBack.NEEDLESS,
    ),
    Situation.USABLE: SituationText(
        Verdict.PASSED,
        "an agent can use the server",
        "An agent can use the server; nothing was compared",
        "No gating check failed, but there was no snapshot to compare with, so that any contract "
        "would have passed.",
        "No snapshot was named or found, or --no-snapshot says that none is wanted.",
        "Record one with `mcpverify snapshot`, review it and commit it.",
        RollBack.NEEDLESS,
    ),
    Situation.TOLERATED: SituationText(
        Verdict.PASSED,
        "the server differs from the snapshot",
        "The contract differs, in what --fail-on lets pass",
        "The server is not exactly the reviewed one. By default differences in titles and "
        "descriptions pass, unless they show that another release is serving; with --fail-on "
        "breaking whatever is proven to break no caller does.",
        "matches-snapshot warns, and shows what differs with its verdict.",
        "Read what differs: a model acts on descriptions. If it was meant, update the snapshot. "
        "To fail on it, use --fail-on any.",
        RollBack.NEEDLESS,
    ),
    Situation.RECORDED: SituationText(
        Verdict.PASSED,
        "",
        "A snapshot was written, or is up to date",
        "`mcpverify snapshot` saw the whole contract and the file holds it.",
        "The second line begins with the path of the file, and says that it was recorded or "
        "updated, or that it is up to date.",
        "Read the difference as git shows it, and commit the file.",
        RollBack.NEEDLESS,
    ),
    Situation.OLD_RELEASE: SituationText(
        Verdict.FAILED,
        "NOT DEPLOYED: an old release is serving",
        "An old release is serving",
        "What answers is an earlier release of yours: it was reviewed, only it is not the one that "
        "this deploy should have brought.",
        "The live contract equals a version of the snapshot file that git keeps, in a commit that "
        "leads to the one that was compared. The report names the commit and its age. Releases "
        "that offer the same contract cannot be told apart this way.",
        "Find out why the new release gets no traffic: the image that really runs (a moving tag, "
        "a cache, the wrong registry), a rollout that stopped half-way, a load balancer or a DNS "
        "name that leads to the old instances. Just after a deploy, give it time: --wait 2m. "
        "After a roll-back this is what should be serving: compare with the commit that was "
        "rolled back to, --snapshot git:COMMIT:PATH.",
        RollBack.DOES_NOT_HELP,
        "Rolling back does not help: what is serving is what it would bring. Callers are served "
        "as before.",
    ),
    Situation.NEWER_RELEASE: SituationText(
        Verdict.FAILED,
        "NOT THIS RELEASE: a newer one than the snapshot's is serving",
        "A newer release is serving than the one that was compared",
        "What answers was reviewed, later than the snapshot that the gate was given.",
        "The live contract equals a version of the snapshot file in a commit that descends from "
        "the one that was compared.",
        "After a roll-back: it did not take, and the release that was to go is still serving. In "
        "a deploy job: another deploy overtook this one, so run one at a time. Anywhere else the "
        "gate was given an old snapshot: compare with the deployed commit's.",
        RollBack.DEPENDS,
        "Rolling back undoes a newer deploy, which may be the right one: look first.",
    ),
    Situation.OTHER_RELEASE: SituationText(
        Verdict.FAILED,
        "NOT THIS RELEASE: one of another branch is serving",
        "A release of another branch is serving",
        "What answers was built from a commit that is in git, but that does not lead to the one "
        "that was compared, nor it to that one.",
        "The live contract equals a version of the snapshot file on another branch.",
        "Look at what was deployed, from where and by whom: a preview or a hot-fix may have taken "
        "the place of production. If it is meant to serve, merge it.",
        RollBack.HELPS,
        "Rolling back helps: it brings back a release of the branch that you deploy from.",
    ),
    Situation.UNREVIEWED_CHANGE: SituationText(
        Verdict.FAILED,
        "UNREVIEWED CHANGE",
        "The contract is one that nobody reviewed",
        "The server offers what no commit of the snapshot file has ever said: the code changed "
        "what it offers, and the snapshot was not updated with it.",
        "The live contract differs from the snapshot, and equals none of the last 50 versions of "
        "the file that git keeps.",
        "Look at the worst change first. If callers break, restore what they rely on, or offer "
        "the new shape under a new name. If it was meant, update the snapshot in a pull request, "
        "where `mcpverify snapshot --check` would have caught it. If it comes from a dependency, "
        "pin that.",
        RollBack.HELPS,
        "Rolling back helps: callers get what they were told, and the change can be reviewed in "
        "peace.",
    ),
    Situation.CONTRACT_DIFFERS: SituationText(
        Verdict.FAILED,
        "NOT THE REVIEWED CONTRACT",
        "The contract is not the reviewed one; which release it is cannot be told",
        "The server offers something else than the snapshot says. It may be an old release or an "
        "unreviewed change.",
        "The digests differ, and the history of the snapshot file could not be searched, or not "
        "all of it: there is no git here, the clone is shallow, the file has only one version, or "
        "there was only a digest to compare with. The report says why. `snapshot --check` says it "
        "of a file that would change.",
        "Have the history fetched (actions/checkout: fetch-depth: 0) and run it again: then the "
        "report says which release it is. Until then, look at the worst change first.",
        RollBack.DEPENDS,
        "Rolling back helps, unless it is an old release that is serving: then nothing changes.",
    ),
    Situation.REPLICAS_DIFFER: SituationText(
        Verdict.FAILED,
        "REPLICAS DIFFER",
        "Replicas serve different contracts",
        "Behind one address, some connections meet one release and some another: agents see tools "
        "come and go.",
        "Lists of tools on fresh connections had different digests (replicas-agree).",
        "During a rollout, wait for its end: --wait 2m. Afterwards, find the replica that is "
        "behind: an instance that was not replaced, or a second deployment behind the name.",
        RollBack.DEPENDS,
        "Rolling back helps if it replaces every replica. One that the deploy did not reach, a "
        "roll-back may not reach either.",
    ),
    Situation.WRONG_SERVER: SituationText(
        Verdict.FAILED,
        "NOT THE EXPECTED SERVER",
        "Another server answers than the expected one",
        "serverInfo has another name or version than --expect-name or --expect-version demands.",
        "The server says so itself (server-identity). The version is often that of its SDK.",
        "Compare the address with the one that was deployed to, and look which image runs.",
        RollBack.DEPENDS,
        "Rolling back does not help where the address leads to the wrong place, or where the old "
        "version is what answers.",
    ),
    Situation.WRONG_REVISION: SituationText(
        Verdict.FAILED,
        "WRONG PROTOCOL REVISION",
        "Another protocol revision is spoken than was asked for",
        "The server negotiated a revision that is unknown, or not the one of --protocol.",
        "It is in the answer to initialize or server/discover (protocol-version).",
        "Look at the SDK that this release was built on: was it updated, or held back?",
        RollBack.DEPENDS,
        "Rolling back helps if the release before spoke the revision that your clients need.",
    ),
    Situation.BROKEN_SERVER: SituationText(
        Verdict.FAILED,
        "BROKEN",
        "An MCP server answers, and it is broken",
        "A session opens or is about to, and then an agent cannot go on: the handshake is wrong, "
        "tools are not listed, a list never ends, a schema is invalid, or a session harms the "
        "server at its end.",
        "It was seen on the wire; the check that failed says what came.",
        "Read the failed check with `mcpverify explain` and the server's log. -v shows every "
        "exchange.",
        RollBack.DEPENDS,
        "Rolling back helps if the release before passed this check. A preflight, the same gate "
        "before the deploy, tells: where that was red too, something else is broken.",
    ),
    Situation.NO_MCP_SERVER: SituationText(
        Verdict.FAILED,
        "NO MCP SERVER",
        "Something answers, and it is no MCP server",
        "A web page, a health endpoint, HTTP 404 or another protocol came back.",
        "What came has nothing of JSON-RPC; the report says what it looks like.",
        "Compare the URL with the one your agents use: the path may be missing. Then look at the "
        "route in front of the server: a login page, a default backend, another service.",
        RollBack.DEPENDS,
        "Rolling back helps if this deploy changed the route or the path. If the URL is wrong, "
        "nothing helps but the right one.",
    ),
    Situation.TOO_SLOW: SituationText(
        Verdict.FAILED,
        "TOO SLOW",
        "A step took longer than --max-latency allows",
        "The server works, but slower than was demanded.",
        "The slowest step was timed, connecting included (latency).",
        "Run it again with --wait: a cold start is slow once. If it stays slow, compare with the "
        "release before.",
        RollBack.DEPENDS,
        "Rolling back helps if the release before was faster under the same load.",
    ),
    Situation.UNREACHABLE: SituationText(
        Verdict.INCONCLUSIVE,
        "UNREACHABLE",
        "Nothing answers at the address",
        "The name does not resolve, the connection is refused or reset, TLS fails, or no answer "
        "came in time.",
        "No answer of any kind came from there (reachable).",
        "Try the same command from where the agents run. Look whether the new instances are up "
        "and behind the load balancer. A server that still starts is met by --wait 2m.",
        RollBack.DEPENDS,
        "Rolling back helps if a preflight reached the address before the deploy. If it was out "
        "of reach then, too, the network or the address is at fault.",
    ),
    Situation.NO_ANSWER: SituationText(
        Verdict.INCONCLUSIVE,
        "NO ANSWER",
        "It can be reached, and does not answer MCP",
        "A connection was made or a command was started, and no session could be opened before "
        "the time was over or the other side ended.",
        "No answer to initialize or server/discover came.",
        "Read the server's log: it may still be starting (--wait 2m), or hang at its start. A "
        "command that ended shows the last lines of its stderr.",
        RollBack.DEPENDS,
        "Rolling back helps if the release before answered.",
    ),
    Situation.NOT_LET_IN: SituationText(
        Verdict.INCONCLUSIVE,
        "NOT LET IN",
        "The server, or something before it, refuses us",
        "HTTP 401, 403, 407 or 421: the credential is missing, wrong or expired, or this host name "
        "is not on the server's list.",
        "The status of the first answer says so. It says nothing about the release.",
        "Check the secret that --bearer-env names, and its date of expiry. With 421, add the name "
        "to the server's list of allowed hosts. Waiting does not mend it, and --wait ends at once.",
        RollBack.DEPENDS,
        "Whether rolling back helps, a preflight with the same credential tells: if it was let in "
        "before the deploy, the deploy is to blame; if not, the credential is, and a good release "
        "would be rolled back.",
    ),
    Situation.TURNED_AWAY: SituationText(
        Verdict.INCONCLUSIVE,
        "TURNED AWAY",
        "The server limits requests, and we were over the limit",
        "HTTP 429.",
        "The status of the first answer says so. It says nothing about the release.",
        "Try again later: --wait 2m does, and heeds Retry-After. Raise the limit for the gate.",
        RollBack.DOES_NOT_HELP,
        "Rolling back does not help: the limit stays as it is.",
    ),
    Situation.UNAVAILABLE: SituationText(
        Verdict.INCONCLUSIVE,
        "UNAVAILABLE",
        "A 5xx came before a session opened",
        "HTTP 500 to 599: a proxy has no healthy instance behind it, or the server fails.",
        "The status of the first answer says so.",
        "Look whether the new instances became ready, and why not. Just after a deploy, give it "
        "time: --wait 2m.",
        RollBack.DEPENDS,
        "Rolling back helps if the release before answered: agents are without a server now.",
    ),
    Situation.NOT_STEADY: SituationText(
        Verdict.INCONCLUSIVE,
        "NOT STEADY",
        "It was green, but not often enough in a row",
        "With --wait or --consecutive several greens in a row are wanted; the time was over "
        "before there were.",
        "The last attempt was green, and the streak was too short.",
        "Give it more time with --wait. If greens and reds alternate, an old replica or an "
        "unhealthy instance still gets traffic.",
        RollBack.DEPENDS,
        "Rolling back does not help where the rollout only needs longer.",
    ),
    Situation.NOT_FULLY_SEEN: SituationText(
        Verdict.INCONCLUSIVE,
        "NOT FULLY SEEN",
        "A gating question could not be answered",
        "The server was met, but something that a gating check needs could not be observed.",
        "A check of severity error is not observed. No check passes by being skipped.",
        "Read the reason beside the check that was not observed, and run it again with -v.",
        RollBack.DEPENDS,
        "Rolling back helps if the release before let all be seen: then this one has lost "
        "something.",
    ),
    **EXPECTED_SITUATIONS,
}

_VERDICTS: Final = {
    Verdict.PASSED: "passed, exit code 0",
    Verdict.FAILED: "failed, exit code 1",
    Verdict.INCONCLUSIVE: "inconclusive, exit code 3",
}
_OTHER_CODES: Final = {
    Situation.CALLED_WRONGLY: "inconclusive, exit code 2",
    Situation.OUR_BUG: "inconclusive, exit code 70",
}


def situation_topics() -> Iterator[Topic]:
    """A topic for each situation, in the order of the enum."""
    for situation in Situation:
        of = SITUATIONS[situation]
        text = f"{of.happened}\n\nHow it is known: {_low(of.known)}\n\nWhat to do: {_low(of.todo)}"
        if of.because:
            text += f"\n\n{of.because}"
        begins = [("headline", of.headline)] if of.headline else []
        notes = (*begins, *_shown(situation))
        verdict = _OTHER_CODES.get(situation, _VERDICTS[of.verdict])
        yield Topic(
            Kind.SITUATION,
            situation.value,
            f"a situation: {verdict}",
            f"Situations: what it means for the deploy ({verdict})",
            of.title,
            text,
            notes,
            of.headline,
        )


def _shown(situation: Situation) -> Iterator[tuple[str, str]]:
    return demonstrations(lambda shown: shown.situation is situation)


def _low(sentence: str) -> str:
    """`sentence` after a colon; names and HTTP keep their capitals."""
    first, _, _ = sentence.partition(" ")
    return sentence[0].lower() + sentence[1:] if first.istitle() else sentence
