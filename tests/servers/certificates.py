"""A certificate authority of the tests' own, and a server certificate for loopback."""

from __future__ import annotations

import datetime
import functools
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers.process import scratch


@dataclass(frozen=True)
class Certificates:
    """`authority` signs `server` and `expired` (key and certificate in one file), `stranger` signs
    nothing."""

    authority: Path
    server: Path
    expired: Path
    stranger: Path


@functools.cache
def certificates() -> Certificates:
    """Make them, once for all tests."""
    folder = scratch("tls")
    key, root = _signed("Thử nghiệm CA")
    _, stranger = _signed("Người lạ CA")
    names = ("ca.pem", "server.pem", "expired.pem", "stranger.pem")
    made = Certificates(*(folder / name for name in names))
    made.authority.write_bytes(_pem(root))
    for file, days in ((made.server, 2.0), (made.expired, -0.5)):
        server_key, server = _signed("127.0.0.1", (key, root), days)
        file.write_bytes(_key_pem(server_key) + _pem(server))
        file.chmod(0o600)
    made.stranger.write_bytes(_pem(stranger))
    return made


Key = ec.EllipticCurvePrivateKey


def _signed(
    name: str, by: tuple[Key, x509.Certificate] | None = None, days: float = 2
) -> tuple[Key, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    ips = [x509.IPAddress(ipaddress.ip_address(ip)) for ip in ("127.0.0.1", "127.0.0.2")]
    is_authority = by is None
    usage = x509.KeyUsage(
        digital_signature=True, key_cert_sign=is_authority, crl_sign=is_authority,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    issuer_key = (by[0] if by else key).public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[1].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        # Python 3.13 believes nothing without these three.
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
        .add_extension(x509.SubjectAlternativeName(ips), critical=False)
        .sign(by[0] if by else key, hashes.SHA256())
    )
    return key, certificate


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
