"""What the MQTT codec does with a packet it cannot read, in one place for both who use it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def whole_packets(end: Callable[[str], None]) -> Iterator[None]:
    """Packets are read within this until the rest of one is still on its way. What is no MQTT ends the connection:
    `end` is told why."""
    try:
        yield
    except IndexError:
        pass
    except ValueError as error:
        end(f"the broker sent what is no MQTT: {error}")
    except BaseException as error:
        if not _is_panic(error):
            raise
        end("the broker sent what is no MQTT: text that is not UTF-8")


def _is_panic(error: BaseException) -> bool:
    """Whether the codec broke down over a packet, as it does over text that is not UTF-8.

    Its class is no Exception and can be imported from nowhere; uncaught it passes every handler of ours on its way to
    the event loop, and nobody is told what the broker did.
    """
    return type(error).__name__ == "PanicException"
