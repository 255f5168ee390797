"""What a call sent and what came back, on one short line."""

import json

from mcpverify.facts.call_text import call_text, witness_text
from mcpverify.facts.compatibility import Side, Witness
from mcpverify.facts.credentials import masked_arguments
from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.json_text import Json, NotJson, parse

MOST = 80  # characters


def called(call: GoldenCall) -> str:
    """`tool({...})`, with a mask for each argument that looks like a secret."""
    masked = masked_arguments(json.dumps(call.arguments))
    try:
        arguments = parse(masked, trusted=True)
    except NotJson:
        arguments = masked  # a mask alone: nobody knows what it was
    return call_text(call.tool, Witness(Side.INPUT, arguments, ""), MOST)


def excerpt(value: Json) -> str:
    """`value` as JSON, cut where it is long."""
    if isinstance(value, str):
        return json.dumps(shortened(value), ensure_ascii=False)
    return shortened(witness_text(Witness(Side.OUTPUT, value, ""), MOST))


def shortened(text: str) -> str:
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
