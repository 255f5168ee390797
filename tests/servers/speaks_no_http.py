"""Is not an HTTP server at all: it closes, or says something in another protocol."""

from tests.servers.raw_http import RawServer, Request, Wire

GREETINGS = {
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "smtp": b"220 mail.example.com ESMTP\r\n",
    "binary": bytes(range(256)) * 16,
    "tls-alert": b"\x15\x03\x01\x00\x02\x02\x28",
    "http2": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00",
    "old-http": b"<html>an answer without a status line</html>",
    "bad-status": b"HTTP/1.1 nine hundred\r\n\r\n",
    "bad-header": b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
    "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nhello",
    "negative-length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhello",
    "bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    "endless-continue": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000,
}


def serve(kind: str = "ssh", at_once: bool = False, stays: bool = False) -> RawServer:
    """`at_once` sends the greeting on accept, before anything is read; `stays` then waits."""

    def greet(wire: Wire) -> bool:
        wire.send(GREETINGS[kind])
        return True

    def answer(request: Request, wire: Wire) -> bool:
        if not at_once:
            wire.send(GREETINGS[kind])
        if stays:
            wire.hold()
        return False

    return RawServer(answer, on_connect=greet if at_once else None)


def serve_closing(how: str = "accept") -> RawServer:
    """`how`: accept (closed before anything is read), reset (likewise, RST), request."""

    def close(wire: Wire) -> bool:
        if how == "reset":
            wire.reset()
        return False

    def answer(request: Request, wire: Wire) -> bool:
        return False

    return RawServer(answer, on_connect=None if how == "request" else close)
