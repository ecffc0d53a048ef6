"""The web port's certificate: fetched by Debian's certbot, renewed a month before its end, taken up without a pause."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography import x509

from hub.errors import HubError
from hub.services.binaries import find_certbot
from hub.services.folders import make_folder

log = structlog.get_logger()

LOOK_EVERY_S = 12 * 3600.0
# An authority that was asked in vain five times in an hour does not answer for the rest of it.
AFTER_A_FAILURE_S = 15 * 60.0
PATIENCE_S = 300.0


@dataclass(frozen=True, slots=True)
class CertificateConfig:
    """For which name, answering the authority on which port of this machine; `authority` "" is Let's Encrypt."""

    directory: Path
    name: str
    port: int
    authority: str = ""


async def keep_certificate(config: CertificateConfig, put: Callable[[str, str], None]) -> None:
    """Have a valid certificate; `put` (name, chain and key) the one there is and every newer one. Until cancelled."""
    known = ""
    while True:
        pause_s = LOOK_EVERY_S
        try:
            await fetch(config)
        except HubError as error:
            log.error("certificate_not_fetched", name=config.name, problem=str(error))
            pause_s = AFTER_A_FAILURE_S
        text = kept(config)
        if text and text != known:
            known = text
            put(config.name, text)
            log.info("certificate_taken_up", name=config.name, until=end_of(text).isoformat())
        await asyncio.sleep(pause_s)


async def fetch(config: CertificateConfig) -> None:
    """Let certbot fetch one where there is none or its end is near. Raises MissingProgram, HubError with its words."""
    program = await asyncio.to_thread(find_certbot)
    make_folder(config.directory)
    folders = [f"--{kind}-dir={config.directory / kind}" for kind in ("config", "work", "logs")]
    process = await asyncio.create_subprocess_exec(
        *(str(program), "certonly", *folders, "--non-interactive", "--agree-tos", "--register-unsafely-without-email"),
        *("--standalone", "--http-01-address", "127.0.0.1", "--http-01-port", str(config.port)),
        *("--cert-name", config.name, "-d", config.name, "--keep-until-expiring"),
        *(("--server", config.authority) if config.authority else ()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    except (TimeoutError, asyncio.CancelledError) as error:
        process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise HubError(f"certbot did not end within {PATIENCE_S:.0f} s") from error
        raise
    if process.returncode != 0:
        raise HubError(f"certbot: {output.decode(errors='replace').strip()[-1500:]}")


def kept(config: CertificateConfig) -> str:
    """The chain and key that certbot keeps; "" for none."""
    folder = config.directory / "config" / "live" / config.name
    try:
        return (folder / "fullchain.pem").read_text() + (folder / "privkey.pem").read_text()
    except OSError:
        return ""


def end_of(chain: str) -> dt.datetime:
    """Until when the first certificate of a chain is valid."""
    return x509.load_pem_x509_certificate(chain.encode()).not_valid_after_utc
