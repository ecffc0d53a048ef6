"""Why the hub ends a socket."""

from push.messages import BAD_MESSAGE, ENDED, NO_SUCH_SHARE, NOT_SIGNED_IN, TOO_MANY, TOO_SLOW


class Refusal(Exception):
    """The socket is closed with `code` after `reason` was said in a `refused` frame."""

    code = BAD_MESSAGE
    reason = "The message is not one of the protocol"

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(reason or self.reason)
        self.reason = reason or self.reason


class BadMessage(Refusal):
    """What came is not a client message."""


class NotSignedIn(Refusal):
    """No valid session, or nothing said in time."""

    code = NOT_SIGNED_IN
    reason = "Sign in first"


class NoSuchShare(Refusal):
    """Unknown, expired and revoked links look the same."""

    code = NO_SUCH_SHARE
    reason = "This link is not valid or is closed"


class TooSlow(Refusal):
    """The client takes nothing off its connection."""

    code = TOO_SLOW
    reason = "The connection is too slow"


class TooMany(Refusal):
    """Too many messages, or too many sockets of one person or network."""

    code = TOO_MANY
    reason = "Too many messages"


class NotNow(Refusal):
    """The database is away; RFC 6455's code for a server in trouble. The client comes again."""

    code = 1011
    reason = "Try again in a moment"


class Ended(Refusal):
    """The session or the link ended while the socket was open."""

    code = ENDED
    reason = "This session or link has ended"
