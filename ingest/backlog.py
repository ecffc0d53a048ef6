"""Messages read and not yet committed: bounded, in order, and shared fairly among the phones."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence

from ingest.message import Message
from store.pauses import happens_within

# Arrays of fixes are long; single fixes are not worth counting by phone.
LONG_MESSAGE_BYTES = 2_048
# How long an empty backlog is waited at before whoever asks may look around.
PATIENCE_S = 0.25


class Backlog:
    """Filled by the connection, emptied in batches. `is_full` tells the connection to stop reading."""

    def __init__(self, most_messages: int, most_bytes: int, batch_messages: int, batch_bytes: int) -> None:
        self.most_messages = most_messages
        self.most_bytes = most_bytes
        self.batch_messages = batch_messages
        self.batch_bytes = batch_bytes
        # Long messages of one phone may fill at most a quarter of a batch.
        self.phone_bytes = max(batch_bytes // 4, LONG_MESSAGE_BYTES)
        self._waiting: deque[Message] = deque()
        self._held_messages = 0
        self._held_bytes = 0
        self._arrived = asyncio.Event()
        self._enough = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether more is held, waiting or being stored, than memory is meant for."""
        return self._held_messages >= self.most_messages or self._held_bytes >= self.most_bytes

    def add(self, messages: Sequence[Message]) -> None:
        """Take what was read."""
        self._waiting.extend(messages)
        self._held_messages += len(messages)
        self._held_bytes += sum([len(message.packet.payload) for message in messages])
        self._arrived.set()
        if len(self._waiting) >= self.batch_messages:
            self._enough.set()

    def release(self, messages: Sequence[Message]) -> None:
        """These need no memory any more."""
        self._held_messages -= len(messages)
        self._held_bytes -= sum([len(message.packet.payload) for message in messages])

    def forget(self, connection: int) -> None:
        """A connection was lost: what waits of it, unacknowledged, will be sent again."""
        lost = [m for m in self._waiting if m.connection == connection and m.packet.packet_id is not None]
        if lost:
            gone = set(map(id, lost))
            self._waiting = deque(message for message in self._waiting if id(message) not in gone)
            if not self._waiting:
                self._arrived.clear()
            self.release(lost)

    async def next_batch(self, linger_s: float) -> list[Message]:
        """Wait a moment for messages, then at most `linger_s` for a full batch; the oldest first, or none."""
        if not await happens_within(self._arrived, PATIENCE_S):
            return []
        if len(self._waiting) < self.batch_messages:
            self._enough.clear()
            # What came while the last batch was stored has lingered already.
            age_s = time.time() - self._waiting[0].received_at_us / 1_000_000
            # A wall clock that was set back makes them come from the future.
            await happens_within(self._enough, min(linger_s, linger_s - age_s))
        batch = self._take()
        if not self._waiting:
            self._arrived.clear()
        return batch

    def _take(self) -> list[Message]:
        """A batch; of a phone that sends long messages no more than its share, the rest keeps its place in front."""
        batch: list[Message] = []
        held_back: list[Message] = []
        bytes_taken = 0
        phones: dict[str, int] = {}
        waiting = self._waiting
        while waiting and len(batch) < self.batch_messages and bytes_taken < self.batch_bytes:
            message = waiting.popleft()
            size = len(message.packet.payload)
            if size >= LONG_MESSAGE_BYTES or phones:
                topic = message.packet.topic
                taken = phones.get(topic, 0)
                if size >= LONG_MESSAGE_BYTES or taken:
                    if taken and taken + size > self.phone_bytes:
                        # Everything later of this phone waits as well: its order is kept.
                        phones[topic] = self.batch_bytes
                        held_back.append(message)
                        continue
                    phones[topic] = taken + size
            bytes_taken += size
            batch.append(message)
        waiting.extendleft(reversed(held_back))
        return batch
