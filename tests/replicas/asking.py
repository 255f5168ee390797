"""A run of the gate in this process."""

from typing import Any

from mcpverify.cli.version_source import version_source_of
from mcpverify.facts.evidence import Expectations
from mcpverify.facts.finding import Finding
from mcpverify.facts.replica_count import connections_for
from mcpverify.facts.report import TargetReport
from mcpverify.facts.target import Header, HttpEndpoint, Limits, Replicas, Route, Target, Tls
from mcpverify.verify.check import check
from mcpverify.verify.gate import Gate
from mcpverify.verify.waiting import Waiting


def looked_at(
    url: str,
    version_from: str | None = None,
    version: str | None = None,
    *,
    name: str | None = None,
    samples: int | None = None,
    replicas: int | None = None,
    urls: tuple[str, ...] = (),
    resolve_all: bool = False,
    routes: tuple[Route, ...] = (),
    headers: tuple[Header, ...] = (),
    tls: Tls = Tls(),
    keep_session: bool = False,
    deadline: float = 30.0,
    wait: float = 0.0,
    **options: Any,
) -> TargetReport:
    """The report on the server at `url`, without a snapshot."""
    endpoint = HttpEndpoint((url,), headers=headers, tls=tls, proxies=False, routes=routes)
    limits = Limits(step_seconds=10, run_seconds=deadline)
    target = Target(url, endpoint, limits=limits, replicas=Replicas(urls, resolve_all), **options)
    expected = Expectations(
        name=name,
        version=version,
        version_from=version_source_of(version_from),
        replicas=replicas,
        snapshot_wanted=False,
    )
    if replicas is not None:
        samples = connections_for(replicas)
    gate = Gate(target, expected, samples=samples, keep_session=keep_session)
    (report,) = check(gate, Waiting(wait, 1)).targets
    return report


def finding(report: TargetReport, check_id: str) -> Finding:
    return next(each for each in report.findings if each.check == check_id)


def told(report: TargetReport, check_id: str) -> tuple[str, str]:
    """The outcome and the message of a check."""
    found = finding(report, check_id)
    return found.outcome.value, found.message


def lines(report: TargetReport, check_id: str) -> str:
    """The details of a check, a line each."""
    return "\n".join(f"{each.subject} {each.text}" for each in finding(report, check_id).details)
