"""What a driver's vehicle may be called, and what the broker must know of a device; decided without I/O."""

from freight.texts import tidy

MOST_DEVICES = 10
# Which edition of a device's rights (`store.broker.device_role`) the broker should know: raised with every change of
# them, so that the worker tells it of every device anew.
RIGHTS = 1
_VERSIONS_A_DEVICE = 1000


def tidy_plate(text: str) -> str:
    """A number plate as it is written: capitals, single blanks."""
    return tidy(text).upper()


def broker_version(secret_version: int, enabled: bool) -> int:
    """What `broker_version` holds once the broker knows: negative for a device it locks out."""
    told = RIGHTS * _VERSIONS_A_DEVICE + secret_version % _VERSIONS_A_DEVICE
    return told if enabled else -told
