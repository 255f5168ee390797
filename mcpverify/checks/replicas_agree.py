"""Do lists of tools on fresh connections agree?

Behind a load balancer one connection meets one replica. When a rollout leaves an old replica
behind, some agents see the old tools and some the new ones. The gate lists the tools on
`--samples N` connections (2 by default over Streamable HTTP) and compares the digests. It says
how many different answers it met; it cannot say that it met every replica. Prompts and resources
are listed on the first connection only: replicas that differ in those go unseen here.
"""

from collections import Counter

from mcpverify.drift.changes import changes
from mcpverify.facts.change import Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.contract import Contract, contract_of, malformed_items
from mcpverify.facts.evidence import Evidence, says_nothing
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.json_text import canonical_text, parse
from mcpverify.facts.observation import ListState, Observation

CHECK = Check(
    __name__,
    title="Lists of tools on fresh connections agree",
    stage=Stage.CONTRACT,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/server/tools",
    hint="Wait for the rollout to finish (--wait 2m), or find the replica that is behind.",
    needs_lists=False,
)

_SHOWN = 5


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    if not evidence.samples:
        return CHECK.not_applicable("only one connection was opened")
    if primary.tools.state is ListState.NOT_ASKED:
        return CHECK.not_applicable("the server does not advertise tools")
    if not primary.tools.complete:
        return CHECK.not_observed(f"the first listing failed: {primary.tools.problem}")
    failed = [each for each in evidence.samples if not each.tools.complete]
    if failed:
        return _failed_sample(failed[0], len(failed), 1 + len(evidence.samples))
    # Equal answers are told by their text: taking digests costs ten times as much.
    texts = Counter(canonical_text(list(o.tools.items)) for o in (primary, *evidence.samples))
    total = sum(texts.values())
    if len(texts) == 1:
        return CHECK.passed(f"{total} connections, 1 distinct answer")
    lists = {text: parse(text) for text in texts}
    for items in lists.values():
        malformed = malformed_items(Subject.TOOL, items)
        if malformed:
            return CHECK.not_observed(f"a listing cannot be compared: {malformed[0]}")
    contracts = {
        text: contract_of(items if isinstance(items, list) else (), scope=evidence.scope)
        for text, items in lists.items()
    }
    by_digest: dict[str, Contract] = {}
    counts: Counter[str] = Counter()
    for text, contract in contracts.items():
        by_digest[contract.digests.digest] = contract
        counts[contract.digests.digest] += texts[text]
    if len(counts) == 1:
        return CHECK.passed(f"{total} connections, 1 distinct answer")
    details = [
        Detail(f"{count} of {total} connections{_release(evidence, digest)}", subject=digest[:19])
        for digest, count in counts.most_common()
    ]
    one, other = (by_digest[digest] for digest, _ in counts.most_common(2))
    details += _differences(one, other)
    return CHECK.failed(f"{total} connections met {len(counts)} different lists of tools", details)


def _release(evidence: Evidence, digest: str) -> str:
    """Which release lists the tools of this digest, as far as that is known."""
    snapshot, release = evidence.snapshot, evidence.serving
    if snapshot is not None:
        tools = [entry.definition for entry in snapshot.contract.tools]
        if contract_of(tools, scope=evidence.scope).digests.digest == digest:
            return ": as in the snapshot"
    if release is not None and digest == evidence.released:
        return f": {release.descent.release}, {release.told(evidence.now)}"
    return ""


def _differences(one: Contract, other: Contract) -> list[Detail]:
    """Which tools the two most frequent answers differ in, a line each."""
    first = {change.name: change for change in reversed(list(changes(one, other)))}
    return [
        Detail(
            "listed on some connections only" if not change.pointer else "differs",
            name,
            change.pointer,
        )
        for name, change in list(first.items())[:_SHOWN]
    ]


def _failed_sample(sample: Observation, failures: int, total: int) -> Finding:
    problem = sample.tools.problem if sample.opened else sample.problem
    message = f"{failures} of {total} connections got no list: {problem}"
    last = sample.tools.last or sample.opening
    if last is not None and says_nothing(last, opened=True):
        return CHECK.not_observed(message)
    return CHECK.failed(message)
