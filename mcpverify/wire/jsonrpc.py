"""JSON-RPC 2.0 messages: building ours, sorting theirs.

https://www.jsonrpc.org/specification
"""

from enum import StrEnum

from mcpverify.facts.json_text import Json, NotJson, parse
from mcpverify.facts.transcript import FailureKind
from mcpverify.wire.deadline import broken

Message = dict[str, Json]

METHOD_NOT_FOUND = -32601


class MessageKind(StrEnum):
    RESPONSE = "response"
    REQUEST = "request"
    NOTIFICATION = "notification"


def request(request_id: int, method: str, params: Message | None = None) -> Message:
    message: Message = {"jsonrpc": "2.0", "id": request_id, "method": method}
    return message | ({"params": params} if params is not None else {})


def notification(method: str, params: Message | None = None) -> Message:
    message: Message = {"jsonrpc": "2.0", "method": method}
    return message | ({"params": params} if params is not None else {})


def reply_to(server_request: Message) -> Message:
    """Our answer to a request of the server: ping is answered, all else refused."""
    answer: Message = {"jsonrpc": "2.0", "id": server_request.get("id")}
    if server_request.get("method") == "ping":
        return answer | {"result": {}}
    text = "this client offers no such method"
    return answer | {"error": {"code": METHOD_NOT_FOUND, "message": text}}


def messages_in(text: bytes, *, batches: bool = False) -> list[Message]:
    """The messages in one JSON text: one, or the members of a batch where those are allowed.

    Raises Broken: bad-json, or bad-message where a member is no JSON-RPC message.
    """
    try:
        value = parse(text)
    except NotJson as error:
        raise broken(FailureKind.BAD_JSON, f"the answer is not usable JSON: {error}") from None
    members = value if batches and isinstance(value, list) else [value]
    for member in members:
        problem = problem_of(member)
        if problem:
            raise broken(FailureKind.BAD_MESSAGE, f"the answer is no JSON-RPC message: {problem}")
    return [member for member in members if isinstance(member, dict)]


def problem_of(value: Json) -> str:
    """What makes `value` no JSON-RPC 2.0 message, or ""."""
    if not isinstance(value, dict):
        return f"it is {_article(value)}, not an object"
    if value.get("jsonrpc") != "2.0":
        return 'it lacks "jsonrpc": "2.0"'
    if "method" in value:
        return "" if isinstance(value["method"], str) else "its method is no string"
    if "result" in value and "error" in value:
        return "it has both a result and an error"
    if "result" not in value and "error" not in value:
        return "it has neither a result nor an error"
    error = value.get("error")
    if "error" in value and not (
        isinstance(error, dict)
        and isinstance(error.get("code"), int)
        and not isinstance(error.get("code"), bool)
        and isinstance(error.get("message"), str)
    ):
        return "its error lacks an integer code or a message"
    return "" if "id" in value else "it has no id"


def kind_of(message: Message) -> MessageKind:
    """The kind of a message in which `problem_of` found nothing."""
    if "method" not in message:
        return MessageKind.RESPONSE
    return MessageKind.REQUEST if "id" in message else MessageKind.NOTIFICATION


def answers(message: Message, request_id: Json) -> bool:
    """Whether `message` is the response to our request. 1, "1" and true are three ids."""
    got = message.get("id")
    return (
        kind_of(message) is MessageKind.RESPONSE and type(got) is type(request_id)
    ) and got == request_id


def _article(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case _:
            return "an array"
