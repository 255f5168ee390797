"""Do listings on fresh connections agree?

Behind a load balancer one connection meets one replica. When a rollout leaves an old replica
behind, some agents see the old tools and some the new ones. The gate lists the tools on
`--samples N` connections (2 by default over Streamable HTTP) and compares the digests. It says
how many different answers it met; it cannot say that it met every replica.
"""

from collections import Counter

from mcpverify.facts.change import Subject
from mcpverify.facts.check import Check, Stage
from mcpverify.facts.contract import contract_of, malformed_items
from mcpverify.facts.evidence import Evidence, says_nothing
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.json_text import canonical_text, parse
from mcpverify.facts.observation import Observation

CHECK = Check(
    __name__,
    title="Listings on fresh connections agree",
    stage=Stage.CONTRACT,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/server/tools",
    hint="Wait for the rollout to finish (--wait 2m), or find the replica that is behind.",
)


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    if not evidence.samples:
        return CHECK.not_applicable("only one connection was opened")
    if not primary.tools.complete or evidence.contract is None:
        return CHECK.not_observed(f"the first listing failed: {primary.tools.problem}")
    failed = [each for each in evidence.samples if not each.tools.complete]
    if failed:
        return _failed_sample(failed[0], len(failed), 1 + len(evidence.samples))
    # Equal answers are told by their text: taking digests costs ten times as much.
    answers = Counter(canonical_text(list(o.tools.items)) for o in (primary, *evidence.samples))
    digests: Counter[str] = Counter()
    for text, count in answers.items():
        digests[text if len(answers) == 1 else _digest(text, evidence)] += count
    total = sum(digests.values())
    if len(digests) == 1:
        return CHECK.passed(f"{total} connections, 1 distinct answer")
    details = [
        Detail(f"{count} of {total} connections", subject=digest[:19])
        for digest, count in digests.most_common()
    ]
    return CHECK.failed(f"{total} connections met {len(digests)} different lists of tools", details)


def _failed_sample(sample: Observation, failures: int, total: int) -> Finding:
    problem = sample.tools.problem if sample.opened else sample.problem
    message = f"{failures} of {total} connections got no list: {problem}"
    last = sample.exchanges[-1] if sample.exchanges else None
    if last is not None and says_nothing(last, opened=True):
        return CHECK.not_observed(message)
    return CHECK.failed(message)


def _digest(text: str, evidence: Evidence) -> str:
    """The digest of a list of tools in canonical text, or what is wrong with the list."""
    items = parse(text)
    problems = malformed_items(Subject.TOOL, items)
    if problems or not isinstance(items, list):
        return problems[0]
    return contract_of(items, scope=evidence.scope).digests.digest
