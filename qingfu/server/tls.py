"""Certificates without the internet: an authority of our own for the names of this server.

Files under ``home()/tls``: ``authority.crt`` (to be installed on devices), ``authority.key``, ``server.crt``,
``server.key`` (both keys 0600) and ``install.html``, a page in Chinese to print or to hand round.
``given.crt`` and ``given.key`` are copies of what somebody else issued.
"""

from __future__ import annotations

import base64
import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from qingfu.server.home import ServiceUser, home, service_user
from qingfu.server.messages import ServerError, say

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397  # the longest that browsers take
RENEW_DAYS = 30
LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Certificate:
    """The paths of a certificate (with its chain) and of its key, PEM both."""

    certificate: Path
    key: Path

    def ends(self) -> datetime:
        """When it stops being valid."""
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).not_valid_after_utc


def given_certificate(certificate: Path, key: Path, folder: Path | None = None) -> Certificate:
    """A certificate that somebody else issued, copied to where the web process can read it.

    The key may be in any PEM form. Raises ServerError if the two files are not a pair.
    """
    try:
        chain = certificate.read_bytes()
        public = x509.load_pem_x509_certificate(chain).public_key()
        private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ServerError("bad_certificate", certificate=certificate, key=key, reason=error)
    if private.public_key() != public:
        raise ServerError("bad_certificate", certificate=certificate, key=key, reason=say("not_a_pair"))
    folder, owner = _own_folder(folder)
    copied = Certificate(folder / "given.crt", folder / "given.key")
    _write(copied.key, _pem(private), owner, 0o600)
    _write(copied.certificate, chain, owner, 0o644)
    return copied


def own_certificate(names: list[str], folder: Path | None = None) -> Certificate:
    """A certificate for ``names`` (host names, IP addresses), signed by the authority of this installation.

    Made when missing, for other names, or within 30 days of its end. The authority may sign for these names
    only, so whoever steals its key cannot pose as somebody else; new names therefore need a new authority, to
    be installed again.
    """
    folder, owner = _own_folder(folder)
    names = sorted({*names, *LOOPBACK})
    if _names_of(folder / "authority.crt") != names:
        _make_authority(folder, names, owner)
    server = Certificate(folder / "server.crt", folder / "server.key")
    if _names_of(server.certificate) != names or server.ends() < _now() + timedelta(days=RENEW_DAYS):
        _make_server(folder, names, owner)
    return server


def names_of_this_machine() -> list[str]:
    """The host name and the address by which other machines of the network reach us."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: only asks the kernel for the way out
            address = [probe.getsockname()[0]]
        except OSError:
            address = []
    return [socket.gethostname(), *address]


def fingerprint(certificate: Path) -> str:
    """SHA-256 of a certificate as devices show it: pairs of capital hex digits."""
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    return loaded.fingerprint(hashes.SHA256()).hex(":").upper()


def _own_folder(folder: Path | None) -> tuple[Path, ServiceUser]:
    """The private folder of keys and certificates, and the user who serves the web."""
    folder = folder or home() / "tls"
    folder.parent.mkdir(parents=True, exist_ok=True)
    owner = service_user(folder)
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, owner.uid, owner.gid)
    return folder, owner


def _make_authority(folder: Path, names: list[str], owner: ServiceUser) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(say("authority_name", name=socket.gethostname()))
    certificate = (
        _builder(subject, subject, key.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints([_constraint(name) for name in names], None), critical=True)
        .add_extension(_alternative_names(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "authority.key", _pem(key), owner, 0o600)
    _write(folder / "authority.crt", certificate.public_bytes(serialization.Encoding.PEM), owner, 0o644)
    _write(folder / "install.html", _install_page(folder / "authority.crt", names).encode(), owner, 0o644)


def _make_server(folder: Path, names: list[str], owner: ServiceUser) -> None:
    authority = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    signer = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), password=None)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_subject(names[-1]), authority.subject, key.public_key(), SERVER_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_alternative_names(names), critical=False)
        .sign(signer, hashes.SHA256())
    )
    chain = b"".join(c.public_bytes(serialization.Encoding.PEM) for c in (certificate, authority))
    _write(folder / "server.key", _pem(key), owner, 0o600)
    _write(folder / "server.crt", chain, owner, 0o644)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int):
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - timedelta(hours=1))  # phones whose clock is a little slow
        .not_valid_after(_now() + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternative_names(names: list[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [x509.IPAddress(_address(name)) if _address(name) else x509.DNSName(name) for name in names]
    )


def _constraint(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.IPAddress(ipaddress.ip_network(address)) if address else x509.DNSName(name)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _names_of(certificate: Path) -> list[str]:
    """The names that ``certificate`` is for, sorted; empty if there is no such file."""
    if not certificate.exists():
        return []
    loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return sorted(str(name.value) for name in names)


def _install_page(certificate: Path, names: list[str]) -> str:
    der = x509.load_pem_x509_certificate(certificate.read_bytes()).public_bytes(serialization.Encoding.DER)
    page = Template((Path(__file__).parent / "data" / "install.html").read_text("utf-8"))
    return page.substitute(
        names="、".join(name for name in names if name not in LOOPBACK) or "localhost",
        fingerprint=fingerprint(certificate),
        certificate=base64.b64encode(der).decode(),
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, owner: ServiceUser, mode: int) -> None:
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchown(descriptor, owner.uid, owner.gid)
        file.write(content)
    draft.rename(path)


def _now() -> datetime:
    return datetime.now(UTC)
