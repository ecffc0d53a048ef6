"""Everything a phone needs to begin: addresses, credentials, links and QR codes; decided without I/O."""

import base64
import datetime as dt
from functools import lru_cache
from urllib.parse import quote, urlencode, urlsplit

import msgspec
import segno

from freight.config import FreightConfig
from freight.drivers.credentials import device_password, tracker_id
from freight.drivers.views import DeviceKind, DeviceSetup

DEVICE_NAME = "phone"
PHONE_PATH = "/phone"
# A truck at 80 km/h drives 700 m meanwhile: sharp enough for a fence, easy on a battery.
REPORT_EVERY_S = 30


class Device(msgspec.Struct, frozen=True):
    """A device's row with its last word."""

    id: int
    driver_id: int
    login: str
    kind: DeviceKind
    name: str
    secret_version: int
    last_heard_at: dt.datetime | None
    offline_at: dt.datetime | None
    battery_pct: int | None


@lru_cache(maxsize=1024)
def qr_svg(text: str) -> str:
    """A QR code as SVG text without fixed size; drawing one takes 20 ms, so the last thousand are kept."""
    return segno.make(text, error="l", micro=False).svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)


def device_setup(device: Device, config: FreightConfig) -> DeviceSetup:
    """What the page and the QR codes tell a phone."""
    password = device_password(config.device_secret, device.login, device.secret_version)
    identifier = tracker_id(config.device_secret, device.login, device.secret_version)
    phone_url = f"{config.public_url}{PHONE_PATH}"
    owntracks_url = _owntracks_url(device.login, password, config)
    return DeviceSetup(
        id=device.id,
        kind=device.kind,
        name=device.name,
        login=device.login,
        password=password,
        topic=f"owntracks/{device.login}/{DEVICE_NAME}",
        device_name=DEVICE_NAME,
        mqtt_host=config.phone_mqtt_host,
        mqtt_port=config.phone_mqtt_port,
        mqtt_tls=config.phone_mqtt_tls,
        socket_url=_socket_url(config.public_url),
        owntracks_url=owntracks_url,
        owntracks_http_url=phone_url,
        owntracks_qr_svg=qr_svg(owntracks_url),
        traccar_url=phone_url,
        traccar_id=identifier,
        traccar_qr_svg=qr_svg(traccar_configuration(phone_url, identifier)),
        last_heard_at=device.last_heard_at,
        battery_pct=device.battery_pct,
        offline=device.offline_at is not None,
    )


def _socket_url(public_url: str) -> str:
    parts = urlsplit(public_url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}/mqtt"


def _owntracks_url(login: str, password: str, config: FreightConfig) -> str:
    """The app opens it and takes the whole configuration (owntracks.org, "URL config")."""
    configuration = {
        "_type": "configuration",
        "mode": 0,
        "host": config.phone_mqtt_host,
        "port": config.phone_mqtt_port,
        "tls": config.phone_mqtt_tls,
        "auth": True,
        "username": login,
        "password": password,
        "clientId": login,
        "deviceId": DEVICE_NAME,
        "tid": login[-2:],
        "cleanSession": False,
        "keepalive": 300,
        "pubQos": 1,
        "pubRetain": False,
        "cmd": False,
        # Mode "move": a truck is followed, not noticed.
        "monitoring": 2,
        "moveModeLocatorInterval": REPORT_EVERY_S,
        "locatorInterval": REPORT_EVERY_S,
        "pubExtendedData": True,
    }
    inline = base64.b64encode(msgspec.json.encode(configuration)).decode()
    return f"owntracks:///config?inline={quote(inline, safe='')}"


def traccar_configuration(url: str, identifier: str) -> str:
    """Traccar Client (9 and newer) reads its settings from the query of the address in the QR code."""
    settings = {
        "id": identifier,
        "accuracy": "high",
        "interval": REPORT_EVERY_S,
        "distance": 200,
        "angle": 30,
        "heartbeat": 300,
        "buffer": "true",
    }
    return f"{url}?{urlencode(settings)}"
