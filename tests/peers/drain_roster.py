"""Whose shutdown is tried: the rows of benchmarks/DRAIN.md, and how each of them was seen to end.

A row is a COMMAND for `mcpverify drain`. What is expected of it are classes, never times, and was
measured by hand, with another client, before `drain` measured it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mcpverify.facts.drain import Shutdown
from mcpverify.facts.revision import Era
from mcpverify.facts.timeline import RequestOutcome

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Installation:
    """What only rows of this table need. `package` is what is looked for, of npm if `in_node`."""

    name: str
    package: str
    in_node: bool
    optional: bool = False  # not there on every platform

    @property
    def pins(self) -> tuple[Path, ...]:
        if self.in_node:
            folder = HERE / "drain_node"
            return (folder / "package.json", folder / "package-lock.json")
        return (HERE / "requirements" / f"{self.name}.txt",)


NODE = Installation("drain-node", "supergateway", in_node=True)
OLD_SSE = Installation("mcp-1.30.0-old-sse", "mcp", in_node=False)
MCP_PROXY = Installation("mcp-proxy-0.13.0", "mcp-proxy", in_node=False)
INSTALLATIONS = (NODE, OLD_SSE, MCP_PROXY)

OK = frozenset({RequestOutcome.OK})
# Three ways of being left without an answer: which it is depends on how far the server got.
LOST = frozenset(
    {RequestOutcome.RESET, RequestOutcome.TRUNCATED, RequestOutcome.ENDED_WITHOUT_REPLY}
)
CLEAN_END = frozenset({RequestOutcome.ENDED_WITHOUT_REPLY})
HTTP_500 = frozenset({RequestOutcome.HTTP_5XX})
HTTP_4XX = frozenset({RequestOutcome.HTTP_4XX})
ERROR = frozenset({RequestOutcome.JSONRPC_ERROR})

REFUSED = frozenset({RequestOutcome.REFUSED})
BUSY = frozenset({RequestOutcome.HTTP_503})

NEVER = "never answered"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a row ends.

    `new_sessions` are their outcomes while the process lives, once the accept race is over.
    `exit_code` is None where it has to be killed. `old_session` is a status or NEVER.
    `failed` are the points that fail, `may_fail` those that fail by chance.
    """

    calls: Mapping[Era, frozenset[RequestOutcome]]
    new_sessions: frozenset[RequestOutcome]
    exit_code: int | None
    old_session: int | str
    shutdown: frozenset[Shutdown]
    failed: frozenset[str]
    may_fail: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One server, run in one way.

    In `command`, `{cache}`, `{servers}`, `{modules}`, `{everything}` and `{kubeconfig}` are places.
    `needs` are folders of the cache, where the `packages` that decide are found in turn.
    `slow` is the tool that is called, with its arguments.
    `in_ci` rows are tried by the tests; all are by `make drain-table`.
    """

    slug: str
    title: str
    needs: tuple[str, ...]
    packages: tuple[str, ...]
    command: tuple[str, ...]
    ending: Ending
    options: tuple[str, ...] = ()
    slow: tuple[str, str] = ("wait", '{"seconds": 4}')
    in_ci: bool = False
    in_node: bool = False
    cluster: bool = False  # needs the API of a Kubernetes cluster

    def __str__(self) -> str:
        return self.slug


def _both(
    handshake: frozenset[RequestOutcome], stateless: frozenset[RequestOutcome]
) -> Mapping[Era, frozenset[RequestOutcome]]:
    return {Era.HANDSHAKE: handshake, Era.STATELESS: stateless}


def _handshake(outcomes: frozenset[RequestOutcome]) -> Mapping[Era, frozenset[RequestOutcome]]:
    return {Era.HANDSHAKE: outcomes}


_SSE_STACK = ("mcp", "uvicorn", "sse-starlette")
_FASTMCP_STACK = ("fastmcp", *_SSE_STACK)
_NODE_LOOPBACK = ("node", "--require", "{servers}/drain_on_loopback.cjs")
_SLOW_OF_EVERYTHING = ("trigger-long-running-operation", '{"duration": 4, "steps": 1}')
_TERM = -15


def _of_mcp_2(
    slug: str, title: str, arguments: str, ending: Ending, *options: str, in_ci: bool = False
) -> Row:
    return Row(
        slug,
        title,
        ("mcp-2.3.0",),
        _SSE_STACK,
        ("{cache}/mcp-2.3.0/bin/python", "{servers}/drain_mcp_v2.py", *arguments.split()),
        ending,
        options=options,
        in_ci=in_ci,
    )


def _of_fastmcp(slug: str, title: str, arguments: str, ending: Ending, in_ci: bool = False) -> Row:
    return Row(
        slug,
        title,
        ("fastmcp-4.1.2",),
        _FASTMCP_STACK,
        ("{cache}/fastmcp-4.1.2/bin/python", "{servers}/drain_fastmcp_v4.py", *arguments.split()),
        ending,
        in_ci=in_ci,
    )


def _of_mcp_1(slug: str, title: str, folder: str, ending: Ending, *options: str) -> Row:
    return Row(
        slug,
        title,
        (folder,),
        _SSE_STACK,
        (f"{{cache}}/{folder}/bin/python", "{servers}/drain_mcp_v1.py", "streamable-http"),
        ending,
        options=options,
        in_ci=True,
    )


def _of_everything(
    slug: str, title: str, transport: str, ending: Ending, *options: str, in_ci: bool = False
) -> Row:
    return Row(
        slug,
        title,
        ("server-everything",),
        ("@modelcontextprotocol/server-everything", "@modelcontextprotocol/sdk"),
        (*_NODE_LOOPBACK, "{everything}", transport),
        ending,
        options=options,
        slow=_SLOW_OF_EVERYTHING,
        in_ci=in_ci,
        in_node=True,
    )


_LOSSY = frozenset({Shutdown.LOSSY})
_ABRUPT = frozenset({Shutdown.ABRUPT})
_DEGRADED = frozenset({Shutdown.DEGRADED})
_HUNG = frozenset({Shutdown.HUNG})
# sse-starlette looks for the end every 0.5 s, and nothing else keeps these processes: whether all
# is over at once or only soon is chance.
_SOON = _LOSSY | _ABRUPT

_NONE: frozenset[str] = frozenset()
_CALLS = frozenset({"calls-complete"})
_LIMIT = _CALLS | {"drain-limit"}
_BUDGET = frozenset({"exit-in-budget"})
_OLD_TOO = _CALLS | {"old-session"}

ROWS = (
    _of_mcp_2(
        "mcp-2-default",
        "mcp 2, default",
        "streamable-http",
        Ending(_both(LOST, OK), REFUSED, _TERM, 404, _LOSSY, _CALLS),
        in_ci=True,
    ),
    _of_mcp_2(
        "mcp-2-limit-30",
        "mcp 2, graceful timeout 30",
        "streamable-http --drain-limit 30",
        Ending(_both(LOST, OK), REFUSED, _TERM, 404, _LOSSY, _CALLS),
    ),
    _of_mcp_2(
        "mcp-2-json",
        "mcp 2, JSON responses",
        "streamable-http --json-response",
        Ending(_both(OK, OK), REFUSED, _TERM, 404, _DEGRADED, _NONE),
        in_ci=True,
    ),
    _of_mcp_2(
        "mcp-2-json-limit-2",
        "mcp 2, JSON responses, graceful timeout 2",
        "streamable-http --json-response --drain-limit 2",
        Ending(_both(HTTP_500, HTTP_500), REFUSED, _TERM, 404, _LOSSY, _LIMIT),
    ),
    _of_mcp_2(
        "mcp-2-streams-kept",
        "mcp 2, automatic end of SSE streams off",
        "streamable-http --keep-streams",
        Ending(_both(OK, OK), REFUSED, None, 404, _HUNG, _BUDGET),
        *("--grace", "6s"),
    ),
    _of_mcp_2(
        "mcp-2-http-sse",
        "mcp 2, HTTP+SSE",
        "sse",
        Ending(_handshake(LOST), REFUSED, _TERM, 404, _SOON, _CALLS),
    ),
    _of_mcp_1(
        "mcp-1-new-sse",
        "mcp 1, sse-starlette 3.7",
        "mcp-1.30.0",
        Ending(_handshake(LOST), REFUSED, _TERM, 404, _SOON, _CALLS),
    ),
    _of_mcp_1(
        "mcp-1-old-sse",
        "mcp 1, sse-starlette 3.0",
        OLD_SSE.name,
        # Its streams that begin after the signal end at once: the quick requests of the loop.
        Ending(_handshake(OK), REFUSED, None, 404, _HUNG, _BUDGET, _CALLS),
        *("--grace", "6s"),
    ),
    _of_fastmcp(
        "fastmcp-4-default",
        "fastmcp 4, default",
        "streamable-http",
        Ending(_both(LOST, HTTP_500), REFUSED, _TERM, 404, _LOSSY, _LIMIT),
        in_ci=True,
    ),
    _of_fastmcp(
        "fastmcp-4-json",
        "fastmcp 4, JSON responses",
        "streamable-http --json-response",
        Ending(_both(HTTP_500, HTTP_500), REFUSED, _TERM, 404, _LOSSY, _LIMIT),
        in_ci=True,
    ),
    _of_fastmcp(
        "fastmcp-4-json-limit-30",
        "fastmcp 4, JSON responses, graceful timeout 30",
        "streamable-http --json-response --drain-limit 30",
        Ending(_both(OK, OK), REFUSED, _TERM, 404, _DEGRADED, _NONE),
        in_ci=True,
    ),
    _of_fastmcp(
        "fastmcp-4-http-sse",
        "fastmcp 4, HTTP+SSE",
        "sse",
        Ending(_handshake(LOST), REFUSED, _TERM, 404, _SOON, _CALLS),
    ),
    _of_everything(
        "everything-sigterm",
        "server-everything, SIGTERM",
        "streamableHttp",
        Ending(_handshake(LOST), REFUSED, _TERM, 400, _ABRUPT, _OLD_TOO),
        in_ci=True,
    ),
    _of_everything(
        "everything-sigint",
        "server-everything, SIGINT",
        "streamableHttp",
        Ending(_handshake(LOST), REFUSED, 0, 400, _ABRUPT, _OLD_TOO),
        *("--signal", "SIGINT"),
    ),
    _of_everything(
        "everything-http-sse",
        "server-everything, HTTP+SSE",
        "sse",
        Ending(_handshake(LOST), REFUSED, _TERM, NEVER, _ABRUPT, _OLD_TOO),
    ),
    Row(
        "kubernetes-mcp-server",
        "kubernetes-mcp-server (Go)",
        (NODE.name,),
        ("kubernetes-mcp-server-linux-amd64",),
        (
            "{modules}/kubernetes-mcp-server-linux-amd64/bin/kubernetes-mcp-server-linux-amd64",
            *("--port", "0", "--bind-address", "127.0.0.1", "--kubeconfig", "{kubeconfig}"),
        ),
        Ending(_handshake(CLEAN_END), REFUSED, 0, 404, _ABRUPT, _CALLS),
        slow=("namespaces_list", "{}"),
        in_node=True,
        cluster=True,
    ),
    Row(
        "supergateway",
        "supergateway 4, stateful",
        (NODE.name, "server-everything"),
        ("supergateway", "@modelcontextprotocol/sdk"),
        (
            *_NODE_LOOPBACK,
            "{modules}/supergateway/dist/index.js",
            *("--stdio", "node {everything} stdio", "--outputTransport", "streamableHttp"),
            *("--stateful", "--healthEndpoint", "/health"),
        ),
        Ending(_handshake(ERROR), BUSY, 0, 404, _LOSSY, _CALLS),
        options=("--readiness", "/health"),
        slow=_SLOW_OF_EVERYTHING,
        in_ci=True,
        in_node=True,
    ),
    Row(
        "mcp-proxy-of-pypi",
        "mcp-proxy of PyPI (JSON)",
        (MCP_PROXY.name,),
        ("mcp-proxy", *_SSE_STACK),
        (
            "{cache}/mcp-proxy-0.13.0/bin/mcp-proxy",
            *("--host", "127.0.0.1", "--port", "0", "--"),
            *("{cache}/mcp-proxy-0.13.0/bin/python", "{servers}/drain_mcp_v1.py", "stdio"),
        ),
        Ending(_handshake(OK), REFUSED, _TERM, 404, _DEGRADED, _NONE),
        in_ci=True,
    ),
    Row(
        "mcp-proxy-of-npm",
        "mcp-proxy of npm",
        (NODE.name, "mcp-1.30.0"),
        ("mcp-proxy", "@modelcontextprotocol/server"),
        (
            *_NODE_LOOPBACK,
            "{modules}/mcp-proxy/dist/bin/mcp-proxy.mjs",
            "--",
            *("{cache}/mcp-1.30.0/bin/python", "{servers}/drain_mcp_v1.py", "stdio"),
        ),
        Ending(_both(CLEAN_END, HTTP_4XX), REFUSED, 0, 404, _LOSSY, _CALLS),
        in_node=True,
    ),
)
