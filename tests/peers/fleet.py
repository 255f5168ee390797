"""Ten servers that nobody here wrote, as a team has them: over every transport, two that want a
token, one behind a balancer with a replica that was left behind; and what the team expects.

Four are not as expected: a stale replica, a missing scope, another version, a call that fails.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests import running
from tests.peers.roster import EVERYTHING, PEERS, Mode, Peer
from tests.peers.serving import guarded, serving
from tests.running import Run
from tests.servers.authorization import CLIENT, SCOPES, SECRET, serve_authorization
from tests.servers.balancer import balanced

LISTED, READ = SCOPES
REVIEWED = ("search", "notes", "maps", "files", "clock", "billing", "sums", "weather")
NAMES = (*REVIEWED, "accounts", "prices")

_CONFIGURATION = """
[defaults]
timeout = "20s"
fail-on = "any"

[targets.search]
url = "{search}"
transport = "sse"

[targets.notes]
url = "{notes}"
keep-session = true  # a DELETE brings this release down

[targets.maps]
url = "{maps}"

[targets.files]
url = "{files}"
[[targets.files.calls]]
tool = "greet"
arguments = {{ name = "Ada" }}
mutates = true
expect = [{{ matches = "^Hello, Ada" }}]

[targets.clock]
command = [{clock}]

[targets.billing]
url = "{billing}"
expect-version = "2.4.1"

[targets.sums]
{sums}
[[targets.sums.calls]]
tool = "{adding}"
arguments = {{ a = 2, b = 3 }}
mutates = true
expect = [{{ matches = "\\\\b6\\\\b" }}]

[targets.weather]
url = "{weather}"
expect-auth = true
[targets.weather.oauth]
client-id = "{client}"
issuer = "{issuer}"
secret-env = "GATE_SECRET"

[targets.accounts]
url = "{accounts}"
bearer-env = "ACCOUNTS_TOKEN"
snapshot = "snapshots/weather.json"

[targets.prices]
url = "{prices}"
replicas = 2
snapshot = "snapshots/files.json"
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A folder with an mcpverify.toml and its snapshots, while the servers in it run."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> Run:
        """One run of mcpverify in the folder."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return running.run(
            *arguments, cwd=self.folder, home=home, env=self.environment, timeout=120
        )


@contextmanager
def fleet(cache: Path, folder: Path, *, everything: bool) -> Iterator[Fleet]:
    """All ten, reviewed as they were when all was well; without Node, `sums` is a Python one."""
    with ExitStack() as stack:

        def at(name: str, mode: Mode, variant: str = "reviewed") -> str:
            return stack.enter_context(serving(cache, _peer(name), mode, folder, variant)).url

        issuing, issuer = serve_authorization()
        stack.enter_context(issuing)
        key = folder / "issuer.pem"
        key.write_text(issuer.key.public)
        trusting = ("--issuer", issuer.issuer, "--public-key", str(key))
        fastmcp = _peer("fastmcp-4.1.2")
        replicas = (
            at("mcp-2.3.0", Mode.STATELESS),
            at("mcp-2.3.0", Mode.STATELESS, "renamed"),
        )
        own = EVERYTHING if everything else _peer("mcp-1.30.0")
        sums = stack.enter_context(serving(cache, own, Mode.STDIO, folder))
        clock = stack.enter_context(serving(cache, _peer("mcp-2.3.0"), Mode.STDIO, folder))
        weather = stack.enter_context(guarded(cache, fastmcp, folder, *trusting, "--scope", LISTED))
        accounts = stack.enter_context(guarded(cache, fastmcp, folder, *trusting, "--scope", READ))
        hosts = [urlsplit(url).netloc for url in replicas]
        values = {
            "search": at("mcp-1.6.0", Mode.SSE),
            "notes": at("mcp-1.9.4", Mode.STATEFUL),
            "maps": at("mcp-1.10.1", Mode.JSON),
            "files": at("mcp-2.3.0", Mode.STATELESS),
            "clock": _words(clock.command),
            "billing": at("mcp-1.22.0", Mode.STATEFUL),
            "sums": f"command = [{_words(sums.command)}]",
            "adding": "get-sum" if everything else "add",
            "weather": weather,
            "accounts": accounts,
            "prices": stack.enter_context(balanced(folder, *hosts)),
            "client": CLIENT,
            "issuer": issuer.issuer,
        }
        (folder / "mcpverify.toml").write_text(_CONFIGURATION.format(**values))
        token = issuer.token(accounts, LISTED)
        yield Fleet(folder, {"GATE_SECRET": SECRET, "ACCOUNTS_TOKEN": token})


def _words(command: tuple[str, ...]) -> str:
    return ", ".join(f'"{word}"' for word in command)


def _peer(name: str) -> Peer:
    return next(peer for peer in PEERS if peer.name == name)
