"""Settings of the business, read from the environment by `hub.settings` alone."""

from typing import Literal

import msgspec

Language = Literal["ru", "en", "ky"]


class FreightConfig(msgspec.Struct, frozen=True):
    """Brand, addresses, retention and the secret everything derived hangs on.

    - `brand`: the name users see.
    - `public_url`: scheme and host of the web pages, without a trailing slash; share links and QR codes begin with it.
    - `device_secret`: at least 32 bytes; device passwords and share tokens are derived from it.
    - `retention_days`: how long positions are kept; the simplified track of a finished trip stays.
    - `share_days`: a share without a date of its own ends this many days after delivery.
    - `phone_mqtt_*`: what a stock tracker is told to connect to.
    """

    brand: str
    public_url: str
    device_secret: bytes
    retention_days: int = 30
    share_days: int = 3
    session_days: int = 30
    phone_mqtt_host: str = "127.0.0.1"
    phone_mqtt_port: int = 1883
    phone_mqtt_tls: bool = False
