"""What can go wrong while taking phones' messages in: types with data, base class first."""


class IngestError(Exception):
    """Base of the package's errors."""


class Unreadable(IngestError):
    """A message or a part of it can become no fix; `reason` is the word it is quarantined and counted under,
    `sequence` the number our own app waits to have answered, 0 for none."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.sequence = 0
