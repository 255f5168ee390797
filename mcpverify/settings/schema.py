"""mcpverify.schema.json: what a configuration may hold, for us, for editors and for the reference.

It is JSON Schema 2020-12, and titles in it are phrases that complete "must be ...": what the
validator objects to is told with them.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from mcpverify.settings.places import Key
from mcpverify.settings.problem import Problem, nearest

_ELSEWHERE: Final = {
    "args": "command", "cacert": "tls", "cert": "tls", "cwd": "directory", "env": "environment",
    "header": "headers", "health-json": "health", "ignore-field": "ignore", "insecure": "tls",
    "key": "tls", "oauth-client-id": "oauth", "oauth-issuer": "oauth", "oauth-key": "oauth",
    "oauth-scope": "oauth", "oauth-secret-env": "oauth", "replica": "replicas",
}  # fmt: skip
"""What people know by the name of a flag, or from other files, and the key that it has here."""

_KINDS: Final = ((dict, "a table"), (list, "a list"), (str, "a text"), (int | float, "a number"))


@cache
def schema() -> dict[str, Any]:
    """The schema as it stands in the file."""
    text = files(__package__).joinpath("mcpverify.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def part(name: str) -> dict[str, Any]:
    """One of its $defs with no references left in it, and the ids of checks as in the file."""
    found: dict[str, Any] = resolved({"$ref": f"#/$defs/{name}"}, schema()["$defs"])
    return found


def resolved(node: Any, parts: dict[str, Any]) -> Any:
    """`node` without references: to follow them costs more than all else."""
    if isinstance(node, list):
        return [resolved(each, parts) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {key: resolved(value, parts) for key, value in node.items() if key != "$ref"}
    if "$ref" in node:
        target: Any = {"$defs": parts}
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        plain = {**resolved(target, parts), **plain}
    return plain


def objections(document: dict[str, Any], checks: Sequence[str]) -> Iterator[Problem]:
    """What the schema has against a document whose keys are spelled with hyphens.

    `checks` are the ids of all checks that there are.
    """
    for error in _validator(tuple(checks)).iter_errors(document):
        yield from _problems(error)


@cache
def _validator(checks: tuple[str, ...]) -> Any:
    # The import takes a tenth of a second: only who has a configuration pays for it.
    from jsonschema import Draft202012Validator

    parts = {**schema()["$defs"]}
    if checks:
        parts["check"] = {**parts["check"], "enum": list(checks)}
    whole = {key: value for key, value in schema().items() if key != "$defs"}
    return Draft202012Validator(resolved(whole, parts))


def _problems(error: Any) -> Iterator[Problem]:
    key: Key = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = list(error.schema["properties"])
        for name in error.instance:
            if name not in known:
                yield Problem((*key, name), _unknown(key, name, known))
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield Problem(key, f"{name} is missing")
    elif "propertyNames" in error.absolute_schema_path:
        if "enum" in error.schema or key == ("targets",):
            yield Problem((*key, error.instance), _expected(error))
        else:
            # What was to be a name may be a credential.
            yield Problem(key, f"each name must be {error.schema['title']}", (error.instance,))
    elif error.validator == "minProperties":
        yield Problem(key, "it is empty")
    else:
        yield Problem(key, _expected(error))


def _unknown(key: Key, name: str, known: Sequence[str]) -> str:
    if not key and name in schema()["$defs"]["target"]["properties"]:
        return "no such key here: it goes into a [targets.NAME], or into [defaults]"
    if key == ("defaults",) and name in schema()["$defs"]["target"]["properties"]:
        return "no such key here: only a target of its own has it"
    if name in _ELSEWHERE and _ELSEWHERE[name] in known:
        return f"no such key; did you mean {_ELSEWHERE[name]}?"
    return f"no such key{nearest(name, known) or '; allowed are ' + ', '.join(known)}"


def _expected(error: Any) -> str:
    allowed = error.schema.get("enum")
    title = error.schema["title"]
    shown = _shown(error.instance, error.schema)
    if allowed is None:
        return f"must be {title}, not {shown}"
    if not isinstance(error.instance, str):
        return f"must be one of {', '.join(allowed)}, not {shown}"
    near = nearest(error.instance, allowed)
    return f"{shown} is none of {', '.join(allowed)}{near}"


def _shown(value: Any, rule: dict[str, Any]) -> str:
    """A value, where it can be no credential; else what kind of value it is."""
    words = "enum" in rule or rule["title"].startswith(("a duration", "a name of letters"))
    match value:
        case "" | []:
            return "an empty one"
        case str() if words:
            return json.dumps(value if len(value) <= 60 else f"{value[:60]}…", ensure_ascii=False)
        case bool():
            return "true" if value else "false"
        case int() | float() if "minimum" in rule or "maximum" in rule:
            return str(value)
        case _:
            return next((word for kind, word in _KINDS if isinstance(value, kind)), "a date")
