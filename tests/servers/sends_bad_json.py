"""Answers with text that is no JSON, or JSON that cannot be held without loss."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer

_SCHEMA = b'{"type":"object","properties":{"a":{"type":"number","maximum":%b}}}'

FLAWS: dict[str, bytes] = {
    "deep": b"[" * 200_000 + b"]" * 200_000,
    "deep-objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "unclosed-deep": b"[" * 200_000,
    "long-number": _SCHEMA % (b"9" * 100_000),
    "long-fraction": _SCHEMA % (b"0." + b"1" * 100_000),
    "long-exponent": _SCHEMA % (b"1e" + b"9" * 100_000),
    "nan": _SCHEMA % b"NaN",
    "infinity": _SCHEMA % b"Infinity",
    "minus-infinity": _SCHEMA % b"-Infinity",
    "overflow": _SCHEMA % b"1e99999",
    "invalid-utf8": _SCHEMA % b'"\xff\xfe\xc3("',
    "overlong-utf8": _SCHEMA % b'"\xc0\xaf"',
    "utf8-surrogate": _SCHEMA % b'"\xed\xa0\x80"',
    "lone-surrogate": _SCHEMA % b'"\\ud800"',
    "single-quotes": b"{'type': 'object'}",
    "trailing-comma": b'{"type":"object",}',
    "python": b'{"type":"object","nullable":True}',
    "control-character": b'{"type":"object","title":"a\x01b"}',
    "duplicate-keys": b'{"type":"object","type":"string"}',
}


def serve(flaw: str = "nan", at: str = "tools/list", **options: Any) -> RawServer:
    """The flaw is in an inputSchema of the tools, and in the whole result at other steps."""

    def answer(call: Call) -> bytes:
        if call.result is None:
            return call.honest
        text = FLAWS[flaw]
        if call.step == "tools/list":
            text = b'{"tools":[{"name":"add","inputSchema":%b}]}' % text
        body = b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (honest.dumps(call.id), text)
        return call.body(body)

    return honest.serve({at: answer}, **options)


def serve_duplicate_tools(**options: Any) -> RawServer:
    """`tools` stands twice in one result: parsers disagree on which of them counts."""

    def answer(call: Call) -> bytes:
        first = honest.dumps(call.result["tools"])
        text = b'{"jsonrpc":"2.0","id":%b,"result":{"tools":%b,"tools":[]}}'
        return call.body(text % (honest.dumps(call.id), first))

    return honest.serve({"tools/list": answer}, **options)
