"""A certificate that browsers accept once the authority is installed, for the names of this server only."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest

from qingfu.server import tls
from qingfu.server.messages import ServerError

NAMES = ["qingfu.qinghe.lan", "192.168.1.20"]


@pytest.fixture
def place(folder):
    return folder / "tls"


def shake_hands(certificate, authority, name):
    """One TLS handshake over a local socket, the client trusting ``authority`` and asking for ``name``."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate.certificate, certificate.key)
    asking = ssl.create_default_context(cafile=authority)
    here, there = socket.socketpair()

    def answer():
        try:
            serving.wrap_socket(there, server_side=True).close()
        except (ssl.SSLError, OSError):
            there.close()

    server = threading.Thread(target=answer)
    server.start()
    try:
        asking.wrap_socket(here, server_hostname=name).close()
    finally:
        here.close()
        server.join()


@pytest.mark.parametrize("name", [*NAMES, "localhost", "127.0.0.1"])
def test_a_device_with_the_authority_trusts_every_name_of_the_server(place, name):
    certificate = tls.own_certificate(NAMES, place)
    shake_hands(certificate, place / "authority.crt", name)


def test_it_trusts_no_other_name(place):
    certificate = tls.own_certificate(NAMES, place)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(certificate, place / "authority.crt", "bank.example")


def test_a_stolen_authority_cannot_pose_as_somebody_else(place):
    tls.own_certificate(NAMES, place)
    tls._make_server(place, ["bank.example"], tls.service_user(place))
    forged = tls.Certificate(place / "server.crt", place / "server.key")
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        shake_hands(forged, place / "authority.crt", "bank.example")


def test_the_keys_are_for_their_owner_only(place):
    tls.own_certificate(NAMES, place)
    assert {path.stat().st_mode & 0o777 for path in place.glob("*.key")} == {0o600}
    assert len(list(place.glob("*.key"))) == 2


def test_it_stays_until_its_end_is_near_and_the_authority_stays_longer(place, monkeypatch):
    first = tls.own_certificate(NAMES, place).certificate.read_bytes()
    assert tls.own_certificate(NAMES, place).certificate.read_bytes() == first
    authority = (place / "authority.crt").read_bytes()

    (place / "server.crt").unlink()
    monkeypatch.setattr(tls, "SERVER_DAYS", 29)
    assert tls.own_certificate(NAMES, place).ends() < datetime.now(UTC) + timedelta(days=30)
    monkeypatch.undo()

    renewed = tls.own_certificate(NAMES, place)
    assert renewed.ends() > datetime.now(UTC) + timedelta(days=300)
    assert (place / "authority.crt").read_bytes() == authority
    shake_hands(renewed, place / "authority.crt", NAMES[0])


def test_new_names_need_a_new_authority(place):
    tls.own_certificate(NAMES, place)
    authority = (place / "authority.crt").read_bytes()
    certificate = tls.own_certificate([*NAMES, "10.0.0.7"], place)
    assert (place / "authority.crt").read_bytes() != authority
    shake_hands(certificate, place / "authority.crt", "10.0.0.7")


def test_the_page_to_print_carries_certificate_and_fingerprint(place):
    tls.own_certificate(NAMES, place)
    page = (place / "install.html").read_text()
    assert tls.fingerprint(place / "authority.crt") in page
    assert "qingfu.qinghe.lan" in page and "$" not in page


def test_a_given_certificate_must_fit_its_key(place, folder):
    own = tls.own_certificate(NAMES, place)
    copied = tls.given_certificate(own.certificate, own.key, folder / "given")
    assert copied.key.stat().st_mode & 0o777 == 0o600
    shake_hands(copied, place / "authority.crt", NAMES[0])
    for key in (place / "authority.key", own.certificate, folder / "nowhere.key"):
        with pytest.raises(ServerError) as refusal:
            tls.given_certificate(own.certificate, key, folder / "given")
        assert refusal.value.code == "bad_certificate"
