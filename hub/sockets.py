"""The live side's two addresses as the API's document shows them: api and push know nothing of each other."""

from __future__ import annotations

from api.sockets import Socket
from freight.accounts.tokens import SESSION_COOKIE
from freight.permissions import ROOMS
from push import messages
from push.limits import PushLimits

_LIMITS = PushLimits()
_OFTEN = (
    f"at most {_LIMITS.incoming_burst} messages at once and {_LIMITS.incoming_per_s:.0f} a second, and "
    f"{_LIMITS.sockets_per_user} sockets a person or {_LIMITS.sockets_per_network} a network"
)
CLOSES = {
    1007: "a frame that is not UTF-8",
    1009: f"a frame over {_LIMITS.frame_bytes} bytes",
    1011: "the database does not answer: come again after a moment",
    1012: "the hub restarts: come again at once",
    messages.BAD_MESSAGE: "what came is not one of the client's frames, or not in its turn",
    messages.NOT_SIGNED_IN: f"no valid session, or nothing said within {_LIMITS.sign_in_s:.0f} s",
    messages.NO_SUCH_SHARE: "the link is unknown, expired or revoked; which of them is not told",
    messages.TOO_SLOW: f"the client took nothing off its connection for {_LIMITS.stuck_s:.0f} s",
    messages.TOO_MANY: f"too much: {_OFTEN}",
    messages.ENDED: "the session or the link ended while the socket was open",
}


def _closes(*left_out: int) -> dict[int, str]:
    return {code: meaning for code, meaning in CLOSES.items() if code not in left_out}


_COMMON = (
    "Frames are JSON texts told apart by `type`. After the first frame comes a snapshot with an `epoch` and a "
    "`sequence`; of the frames after it each that has a `sequence` has the next one. On a gap or another epoch send "
    f"`Resync` (at most one in {_LIMITS.resync_every_s:.0f} s). Before it closes, the hub says why in a `Refused` "
    "frame. It pings by itself (RFC 6455); browsers answer by themselves. An `Origin` other than the hub's own is "
    "refused at the handshake; programs send none."
)

SOCKETS = (
    Socket(
        "/ws",
        "Every open trip of the dispatcher's company, live",
        f"For: {ROOMS['organisation'].who}, by the cookie `{SESSION_COOKIE}` in the handshake. Positions come newest "
        f"per truck, at most {1 / _LIMITS.positions_every_s:.0f} frames a second. {_COMMON}",
        messages.Join,
        (messages.Join, messages.Resync),
        (
            *(messages.Snapshot, messages.Positions, messages.TripChanged, messages.TripGone),
            *(messages.EventHappened, messages.Unread, messages.Refused),
        ),
        _closes(messages.NO_SUCH_SHARE),
    ),
    Socket(
        "/ws/share",
        "The one trip of a customer's link, live",
        f"For: {ROOMS['share'].who}; the first frame holds the token after the link's `#`, so that no address and no "
        f"log has it. Positions come at most once in {_LIMITS.share_positions_every_s:.0f} s. {_COMMON}",
        messages.Open,
        (messages.Open, messages.Resync),
        (messages.ShareSnapshot, messages.Positions, messages.ShareChanged, messages.Refused),
        _closes(),
    ),
)
