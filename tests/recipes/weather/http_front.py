"""HTTP for the weather server: whoever does not show the token gets 401."""

import os
from typing import Any

import uvicorn

_EXPECTED = f"Bearer {os.environ['SERVED_TOKEN']}".encode()
_REFUSAL = [(b"content-type", b"text/plain"), (b"www-authenticate", b"Bearer")]


def serve(app: Any, port: int) -> None:
    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and dict(scope["headers"]).get(b"authorization") != _EXPECTED:
            await send({"type": "http.response.start", "status": 401, "headers": _REFUSAL})
            await send({"type": "http.response.body", "body": b"who are you?"})
            return
        await app(scope, receive, send)

    uvicorn.run(guarded, host="127.0.0.1", port=port, log_level="warning")
