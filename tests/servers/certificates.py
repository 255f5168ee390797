"""A certificate authority of the tests' own, made at run time."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_Key = ec.EllipticCurvePrivateKey


class Authority:
    """Issues certificates into `folder`. `bundle` is the PEM file of the authority itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("mcpverify tests authority")
        self._certificate = self._signed(self._key, self._name, (), _Span(), authority=True)
        self.bundle = folder / "authority.pem"
        self.bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def server(
        self,
        *hosts: str,
        days: float = 90,
        started_days_ago: float = 1,
        self_signed: bool = False,
        client_authority: bool = False,
    ) -> ssl.SSLContext:
        """A server-side context for `hosts` (127.0.0.1 and localhost by default).

        `days` from now the certificate ends: negative for an expired one. With
        `client_authority`, clients must show a certificate of this authority.
        """
        certificate, key = self.issue(
            *hosts, days=days, started_days_ago=started_days_ago, self_signed=self_signed
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if client_authority:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.bundle)
        return context

    def issue(
        self,
        *hosts: str,
        days: float = 90,
        started_days_ago: float = 1,
        self_signed: bool = False,
    ) -> tuple[Path, Path]:
        """The PEM files of a new certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        span = _Span(started_days_ago, days)
        hosts = hosts or ("127.0.0.1", "localhost", "::1")
        signed = self._signed(key, _named(hosts[0]), hosts, span, self_signed=self_signed)
        self._count += 1
        certificate_path = self._folder / f"{self._count}.pem"
        key_path = self._folder / f"{self._count}.key"
        certificate_path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        key_path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate_path, key_path

    def _signed(
        self,
        key: _Key,
        name: x509.Name,
        hosts: tuple[str, ...],
        span: "_Span",
        *,
        authority: bool = False,
        self_signed: bool = False,
    ) -> x509.Certificate:
        own = authority or self_signed
        signer = key if own else self._key
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name if own else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=span.started_days_ago))
            .not_valid_after(now + timedelta(days=span.days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                critical=False,
            )
        )
        if authority:
            builder = builder.add_extension(_signing_only(), critical=True)
        else:
            names = x509.SubjectAlternativeName([_general(host) for host in hosts])
            usage = x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            )
            builder = builder.add_extension(names, critical=False).add_extension(
                usage, critical=False
            )
        return builder.sign(signer, hashes.SHA256())


class _Span:
    """From `started_days_ago` before now to `days` after it."""

    def __init__(self, started_days_ago: float = 1, days: float = 90) -> None:
        # An expired certificate must have begun before it ended.
        self.started_days_ago = max(started_days_ago, 1 - days)
        self.days = days


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
