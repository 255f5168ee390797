"""The documents and recipes as tests read them: commands, headings, links and generated parts.

Markdown is read by markdown-it-py, YAML by PyYAML, and shell by shlex: what a document says is
taken from what a reader of its format would see, not from its lines.
"""

import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import typer
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mcpverify.cli.app import COMMANDS, app_with
from mcpverify.cli.invocation import Invocation

CHECKOUT = Path(__file__).parents[1]
_MARKDOWN = MarkdownIt("commonmark").enable("table")
_SHELLS = {"sh", "bash", "shell", "console"}
_RECIPES = CHECKOUT / "recipes"
# What may stand before our name on a command line, besides settings of variables.
_BEFORE = {"uvx", "run", "pipx", "if", "!", "then", "do", "else", "exec", "time", "while", "until"}
_HOLE = re.compile(r"\$?\{\{.*?\}\}")  # of GitHub, GitLab and Helm
# What stands for any number of words: an ellipsis, or a list of the shell.
_SEVERAL = re.compile(r"(\.\.\.|…|ARGS\.\.\.)\Z|\$\{?\w*(@|\[@\])")
_OPERATOR = re.compile(r"[();<>|&]+\Z")


def documents() -> list[Path]:
    """All that people read: README, CONTRIBUTING, CHANGELOG, docs and the index of the recipes."""
    top = [CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*top, *sorted((CHECKOUT / "docs").glob("*.md")), *sorted(_RECIPES.rglob("*.md"))]


def recipes() -> list[Path]:
    """All that people copy, and the Action that they use."""
    copied = [path for path in _RECIPES.rglob("*") if path.is_file() and path.suffix != ".md"]
    scripts = (CHECKOUT / "docs" / "examples").glob("*.sh")
    return sorted([*CHECKOUT.glob("action.yml"), *scripts, *filter(_is_text, copied)])


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def text_of(name: str) -> str:
    """A document by its path in the repository."""
    return (CHECKOUT / name).read_text(encoding="utf-8")


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks in these languages."""
    return [
        token.content
        for token in _MARKDOWN.parse(text)
        if token.type == "fence" and token.info.strip() in languages
    ]


def tables(text: str) -> list[list[str]]:
    """The rows of each table, as written."""
    lines = text.splitlines()
    spans = [token.map for token in _MARKDOWN.parse(text) if token.type == "table_open"]
    return [lines[span[0] : span[1]] for span in spans if span is not None]


# -- generated parts


@cache
def generator() -> ModuleType:
    """docs/generate.py, loaded as `python docs/generate.py` does, so that it finds its neighbor."""
    sys.path.insert(0, str(CHECKOUT / "docs"))
    try:
        spec = importlib.util.spec_from_file_location("generate", CHECKOUT / "docs" / "generate.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["generate"] = module
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(CHECKOUT / "docs"))


# -- links


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads: `path` and `anchor` as written, either may be ""."""

    path: str
    anchor: str

    @property
    def is_external(self) -> bool:
        return ":" in self.path

    @property
    def href(self) -> str:
        return f"{self.path}#{self.anchor}" if self.anchor else self.path


def links(text: str) -> list[Link]:
    """Every link and picture of a document."""
    found = []
    for token in _inline(text):
        href = token.attrGet("href") if token.type == "link_open" else token.attrGet("src")
        if href is not None:
            path, _, anchor = str(href).partition("#")
            found.append(Link(path, anchor))
    return found


def anchors(text: str) -> set[str]:
    """What a link can lead to inside of a document, by the rules of GitHub."""
    slugs: list[str] = []
    tokens = _MARKDOWN.parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        words = "".join(
            each.content
            for each in inline.children or []
            if each.type in ("text", "code_inline", "softbreak")
        )
        slugs.append(_slug(words, slugs))
    return set(slugs) | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def _slug(heading: str, taken: list[str]) -> str:
    slug = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
    numbered, number = slug, 0
    while numbered in taken:
        number += 1
        numbered = f"{slug}-{number}"
    return numbered


def _inline(text: str) -> Iterator[Token]:
    for token in _MARKDOWN.parse(text):
        yield from token.children or []


# -- commands


def commands_of(path: Path) -> list[str]:
    """Every command line of ours in a document or a recipe, each once."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        found = _in_markdown(text)
    elif path.suffix in (".yml", ".yaml"):
        found = _in_yaml(text)
    else:
        found = _in_shell(text)
    return list(dict.fromkeys(shlex.join(words) for words in found))


def commands_in(text: str) -> list[str]:
    """Every command line of ours in a Markdown text, in its order."""
    return [shlex.join(words) for words in _in_markdown(text)]


def _in_markdown(text: str) -> Iterator[list[str]]:
    for token in _MARKDOWN.parse(text):
        if token.type == "fence" and token.info.strip() in _SHELLS:
            yield from _in_shell(token.content)
        elif token.type == "fence" and token.info.strip() in ("yaml", "yml"):
            yield from _in_yaml(token.content)
        for child in token.children or []:
            if child.type == "code_inline" and child.content.startswith("mcpverify "):
                yield from _in_shell(child.content)


def _in_yaml(text: str) -> Iterator[list[str]]:
    for document in yaml.safe_load_all(_HOLE.sub("1", text)):
        yield from _in_value(document)


def _in_value(value: Any) -> Iterator[list[str]]:
    match value:
        case str():
            yield from _in_shell(value)
        case list():
            if value[:1] == ["mcpverify"] and value[1:]:
                yield from _in_words([str(word) for word in value])
                return
            for each in value:
                yield from _in_value(each)
        case dict():
            rest = dict(value)
            if rest.get("command") == ["mcpverify"] and isinstance(rest.get("args"), list):
                yield from _in_words(["mcpverify", *map(str, rest.pop("args"))])
            for each in rest.values():
                yield from _in_value(each)


def _in_shell(script: str) -> Iterator[list[str]]:
    script = _HOLE.sub("1", script).replace("\\\n", " ")
    for inner in re.findall(r"\$\(([^()]*mcpverify[^()]*)\)", script):
        yield from _in_shell(inner)
    pending = ""
    for line in script.splitlines():
        if not pending and line.lstrip().startswith("#"):
            continue
        pending += line
        tokens = _lexed(pending) or _lexed(pending.partition(" #")[0])
        if tokens is None:  # a quotation that goes on in the next line
            pending += "\n"
            continue
        pending = ""
        words: list[str] = []
        for token in [*tokens, ";"]:
            if _OPERATOR.match(token) or token.startswith("#"):
                redirects = token[0] in "<>" and words and words[-1].isdigit()
                yield from _in_words(words[:-1] if redirects else words)
                words = []
                if token.startswith("#"):
                    break
            else:
                words.append(token)


def _lexed(text: str) -> list[str] | None:
    """The words and operators of a line of shell; None where a quotation does not end."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:
        return None


def _in_words(words: list[str]) -> Iterator[list[str]]:
    """The command of ours that begins among `words`, if one does, or is one of them as a whole."""
    for index, word in enumerate(words):
        if re.match(rf"\s*mcpverify ({'|'.join(COMMANDS)}) ", word):
            yield from _in_shell(word)
            continue
        if not re.fullmatch(r"(?:.*/)?mcpverify(?:@[\w.]+)?", word) or index + 1 == len(words):
            continue
        alone = all(each in _BEFORE or re.match(r"\w+=", each) for each in words[:index])
        following = words[index + 1]
        if alone or following in COMMANDS:
            arguments = [each for each in words[index + 1 :] if not _SEVERAL.match(each)]
            yield ["mcpverify", *arguments]
            return


def understood(line: str) -> Invocation:
    """A command line of a document as our own command line reads it. Raises where it does not."""
    invocation = Invocation.of(shlex.split(line)[1:])
    name, *arguments = invocation.arguments
    app: Any = typer.main.get_command(app_with(COMMANDS))
    if name.startswith("-"):
        app.make_context("mcpverify", [name, *arguments], resilient_parsing=True)
    else:
        app.commands[name].make_context(name, arguments, obj=invocation)
    return invocation


def values_of(invocation: Invocation, flag: str) -> list[str]:
    """The values that a flag is given."""
    words = invocation.arguments
    spaced = [words[at + 1] for at, word in enumerate(words[:-1]) if word == flag]
    joined = [word.partition("=")[2] for word in words if word.startswith(f"{flag}=")]
    return [*spaced, *joined]


def _is_text(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True
