"""What a call sent and what came back, on one short line, and nothing of a secret in it.

Secrets are hidden before anything is cut: half of one is found by nobody afterwards.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.compatibility import Side, Witness
from mcpverify.facts.credentials import masked_arguments, secrets_of
from mcpverify.facts.golden_call import GoldenCall, credentials_of_calls
from mcpverify.facts.json_text import Json, NotJson, parse
from mcpverify.facts.redaction import Redactor

MOST = 80  # characters


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Shows values without the secrets that `redactor` knows."""

    redactor: Redactor = Redactor(())

    def called(self, call: GoldenCall) -> str:
        """`tool({...})`, with a mask for each argument that is a secret."""
        masked = masked_arguments(json.dumps(self.redactor.value(call.arguments)))
        try:
            arguments = parse(masked, trusted=True)
        except NotJson:
            arguments = masked  # a mask alone: nobody knows what it was
        return call_text(call.tool, Witness(Side.INPUT, arguments, ""), MOST)

    def value(self, value: Json) -> str:
        """`value` as JSON, cut where it is long."""
        if isinstance(value, str):
            return json.dumps(self.text(value), ensure_ascii=False)
        shown = self.redactor.value(value)
        return _cut(witness_text(Witness(Side.OUTPUT, shown, ""), MOST))

    def text(self, text: str) -> str:
        return _cut(self.redactor.text(text))


def excerpts_for(calls: Iterable[GoldenCall]) -> Excerpts:
    """Excerpts of what these calls bring: the secret of one may come back from another."""
    return Excerpts(Redactor(secrets_of(credentials_of_calls(calls))))


def _cut(text: str) -> str:
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
