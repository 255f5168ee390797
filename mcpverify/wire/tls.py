"""TLS contexts from the user's settings, and what a server's certificate says."""

import os
import ssl
import sys
from functools import lru_cache
from typing import Any

from mcpverify.errors import FileUnusable
from mcpverify.facts.target import Tls
from mcpverify.facts.transcript import Certificate


def context_for(tls: Tls) -> ssl.SSLContext:
    """A client context: the system's trust (SSL_CERT_FILE included) or `--cacert`.

    Raises FileUnusable for PEM files that cannot be loaded.
    """
    named = os.environ.get("SSL_CERT_FILE")
    if tls.cacert is None and named and not os.path.isfile(named):
        raise FileUnusable(f"SSL_CERT_FILE {named}: no such file", "Name a file, or unset it.")
    try:
        if tls.cert is None:
            return _shared(tls.cacert, tls.insecure, _state_of_trust(tls.cacert))
        context = _trusting(tls.cacert, tls.insecure)
    except OSError as error:  # ssl.SSLError is one
        raise FileUnusable(
            f"--cacert {tls.cacert}: {error.strerror or error}", "Name a readable PEM file."
        ) from None
    if tls.cert is not None:
        try:
            # A passphrase prompt would hang a pipeline: an encrypted key is refused instead.
            context.load_cert_chain(tls.cert, tls.key, password=lambda: b"")
        except (OSError, ValueError) as error:
            raise FileUnusable(
                f"--cert {tls.cert}: {error}",
                "Name a readable PEM certificate, and its unencrypted key with --key.",
            ) from None
    return context


def _state_of_trust(cacert: str | None) -> tuple[str | int | None, ...]:
    """What a context is made of: where it changes meanwhile, another one is needed."""
    named = (os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    return (*named, None if cacert is None else os.stat(cacert).st_mtime_ns)


@lru_cache(maxsize=8)
def _shared(
    cacert: str | None, insecure: bool, state: tuple[str | int | None, ...]
) -> ssl.SSLContext:
    """One for all who trust alike: loading trust costs 30 ms, and a target has many connections."""
    return _trusting(cacert, insecure)


def _trusting(cacert: str | None, insecure: bool) -> ssl.SSLContext:
    context = _context(cacert)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _context(cacert: str | None) -> ssl.SSLContext:
    if cacert is None and sys.platform in ("darwin", "win32"):
        if not (os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")):
            # OpenSSL knows nothing of these systems' trust stores.
            import truststore

            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context(cafile=cacert)


def no_context() -> ssl.SSLContext:
    """A bare context for connections that never use it: loading trust costs 30 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def certificate_of(ssl_object: Any, *, insecure: bool) -> Certificate:
    """What the certificate of an established connection says."""
    if insecure:
        return Certificate("", "", None, False, "verification was switched off (-k)")
    fields = ssl_object.getpeercert() or {}
    not_after = fields.get("notAfter")
    return Certificate(
        subject=_common_name(fields.get("subject", ())),
        issuer=_common_name(fields.get("issuer", ())),
        not_after=None if not_after is None else float(ssl.cert_time_to_seconds(not_after)),
        trusted=True,
    )


def untrusted(error: ssl.SSLCertVerificationError) -> Certificate:
    """The certificate that did not verify, and why."""
    return Certificate("", "", None, False, error.verify_message or str(error))


def _common_name(distinguished_name: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    parts = {key: value for group in distinguished_name for key, value in group}
    return parts.get("commonName") or parts.get("organizationName", "")
