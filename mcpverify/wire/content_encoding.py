"""Undoing a Content-Encoding within a cap, so that a compression bomb stays small."""

import zlib

from mcpverify.facts.transcript import FailureKind
from mcpverify.wire.deadline import broken

ACCEPTED = "gzip, deflate"


class Decoder:
    """Undoes one Content-Encoding, a bounded amount at a time."""

    def __init__(self, encoding: str, cap: int) -> None:
        encoding = encoding.strip().lower()
        self._cap = cap
        self._total = 0
        match encoding:
            case "" | "identity":
                self._stream = None
            case "gzip" | "x-gzip" | "deflate":
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
            case _:
                detail = f"the answer has Content-Encoding {encoding}, which was not asked for"
                raise broken(FailureKind.BAD_HTTP, detail)

    def __call__(self, raw: bytes) -> bytes:
        if self._stream is None:
            return raw
        try:
            data = self._stream.decompress(raw, self._cap + 1 - self._total)
        except zlib.error as error:
            detail = f"the compressed answer is damaged: {error}"
            raise broken(FailureKind.BAD_HTTP, detail) from None
        self._total += len(data)
        return data

    def finish(self) -> None:
        """Raises Broken where the compressed answer has lost its end."""
        if self._stream is not None and self._total and not self._stream.eof:
            detail = "the compressed answer has lost its end"
            raise broken(FailureKind.TRUNCATED, detail)
