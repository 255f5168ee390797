"""A recipe with the values of one server in place of the example's."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

_URL = "https://mcp.example.com/mcp"
_SNAPSHOT = "snapshots/weather.json"
_COMMAND = "python -m weather_server"
_TOKEN = "MCP_TOKEN"
_TOKEN_FLAG = f"--bearer-env {_TOKEN}"
_TAG = "deployed"
# As git reads it in the recipes: a ref, a part of a revision, and what `git tag` is given; and as
# people are told of it.
_TAGGED = re.compile(rf"(git:|refs/tags/|\btag (?:-f )?|[\"'`]){_TAG}(?=[:\^\s`])")
_DEPLOYS = re.compile(r"""\./deploy\.sh (?:COMMIT|"\$\w+")""")
_ILLEGAL_IN_TAG = re.compile(r"\.\.|\.lock\Z|\.\Z")


@dataclass(frozen=True, slots=True)
class Served:
    """One server, as its jobs have to know it: words that neither YAML nor a shell reads otherwise.

    `slug` tells it from the others; `url` or `command` is "" where there is none. `reach` are the
    options that connect to the URL, and `variables` the environment variables these name. `alone`
    says that no other server has jobs here, so that names need not tell them apart.
    """

    slug: str
    snapshot: str
    url: str = ""
    command: str = ""
    reach: str = ""
    variables: tuple[str, ...] = ()
    alone: bool = True

    @property
    def suffix(self) -> str:
        return "" if self.alone else f"-{self.slug}"

    @property
    def tag(self) -> str:
        """The tag that marks its deployed commit; git allows less in one than a slug may hold."""
        plain = f"{_TAG}{self.suffix}"
        legal = _ILLEGAL_IN_TAG.sub("-", plain)
        mark = sha256(self.slug.encode()).hexdigest()[:8]
        return plain if legal == plain else f"{legal}-{mark}"


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file of a CI job, as it is to be written. `about` are words that one of ours holds."""

    path: str
    text: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """The text of one: blocks, which begin at the left margin after an empty line."""

    text: str

    @classmethod
    def of(cls, path: str) -> "Recipe":
        """The recipe at `path` below recipes/: in this package, or beside it in a checkout."""
        shipped = files("mcpverify") / "recipes" / path
        if not shipped.is_file():
            shipped = Path(__file__).parents[2] / "recipes" / path
        return cls(shipped.read_text(encoding="utf-8"))

    def serving(self, server: Served) -> "Recipe":
        """With the values of `server`, as far as it has them."""
        text = self.text.replace(_SNAPSHOT, server.snapshot)
        if server.command:
            text = text.replace(_COMMAND, server.command)
        if server.url:
            text = text.replace(_URL, server.url)
        text = _with_credentials(text, server.reach, server.variables)
        if not server.alone:
            text = _TAGGED.sub(lambda found: f"{found[1]}{server.tag}", text)
            # Else the roll-back of one server would take all others back.
            text = _DEPLOYS.sub(lambda found: f"{found[0]} {server.slug}", text)
        return Recipe(text)

    def file(self, path: str, server: Served) -> JobFile:
        """The file at `path` that holds it."""
        about = (word for word in (server.snapshot, server.url) if word and word in self.text)
        return JobFile(path, self.text, tuple(about))

    def without(self, *keys: str) -> "Recipe":
        """Without the blocks of these keys, and the comments above them."""
        return self._mapped(lambda key, block: "" if key in keys else block)

    def only(self, *keys: str) -> "Recipe":
        """The blocks of these keys, and the comments above them."""
        return self._mapped(lambda key, block: block if key in keys else "")

    def renamed(self, suffix: str, *keys: str) -> "Recipe":
        """With `suffix` at the end of these keys."""
        return self._mapped(
            lambda key, block: (
                re.sub(rf"(?m)^{re.escape(key)}:", f"{key}{suffix}:", block, count=1)
                if key in keys
                else block
            )
        )

    def replaced(self, *pairs: tuple[str, str]) -> "Recipe":
        """With each first text replaced by the second."""
        text = self.text
        for old, new in pairs:
            text = text.replace(old, new)
        return replace(self, text=text)

    def _mapped(self, change: Callable[[str, str], str]) -> "Recipe":
        blocks = re.split(r"\n\n+(?=\S)", self.text.rstrip("\n"))
        changed = [change(_key(block), block) for block in blocks]
        return Recipe("\n\n".join(block for block in changed if block) + "\n")


def _key(block: str) -> str:
    found = re.search(r"(?m)^([^\s#][^:\n]*):", block)
    return found[1] if found else ""


def _with_credentials(text: str, reach: str, variables: tuple[str, ...]) -> str:
    """With the options and variables of a server in place of the token; none at all will do."""
    text = text.replace(f" {_TOKEN_FLAG}", f" {reach}" if reach else "")
    if variables:
        secret = re.compile(rf"( *){_TOKEN}(: *\S+ secrets\.){_TOKEN}( .*\n)")
        text = secret.sub(
            lambda line: "".join(f"{line[1]}{name}{line[2]}{name}{line[3]}" for name in variables),
            text,
        )
        # What is left of it stands in comments.
        return re.sub(rf"\b{_TOKEN}\b", " and ".join(variables), text)
    text = re.sub(rf"(?m)^ *env:\n *{_TOKEN}: .*\n(?! *[A-Z_]+: )", "", text)
    text = re.sub(rf"(?m)^ *{_TOKEN}: .*\n", "", text)
    text = re.sub(rf"\bholds {_TOKEN}, and ", "", text)
    return re.sub(rf"(?m)^#.*\b{_TOKEN}: .*\n", "", text)
