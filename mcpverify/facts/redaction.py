"""Takes credentials out of everything that leaves the program, however they are spelled.

A server may repeat what it was sent, so what it sent goes through here before it is
printed or written: texts, JSON, bodies, findings, reports, recordings.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import setitem

from mcpverify.facts.authorization import Authorization
from mcpverify.facts.change import Change
from mcpverify.facts.comparison import Comparison, Source
from mcpverify.facts.compatibility import EntryDrift, JudgedChange, Witness
from mcpverify.facts.credentials import MASK, Credential, secrets_of
from mcpverify.facts.finding import Detail, Finding
from mcpverify.facts.json_text import Json, canonical_text
from mcpverify.facts.report import Report, ServerFacts, TargetReport, ToolReport
from mcpverify.facts.spellings import (
    ANYWHERE,
    ENCODED_PERCENT,
    WHOLE_WORD,
    WORDS_OF_THE_PROTOCOL,
    octets_of,
    spellings,
)
from mcpverify.facts.transcript import (
    Certificate,
    Exchange,
    ProcessEnd,
    Recording,
    ReferenceTools,
    Step,
    Transcript,
)


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces secrets by `***`. Ids, outcomes, digests and our own words stay."""

    secrets: tuple[str, ...] = field(repr=False)
    _needles: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _common: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _words: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spelled = {
            spelling
            for secret in self.secrets
            if secret.strip() not in WORDS_OF_THE_PROTOCOL
            for spelling in spellings(secret)
        }
        needles = sorted(each for each in spelled if len(each) >= ANYWHERE)
        words = sorted(each for each in spelled if WHOLE_WORD <= len(each) < ANYWHERE)
        common = [each for each in needles if ENCODED_PERCENT not in each]
        object.__setattr__(self, "_needles", tuple(needles))
        object.__setattr__(self, "_common", tuple(common))
        object.__setattr__(self, "_words", tuple(words))

    def hiding(self, credentials: Iterable[Credential]) -> "Redactor":
        """One that hides these, too."""
        known = tuple(dict.fromkeys((*self.secrets, *secrets_of(credentials))))
        return self if known == self.secrets else Redactor(known)

    def text(self, text: str) -> str:
        """`text` without secrets; where several overlap, one mask covers them all."""
        needles = self._needles_for(ENCODED_PERCENT in text)
        spans = [span for needle in needles for span in _occurrences(needle, text)]
        words = [word for word in self._words if word in text]
        if words:
            # Longer words first, or a shorter one that begins like it would win and then fail.
            choices = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
            pattern = re.compile(rf"(?<![^\W_])(?:{choices})(?![^\W_])")
            spans += (match.span() for match in pattern.finditer(text))
        return _masked(text, sorted(spans)) if spans else text

    def body(self, body: bytes) -> bytes:
        """Bytes as they were received, without secrets; no other byte changes."""
        needles = self._needles_for(ENCODED_PERCENT.encode() in body)
        if not any(octets_of(each) in body for each in (*needles, *self._words)):
            return body
        text = body.decode("utf-8", "surrogateescape")
        return self.text(text).encode("utf-8", "surrogateescape")

    def value(self, value: Json) -> Json:
        """JSON of any depth without secrets, in keys too. Untouched values are not copied."""
        if not self._all or not self._may_stand_in(value):
            return value
        root: dict[str, Json] = {}
        pending: list[tuple[Json, Callable[[Json], None]]] = [(value, partial(setitem, root, ""))]
        while pending:
            each, put = pending.pop()
            match each:
                case str():
                    put(self.text(each))
                case list():
                    items: list[Json] = [None] * len(each)
                    put(items)
                    pending += ((item, partial(setitem, items, at)) for at, item in enumerate(each))
                case dict():
                    members: dict[str, Json] = dict.fromkeys(map(self.text, each))
                    put(members)
                    pending += (
                        (item, partial(setitem, members, self.text(key)))
                        for key, item in each.items()
                    )
                case _:
                    put(each)
        return root[""]

    def finding(self, finding: Finding) -> Finding:
        return replace(
            finding,
            message=self.text(finding.message),
            details=tuple(map(self._detail, finding.details)),
            hint=self.text(finding.hint),
        )

    def report(self, report: Report) -> Report:
        return Report(tuple(map(self.target_report, report.targets)))

    def target_report(self, report: TargetReport) -> TargetReport:
        """A report that may be shown: its target and snapshot are the user's own words."""
        if not self._all:
            return report
        return replace(
            report,
            headline=self.text(report.headline),
            findings=tuple(map(self.finding, report.findings)),
            server=self._server(report.server),
            tools=tuple(map(self._tool, report.tools)),
            next_steps=tuple(map(self.text, report.next_steps)),
            again=self.text(report.again),
            recording=report.recording and self.recording(report.recording),
            others=tuple(map(self.entry_drift, report.others)),
        )

    def comparison(self, comparison: Comparison) -> Comparison:
        """A comparison that may be shown: the names of its sides are the user's own words."""
        if not self._all:
            return comparison
        return replace(
            comparison,
            old=self._source(comparison.old),
            new=self._source(comparison.new),
            headline=self.text(comparison.headline),
            tools=tuple(map(self._tool, comparison.tools)),
            others=tuple(map(self.entry_drift, comparison.others)),
            notes=tuple(map(self.text, comparison.notes)),
            next_steps=tuple(map(self.text, comparison.next_steps)),
            again=self.text(comparison.again),
            recordings=tuple(map(self.recording, comparison.recordings)),
        )

    def entry_drift(self, entry: EntryDrift) -> EntryDrift:
        return replace(
            entry,
            name=self.text(entry.name),
            changes=tuple(map(self._judged, entry.changes)),
            renamed_to=self.text(entry.renamed_to),
            cut=self.text(entry.cut),
        )

    def recording(self, recording: Recording) -> Recording:
        return replace(
            recording,
            transcripts=tuple(map(self.transcript, recording.transcripts)),
            transport_reason=self.text(recording.transport_reason),
            reference=recording.reference and self._reference(recording.reference),
            authorization=recording.authorization and self._authorization(recording.authorization),
        )

    def transcript(self, transcript: Transcript) -> Transcript:
        return replace(
            transcript,
            url=self.text(transcript.url),
            exchanges=tuple(map(self.exchange, transcript.exchanges)),
            certificate=transcript.certificate and self._certificate(transcript.certificate),
            process=transcript.process and self._process(transcript.process),
            noise=tuple(map(self.text, transcript.noise)),
        )

    def exchange(self, exchange: Exchange) -> Exchange:
        failure = exchange.failure
        answer = self.value(exchange.answer)
        asides = (self.value(aside) for aside in exchange.asides)
        return replace(
            exchange,
            url=self.text(exchange.url),
            sent=self.value(exchange.sent),
            headers=tuple((self.text(name), self.text(value)) for name, value in exchange.headers),
            body=self.body(exchange.body),
            answer=answer if isinstance(answer, dict) else None,
            asides=tuple(aside for aside in asides if isinstance(aside, dict)),
            failure=failure and replace(failure, detail=self.text(failure.detail)),
            redirects=tuple(map(self.text, exchange.redirects)),
        )

    @property
    def _all(self) -> tuple[str, ...]:
        return self._needles + self._words

    def _needles_for(self, encoded_percent: bool) -> tuple[str, ...]:
        """Those that may stand in a text: without an encoded percent sign, half of them cannot."""
        return self._needles if encoded_percent else self._common

    def _may_stand_in(self, value: Json) -> bool:
        """A quick look at the whole JSON text. May err, but never by a false no."""
        try:
            text = json.dumps(value, ensure_ascii=False, check_circular=False)
        except RecursionError:
            return True
        needles = self._needles_for(ENCODED_PERCENT in text)
        return any(
            json.dumps(each, ensure_ascii=False)[1:-1] in text for each in (*needles, *self._words)
        )

    def _optional(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def _detail(self, detail: Detail) -> Detail:
        return Detail(
            text=self.text(detail.text),
            subject=self.text(detail.subject),
            pointer=self.text(detail.pointer),
            snapshot=self._optional(detail.snapshot),
            live=self._optional(detail.live),
        )

    def _source(self, source: Source) -> Source:
        return replace(source, detail=self.text(source.detail), problem=self.text(source.problem))

    def _server(self, server: ServerFacts) -> ServerFacts:
        return replace(
            server,
            name=self._optional(server.name),
            version=self._optional(server.version),
            revision=self._optional(server.revision),
            transport_reason=self.text(server.transport_reason),
            url=self._optional(server.url),
            request_id=self._optional(server.request_id),
        )

    def _tool(self, tool: ToolReport) -> ToolReport:
        return replace(
            tool,
            name=self.text(tool.name),
            changes=tuple(map(self._judged, tool.changes)),
            renamed_to=self.text(tool.renamed_to),
            cut=self.text(tool.cut),
            snapshot=self._definition(tool.snapshot),
            live=self._definition(tool.live),
        )

    def _definition(self, definition: dict[str, Json] | None) -> dict[str, Json] | None:
        value = self.value(definition)
        return value if isinstance(value, dict) else None

    def _judged(self, judged: JudgedChange) -> JudgedChange:
        return replace(
            judged,
            change=self._change(judged.change),
            reason=self.text(judged.reason),
            witness=judged.witness and self._witness(judged.witness),
        )

    def _witness(self, witness: Witness) -> Witness:
        value, refusal = self.value(witness.value), self.text(witness.refusal)
        return replace(witness, value=value, refusal=refusal)

    def _change(self, change: Change) -> Change:
        return replace(
            change,
            name=self.text(change.name),
            pointer=self.text(change.pointer),
            snapshot=self.value(change.snapshot),
            live=self.value(change.live),
            renamed_to=self.text(change.renamed_to),
        )

    def _authorization(self, known: Authorization) -> Authorization:
        return replace(
            known,
            resource_metadata=self._optional(known.resource_metadata),
            resource=self._optional(known.resource),
            authorization_servers=tuple(map(self.text, known.authorization_servers)),
            server_metadata=self._optional(known.server_metadata),
            token_endpoint=self._optional(known.token_endpoint),
            scopes_offered=tuple(map(self.text, known.scopes_offered)),
            scopes_wanted=tuple(map(self.text, known.scopes_wanted)),
            scopes_held=known.scopes_held and tuple(map(self.text, known.scopes_held)),
            audience=tuple(map(self.text, known.audience)),
            error=self.text(known.error),
            problem=self.text(known.problem),
            metadata_problem=self.text(known.metadata_problem),
        )

    def _certificate(self, certificate: Certificate) -> Certificate:
        return replace(
            certificate,
            subject=self.text(certificate.subject),
            issuer=self.text(certificate.issuer),
            problem=self.text(certificate.problem),
        )

    def _process(self, process: ProcessEnd) -> ProcessEnd:
        return replace(process, stderr=tuple(map(self.text, process.stderr)))

    def _reference(self, reference: ReferenceTools) -> ReferenceTools:
        tools = reference.tools
        return replace(
            reference,
            tools=None if tools is None else tuple(map(self.text, tools)),
            problem=self.text(reference.problem),
            log=tuple(map(self.text, reference.log)),
        )


def without_echoes(
    recording: Recording,
    credentials: Sequence[Credential],
    of_calls: Sequence[Credential] = (),
) -> Recording:
    """The recording with the credentials named that came back in it, and taken out.

    They are gone before anything is judged or shortened: half a credential is found by nobody.
    Those `of_calls`, which golden calls send, are named and left: an argument may well be what is
    judged, and who judges calls hides it before it is shortened.
    """
    if not credentials and not of_calls:
        return recording
    sought = tuple(dict.fromkeys((*credentials, *of_calls)))
    marked = (
        replace(
            transcript,
            exchanges=tuple(
                replace(
                    exchange,
                    echoes=echoes(
                        _texts_of(exchange), sought if exchange.step is Step.CALL else credentials
                    ),
                )
                for exchange in transcript.exchanges
            ),
        )
        for transcript in recording.transcripts
    )
    redactor = Redactor(secrets_of(credentials))
    return redactor.recording(replace(recording, transcripts=tuple(marked)))


def _texts_of(exchange: Exchange) -> Iterator[str | bytes]:
    yield exchange.body
    yield from exchange.redirects
    yield from (value for _, value in exchange.headers)
    if exchange.answer is not None:
        yield canonical_text(exchange.answer)


def echoes(texts: Iterable[str | bytes], credentials: Iterable[Credential]) -> tuple[str, ...]:
    """The names of the unmistakable credentials that stand in `texts`, each once.

    JSON may spell a character in ways that a search of its text does not know: give the
    strings of a parsed answer beside its raw body.
    """
    held = tuple(texts)
    names: dict[str, None] = {}
    for credential in credentials:
        if not credential.unmistakable or credential.name in names:
            continue
        spelled = spellings(credential.value)
        if any(_holds_one(text, spelled) for text in held):
            names[credential.name] = None
    return tuple(names)


def _holds_one(text: str | bytes, spelled: Iterable[str]) -> bool:
    likely = [each for each in spelled if len(each) >= ANYWHERE]
    if not _holds(text, ENCODED_PERCENT):
        likely = [each for each in likely if ENCODED_PERCENT not in each]
    return any(_holds(text, each) for each in likely)


def _holds(text: str | bytes, spelling: str) -> bool:
    return octets_of(spelling) in text if isinstance(text, bytes) else spelling in text


def _occurrences(needle: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(needle)
    while start >= 0:
        end = start + len(needle)
        yield start, end
        start = text.find(needle, end)


def _masked(text: str, spans: list[tuple[int, int]]) -> str:
    pieces: list[str] = []
    copied = 0
    for start, end in spans:
        if start >= copied:
            pieces += (text[copied:start], MASK)
        copied = max(copied, end)
    pieces.append(text[copied:])
    return "".join(pieces)
