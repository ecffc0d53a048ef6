"""The web port's own https: the certificate comes while it runs, and what leads to it."""

import asyncio
import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.certificate import CertificateConfig, end_of, kept
from hub.errors import MissingProgram, SettingError
from hub.services import binaries
from hub.services.binaries import find_certbot
from hub.services.haproxy import Https
from hub.settings import Settings
from tests.hub.proxied import PACKED, Process, closed, get, whole
from tests.ports import free_ports
from tests.waiting import until

NAME = "hub.test"


def certificate(days: int) -> tuple[str, str]:
    """One for NAME that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return (
        made.public_bytes(pem).decode(),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode(),
    )


async def answer_over_tls(port: int, chain: str) -> bytes:
    """A small page by a client who trusts this chain alone."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=ssl.create_default_context(cadata=chain), server_hostname=NAME
    )
    writer.write(get("/packed"))
    try:
        return await reader.read(-1)
    finally:
        await closed(writer)


async def is_shown(port: int, chain: str) -> bool:
    try:
        await answer_over_tls(port, chain)
    except OSError:
        return False
    return True


async def test_a_certificate_that_comes_or_changes_is_taken_up_while_connections_stay(tmp_path: Path) -> None:
    plain, certbot = free_ports(2)
    async with whole(tmp_path, https=Https(plain, certbot)) as proxy:
        first, second = certificate(30), certificate(90)
        with pytest.raises(OSError, match=r"(?i)handshake|unrecognized|reset|eof"):
            await answer_over_tls(proxy.port, first[0])
        proxy.service.put_certificate(NAME, "".join(first))
        await until(lambda: is_shown(proxy.port, first[0]))
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", proxy.port, ssl=ssl.create_default_context(cadata=first[0]), server_hostname=NAME
        )
        writer.write(get("/who", connection="keep-alive"))
        assert b'"api"' in await reader.readuntil(b"}")
        # One whose request is on its way keeps his connection through the change.
        writer.write(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        proxy.service.put_certificate(NAME, "".join(second))
        await until(lambda: is_shown(proxy.port, second[0]))
        assert (await answer_over_tls(proxy.port, second[0])).endswith(PACKED)
        assert await reader.readexactly(1_000_000)
        writer.transport.abort()


async def test_plain_http_leads_to_https_except_for_the_certificates_authority(tmp_path: Path) -> None:
    plain, certbot = free_ports(2)
    asked = Process("certbot", certbot)
    async with whole(tmp_path, https=Https(plain, certbot)) as proxy, asked.served():
        answers = []
        for path in ("/s?x=1", "/.well-known/acme-challenge/token"):
            reader, writer = await asyncio.open_connection("127.0.0.1", plain)
            writer.write(get(path))
            answers.append(await reader.read(-1))
            await closed(writer)
        assert answers[0].startswith(b"HTTP/1.1 308 ")
        assert b"location: https://localhost/s?x=1\r\n" in answers[0]
        assert b'"by":"certbot"' in answers[1]
        assert proxy.api.asked == []


def test_a_certificate_tells_its_end(tmp_path: Path) -> None:
    config = CertificateConfig(tmp_path, NAME, 1)
    assert kept(config) == ""
    folder = tmp_path / "config" / "live" / NAME
    folder.mkdir(parents=True)
    chain, key = certificate(30)
    (folder / "fullchain.pem").write_text(chain)
    (folder / "privkey.pem").write_text(key)
    assert kept(config) == chain + key
    assert dt.timedelta(days=29) < end_of(kept(config)) - dt.datetime.now(dt.UTC) < dt.timedelta(days=31)


def test_a_certificate_needs_a_name_and_certbot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for public_url in ("", "http://track.example.kg"):
        with pytest.raises(SettingError, match="PUBLIC_URL"):
            Settings(certificate="certbot", public_url=public_url)
    Settings(certificate="certbot", public_url="https://track.example.kg")
    monkeypatch.setattr(binaries, "SEARCH_PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="apt-get install -y certbot"):
        find_certbot()
