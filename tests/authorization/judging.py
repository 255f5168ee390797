"""The gate in this process, on a server that wants tokens; and what it made of it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from mcpverify.facts.authorization import Authorization, ClientCredentials, TokenSource
from mcpverify.facts.credentials import credentials_of, masked_url, secrets_of
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.finding import Finding
from mcpverify.facts.golden_call import GoldenCall
from mcpverify.facts.redaction import Redactor
from mcpverify.facts.report import TargetReport
from mcpverify.facts.target import (
    Header,
    HttpEndpoint,
    Limits,
    Replicas,
    Target,
    Tls,
    Transport,
)
from mcpverify.facts.transcript import Exchange, Recording, Role
from mcpverify.verify.check import check
from mcpverify.verify.gate import Gate, Selection
from mcpverify.verify.waiting import Waiting
from tests.servers.authorization import (
    CLIENT,
    SECRET,
    AuthorizationServer,
    Guard,
    serve_authorization,
    serve_guarded,
)
from tests.servers.raw_http import RawServer


@dataclass
class Site:
    """An MCP server, and the authorization server whose tokens it wants."""

    mcp: RawServer
    guard: Guard
    issuing: RawServer
    issuer: AuthorizationServer

    def credentials(self, **options: Any) -> ClientCredentials:
        """Those that the authorization server knows, but for `options`."""
        known: dict[str, Any] = {
            "client_id": CLIENT,
            "issuer": self.issuer.issuer,
            "secret": SECRET,
        }
        return ClientCredentials(**(known | options))

    def signing(self, **options: Any) -> ClientCredentials:
        """The client's key in place of its secret."""
        return self.credentials(secret=None, key=self.issuer.client_key.private, **options)

    def token(self, scopes: str = "weather:list", seconds: int = 3600) -> str:
        return self.issuer.token(self.mcp.url, scopes, seconds)


def served(issuer: dict[str, Any] | None = None, **guard: Any) -> AbstractContextManager[Site]:
    """Both servers, while the block runs; `guard` are the fields of the MCP server's guard."""

    @contextmanager
    def running() -> Iterator[Site]:
        with ExitStack() as stack:
            issuing, behavior = serve_authorization(**(issuer or {}))
            stack.enter_context(issuing)
            mcp, guarding = serve_guarded(behavior, **guard)
            stack.enter_context(mcp)
            yield Site(mcp, guarding, issuing, behavior)

    return running()


@dataclass(frozen=True)
class Judged:
    """One report."""

    report: TargetReport

    @property
    def recording(self) -> Recording:
        assert self.report.recording is not None
        return self.report.recording

    @property
    def known(self) -> Authorization:
        assert self.recording.authorization is not None
        return self.recording.authorization

    @property
    def headline(self) -> str:
        return self.report.headline

    @property
    def hints(self) -> str:
        return " ".join(self.report.next_steps)

    def finding(self, check_id: str) -> Finding:
        return next(each for each in self.report.findings if each.check == check_id)

    def asked(self, role: Role) -> list[Exchange]:
        return [e for each in self.recording.of(role) for e in each.exchanges]


def judged(
    url: str,
    *,
    token: TokenSource | None = None,
    headers: dict[str, str] | None = None,
    transport: Transport = Transport.AUTO,
    auth: bool = False,
    step: float = 5.0,
    run: float = 20.0,
    only: tuple[str, ...] = (),
    urls: tuple[str, ...] = (),
    calls: tuple[GoldenCall, ...] = (),
    waiting: Waiting = Waiting(),
    samples: int = 1,
    replicas: tuple[str, ...] = (),
    tls: Tls = Tls(),
) -> Judged:
    """What the gate says of the server at `url`."""
    given = tuple(Header(name, value) for name, value in (headers or {}).items())
    endpoint = HttpEndpoint(urls or (url,), given, token=token, tls=tls)
    limits = Limits(step_seconds=step, run_seconds=run)
    target = Target(
        masked_url(url), endpoint, transport, limits=limits, replicas=Replicas(replicas)
    )
    gate = Gate(
        target,
        Expectations(snapshot_wanted=False, auth=auth, calls=calls),
        Selection(only=only, opted_in=("auth-required",) if auth else ()),
        samples=samples,
        redactor=Redactor(secrets_of(credentials_of(target))),
    )
    return Judged(check(gate, waiting).targets[0])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
