"""Sends a few megabytes that decompress to gigabytes, or an encoding nobody knows."""

import zlib
from typing import Any

from tests.servers import honest
from tests.servers.honest import Call
from tests.servers.raw_http import RawServer, response

ENCODINGS = ("gzip", "gzip, gzip", "deflate", "x-unknown")


def serve(encoding: str = "gzip", at: str = "tools/list", **options: Any) -> RawServer:
    def bomb(call: Call) -> bytes:
        headers = (("Content-Encoding", encoding),)
        body = zlib.compress(call.honest) if encoding == "x-unknown" else _bomb(encoding)
        return response(200, body, "application/json", headers)

    return honest.serve({at: bomb}, **options)


def _bomb(encoding: str, gibibytes: int = 2) -> bytes:
    bits = zlib.MAX_WBITS if encoding == "deflate" else zlib.MAX_WBITS | 16
    packer = zlib.compressobj(9, wbits=bits)
    start = packer.compress(b'{"jsonrpc":"2.0","id":1,"result":"') + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers back: the same piece can be repeated as it is.
    piece = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb = start + piece * (1024 * gibibytes) + packer.flush()
    return _packed(bomb) if encoding == "gzip, gzip" else bomb


def _packed(data: bytes) -> bytes:
    packer = zlib.compressobj(6, wbits=zlib.MAX_WBITS | 16)
    return packer.compress(data) + packer.flush()
