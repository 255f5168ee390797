"""Sends JSON that is small on the wire and takes many times as much memory once parsed."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer

_BYTES = 15 * 2**20  # under the cap on one answer


def _repeated(value: bytes) -> bytes:
    return b"[%b0]" % (value * (_BYTES // len(value)))


VALUES = {
    "objects": lambda: _repeated(b"{},"),
    "lists": lambda: _repeated(b"[],"),
    "strings": lambda: _repeated(b'"abc",'),
    "fractions": lambda: _repeated(b"0.1,"),
    "keys": lambda: b'{%b"z":0}' % b"".join(b'"%d":0,' % number for number in range(1_300_000)),
}


def serve(what: str = "objects", **options: Any) -> RawServer:
    """`what` is a key of VALUES: what fills an unknown keyword of an inputSchema."""

    def answer(call: Call) -> bytes:
        text = b'{"jsonrpc":"2.0","id":%b,"result":{"tools":[{"name":"add","inputSchema":%b}]}}'
        return call.body(text % (honest.dumps(call.id), b'{"type":"object","x":%b}' % filler))

    filler = VALUES[what]()
    return honest.serve({"tools/list": answer}, **options)


def serve_tools(count: int = 99_000) -> RawServer:
    """As many of the smallest tools as there can be."""
    tool = b'{"name":"t%d","inputSchema":{"type":"object"}}'
    tools = b",".join(tool % number for number in range(count))

    def answer(call: Call) -> bytes:
        text = b'{"jsonrpc":"2.0","id":%b,"result":{"tools":[%b]}}'
        return call.body(text % (honest.dumps(call.id), tools))

    return honest.serve({"tools/list": answer})
