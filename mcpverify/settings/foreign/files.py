"""Which kind of foreign file it is, and the servers in it."""

import os
import re
from typing import Any, Final

from mcpverify.errors import ConfigurationInvalid
from mcpverify.facts.json_text import NotJson, parse
from mcpverify.settings.configuration import Configuration
from mcpverify.settings.foreign.client_file import ClientFile
from mcpverify.settings.foreign.server_json import ServerJson
from mcpverify.settings.text_file import read_text

_DESKTOP: Final = "claude_desktop_config.json"
_PLACE: Final = re.compile(r"It is not JSON: (.*) at line (\d+), column (\d+)\.\Z", re.DOTALL)
# A text, which may hold what looks like a comment; or a comment; or a comma before an end.
_LOOSE: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)


def foreign_file(path: str) -> Configuration:
    """The servers that the file names, in its order. Raises UsageError."""
    text = read_text(path)
    document = _document(path, text)
    if not isinstance(document, dict):
        raise _strange(path)
    if isinstance(document.get("remotes"), list) or isinstance(document.get("packages"), list):
        registered = ServerJson(path, document)
        return Configuration(path, _base(path), registered.names, registered)
    nested = document.get("mcp")
    for holder in (document, nested if isinstance(nested, dict) else {}):
        for key in ("mcpServers", "servers"):
            servers = holder.get(key)
            if isinstance(servers, dict):
                file = ClientFile(path, text, key, servers, _base(path))
                return Configuration(path, _base(path), file.names, file)
    raise _strange(path)


def _strange(path: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(
        f"{path}: it names no servers",
        "Give a file with mcpServers (.mcp.json), servers (.vscode/mcp.json) or remotes "
        "(server.json).",
    )


def _base(path: str) -> str:
    """The folder of the project, as seen from here, in which commands start: "" for here."""
    folder, name = os.path.split(path)
    if name == _DESKTOP:
        return ""  # it belongs to a person, and to no project
    if os.path.basename(os.path.abspath(folder)).startswith("."):
        return os.path.normpath(os.path.join(folder, os.pardir))  # of .vscode, .cursor
    return folder


def _document(path: str, text: str) -> Any:
    try:
        return parse(text, trusted=True)
    except NotJson:
        pass
    try:
        # Editors let people write comments, and a comma after the last item.
        return parse(_without_comments(text), trusted=True)
    except NotJson as error:
        found = _PLACE.match(str(error))
        problem = f"{path}:{found[2]}:{found[3]}: {found[1]}" if found else f"{path}: {error}"
        raise ConfigurationInvalid(problem.rstrip("."), "It is no valid JSON: mend it.") from None


def _without_comments(text: str) -> str:
    """`text` with blanks for comments and needless commas, each at its place."""
    bare = _LOOSE.sub(lambda found: _blank(found[0], comma=False), text)
    return _LOOSE.sub(lambda found: _blank(found[0], comma=True), bare)


def _blank(piece: str, *, comma: bool) -> str:
    if piece.startswith('"') or (piece == "," and not comma):
        return piece
    return re.sub(r"[^\n]", " ", piece)
