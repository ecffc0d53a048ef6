"""Messages that could not be stored even alone, held until it is certain that the fault is theirs."""

from ingest.decode import NOBODY
from ingest.message import Message, source_of

# More phones than this with nothing stored between: not their messages are at fault.
MOST_PHONES = 3


class Suspects:
    """A message is at fault when another one was stored after it had failed; else everything may be failing.

    Until then it is not acknowledged. `most_messages` are held at most: with nothing but the messages of one broken or
    hostile phone to be read, the oldest are given up for the sake of those that wait behind them.
    """

    def __init__(self, most_messages: int) -> None:
        self.most_messages = most_messages
        self._held: list[tuple[Message, Exception]] = []
        self._guilty: list[Message] = []

    def suspect(self, message: Message, error: Exception) -> None:
        """`message` failed alone, with `error`."""
        self._held.append((message, error))
        excess = len(self._held) - self.most_messages
        if excess > 0:
            self._guilty += [message for message, _ in self._held[:excess]]
            del self._held[:excess]

    def note_stored(self) -> None:
        """Another message was stored."""
        self._guilty += [message for message, _ in self._held]
        self._held.clear()

    def take_guilty(self) -> list[Message]:
        """Those whose own fault it is, to be tried once more and set aside."""
        guilty, self._guilty = self._guilty, []
        return guilty

    def raise_if_all_fail(self) -> None:
        """Raise the last error when so many phones are under suspicion that nobody's message is."""
        if len({login_of(message) for message, _ in self._held}) > MOST_PHONES:
            raise self._held[-1][1]


def login_of(message: Message) -> str:
    """Whose message it is; by login: one phone may speak under as many device names as it likes."""
    return (source_of(message.packet.topic) or NOBODY).login
