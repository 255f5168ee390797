"""Is the TLS certificate trusted, and for how long will it be?

An agent's client refuses a certificate that is expired, self-signed, or made out to another
host; the release behind it may be fine, so such a refusal is no verdict (exit code 3). A
certificate with less than 14 days left is a warning: the next outage has a date.

To mend it: renew the certificate, serve the whole chain, or name your own authority with
--cacert.
"""

from mcpverify.facts.check import Check, Stage
from mcpverify.facts.evidence import Evidence
from mcpverify.facts.finding import Finding, Severity
from mcpverify.facts.transcript import FailureKind

CHECK = Check(
    __name__,
    title="The TLS certificate is trusted and will stay valid",
    stage=Stage.CONNECTION,
    severity=Severity.ERROR,
    hint="Renew the certificate before it expires.",
    needs_lists=False,
)

WARN_UNDER_DAYS = 14
_DAY = 86_400


def days_left(not_after: float, now: float) -> int:
    """Whole days until a certificate expires."""
    return int((not_after - now) // _DAY)


def judge(evidence: Evidence) -> Finding:
    primary = evidence.primary
    certificate = primary.certificate
    if certificate is None:
        if primary.url.startswith("https:"):
            return CHECK.not_observed("no TLS connection was made")
        return CHECK.not_applicable("the connection is not encrypted")
    opening = primary.opening
    failure = None if opening is None else opening.failure
    if failure is not None and failure.kind is FailureKind.TLS_UNTRUSTED:
        return CHECK.not_observed(f"it is not trusted: {certificate.problem}")
    if not certificate.trusted:
        return CHECK.warned(certificate.problem, hint="Use --cacert FILE in place of -k.")
    if certificate.not_after is None:
        return CHECK.passed("it is trusted")
    days = days_left(certificate.not_after, evidence.now)
    if days < WARN_UNDER_DAYS:
        return CHECK.warned(f"it is trusted, but expires in {days} days")
    return CHECK.passed(f"it is trusted, {days} days left")
