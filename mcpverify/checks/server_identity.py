"""Does the server say who it is, and is it who was expected, on every connection?

`--expect-name` and `--expect-version` compare with serverInfo, exactly. Mind that the version
there is often that of the SDK, or a constant: where the release is told elsewhere,
`--version-from` says so, and that is what is compared: a header of the answers
(`header:X-Version`), what an address answers (`health:/healthz#/version`), or what a tool of the
server does (`tool:build_info#/version`, called without arguments). With several connections
(`--samples`, `--replicas`, `--replica`) one that says another version fails as well, and one that
opens no session leaves the question open.

To mend it: look whether the address leads where you think, and whether the new release gets the
traffic; just after a deploy, `--wait 2m` gives it time. If the server was renamed on purpose,
expect its new name.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Detail, Finding, Severity
from mcpverify.facts.version_told import VersionTold, shown_version, version_of, versions_of

CHECK = Check(
    __name__,
    title="The server is the expected one, by name and version",
    stage=Stage.OFFER,
    severity=Severity.ERROR,
    rule="https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization",
    needs_lists=False,
)

_SHOWN = 5
_HINTS = {
    "name": "Look whether the address leads where you think.",
    "version": "Look which image really runs, and whether the new one gets the traffic; --wait 2m "
    "gives a rollout time.",
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was expected of each connection, and what each said: one thing, or several."""

    what: str  # name, version
    named: str  # how a sentence names it
    wanted: str
    said: tuple[tuple[VersionTold, ...], ...]

    @property
    def wrong(self) -> list[VersionTold]:
        """Of each connection that said anything else, the first such thing."""
        others = (next((t for t in told if t.version != self.wanted), None) for told in self.said)
        return [told for told in others if told is not None]

    @property
    def message(self) -> str:
        wrong, total = self.wrong, len(self.said)
        counts = Counter(told.shown for told in wrong)
        expected = f"expected {self.wanted!r}"
        if len(wrong) == total and len(counts) == 1:
            return f"{self.named} {wrong[0].shown}, {expected}"
        shown, count = counts.most_common(1)[0]
        others = f", {len(wrong) - count} say something else" if len(counts) > 1 else ""
        return f"on {count} of {total} connections {self.named} {shown}, {expected}{others}"

    def details(self) -> Iterator[Detail]:
        total = len(self.said)
        for told, count in Counter(self.wrong).most_common(_SHOWN):
            live = repr(told.version) if told.version is not None else told.problem
            where = "" if total == 1 else f", on {count} of {total} connections"
            yield Detail(f"expected {self.wanted!r}, live {live}{where}", self.what)


def judge(evidence: Evidence) -> Finding:
    primary, source = evidence.primary, evidence.expected.version_from
    if not primary.opened:
        return CHECK.not_observed(evidence.unopened)
    wrong = [each for each in _asked(evidence) if each.wrong]
    if wrong:
        message = "; ".join(each.message for each in wrong)
        # Silence of an address beside the server is no word of the server's.
        if all(told.unanswered for each in wrong for told in each.wrong):
            return CHECK.not_observed(message)
        details = [detail for each in wrong for detail in each.details()]
        return CHECK.failed(message, details, _HINTS[wrong[-1].what])
    unmet = [each for each in evidence.samples if not each.opened]
    if unmet and (evidence.expected.version is not None or evidence.expected.name is not None):
        return CHECK.not_observed(
            f"{len(unmet)} of {1 + len(evidence.samples)} connections opened no session: "
            f"{unmet[0].problem}"
        )
    told = version_of(source, primary)
    if source is not None and told.version is None:
        return CHECK.warned(f"{source.subject} {told.problem}")
    if not primary.server_name:
        return CHECK.warned("the server gives no name")
    return CHECK.passed(f"{primary.server_name} {shown_version(source, primary) or ''}".strip())


def _asked(evidence: Evidence) -> Iterator[_Asked]:
    expected, source = evidence.expected, evidence.expected.version_from
    met = (evidence.primary, *(each for each in evidence.samples if each.opened))
    if expected.name is not None:
        names = (evidence.primary, *(each for each in met[1:] if each.server_name is not None))
        said = tuple((_told(each.server_name),) for each in names)
        yield _Asked("name", "name", expected.name, said)
    if expected.version is not None:
        named = "version" if source is None else source.subject
        versions = tuple(versions_of(source, each) for each in met)
        yield _Asked("version", named, expected.version, versions)


def _told(name: str | None) -> VersionTold:
    return VersionTold(name, "is missing" if name is None else "")
