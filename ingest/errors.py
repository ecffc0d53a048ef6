"""What can go wrong while taking phones' messages in: types with data, base class first."""


class IngestError(Exception):
    """Base of the package's errors."""


class BrokerRefused(IngestError):
    """The broker accepted the connection but not us, or not our subscriptions; `reason` is its own word."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"the broker refused the {step}: {reason}")
        self.step = step
        self.reason = reason


class ConnectionLost(IngestError):
    """The connection to the broker broke or was ended by it; `reason` says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unreadable(IngestError):
    """A message or a part of it can become no fix; `reason` is the word it is quarantined and counted under,
    `sequence` the number our own app waits to have answered, 0 for none."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.sequence = 0
