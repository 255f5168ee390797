"""Answers in time, as JSON, but not with the JSON-RPC response that was asked for."""

from typing import Any

from tests.servers import honest
from tests.servers.honest import Call, dumps
from tests.servers.raw_http import RawServer


def serve(how: str = "other-id", at: str = "tools/list", **options: Any) -> RawServer:
    def answer(call: Call) -> bytes:
        return call.body(dumps(_message(how, call.message(result=call.result), call)))

    return honest.serve({at: answer}, **options)


KINDS = (
    "other-id",
    "id-as-text",
    "no-id",
    "null-id",
    "result-and-error",
    "neither",
    "error-is-text",
    "error-without-code",
    "no-jsonrpc",
    "batch",
    "echo",
    "result-is-null",
    "result-is-list",
    "result-is-text",
    "text",
    "null",
)


def _message(how: str, right: dict[str, Any], call: Call) -> Any:
    error = {"code": -32603, "message": "and an error"}
    match how:
        case "other-id":
            return right | {"id": 987_654}
        case "id-as-text":
            return right | {"id": f"{call.id}"}
        case "no-id":
            return {key: value for key, value in right.items() if key != "id"}
        case "null-id":
            return right | {"id": None}
        case "result-and-error":
            return right | {"error": error}
        case "neither":
            return {"jsonrpc": "2.0", "id": call.id}
        case "error-is-text":
            return {"jsonrpc": "2.0", "id": call.id, "error": "it failed"}
        case "error-without-code":
            return {"jsonrpc": "2.0", "id": call.id, "error": {"message": "it failed"}}
        case "no-jsonrpc":
            return {key: value for key, value in right.items() if key != "jsonrpc"}
        case "batch":
            return [right, right]
        case "echo":
            return call.request.message
        case "result-is-null":
            return right | {"result": None}
        case "result-is-list":
            return right | {"result": [right["result"]]}
        case "result-is-text":
            return right | {"result": "done"}
        case "text":
            return "done"
        case "null":
            return None
    raise ValueError(how)
