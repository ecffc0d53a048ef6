"""The wire: every frame between the hub and a browser, both directions. Mirrored in web/shared/wire.ts.

A room is `organisation` (all trips of the signed-in dispatcher's organisation) or, on /ws/share, `share`. A client
joins, gets a snapshot with an epoch and a sequence, then deltas whose sequence rises by one. A gap or another epoch
means: ask to resync. Positions are coalesced per truck, at most ten frames a second a room (one on /ws/share), fewer
when many listen; events are never dropped.
"""

import msgspec

from freight.events.views import EventView
from freight.shares.views import PublicTrip
from freight.tracking.views import PositionView
from freight.trips.views import TripView


class Join(msgspec.Struct, frozen=True, tag="join", forbid_unknown_fields=True):
    """Client: send me the organisation's live picture."""


class Open(msgspec.Struct, frozen=True, tag="open", forbid_unknown_fields=True):
    """Client, first message on /ws/share: the link's token."""

    token: str


class Resync(msgspec.Struct, frozen=True, tag="resync", forbid_unknown_fields=True):
    """Client: I missed something; send a snapshot again (at most one in two seconds)."""


ClientMessage = Join | Open | Resync


class Snapshot(msgspec.Struct, frozen=True, tag="snapshot"):
    """All open trips of the organisation, with those finished in the last day."""

    epoch: str
    sequence: int
    server_time_ms: int
    trips: list[TripView]
    unread_count: int


class ShareSnapshot(msgspec.Struct, frozen=True, tag="share_snapshot"):
    """The shared trip."""

    epoch: str
    sequence: int
    server_time_ms: int
    trip: PublicTrip


class Positions(msgspec.Struct, frozen=True, tag="positions"):
    """The newest position of each truck that moved since the last frame."""

    epoch: str
    sequence: int
    server_time_ms: int
    positions: list[PositionView]


class TripChanged(msgspec.Struct, frozen=True, tag="trip"):
    """A trip as it is now; it replaces what the client had. Its position may be older than one already shown:
    keep the one with the higher `sequence`."""

    epoch: str
    sequence: int
    trip: TripView


class TripGone(msgspec.Struct, frozen=True, tag="trip_gone"):
    """A trip left the picture, most often because it ended a day ago; a page that shows it alone may keep it."""

    epoch: str
    sequence: int
    trip_id: int


class ShareChanged(msgspec.Struct, frozen=True, tag="share_trip"):
    """The shared trip as it is now; `track` and `route` are null where the page has them. A page lengthens its track
    by the positions it hears; the whole comes again when points came late, at most once in a quarter of a minute."""

    epoch: str
    sequence: int
    trip: PublicTrip


class EventHappened(msgspec.Struct, frozen=True, tag="event"):
    """A stage or another fact; drop what (id, revision) says you have."""

    epoch: str
    sequence: int
    event: EventView


class Unread(msgspec.Struct, frozen=True, tag="unread"):
    """How many notifications this person has not read; carries no sequence."""

    unread_count: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """Why the hub closes the socket, in words, just before it does."""

    code: int
    reason: str


ServerMessage = (
    Snapshot | ShareSnapshot | Positions | TripChanged | TripGone | ShareChanged | EventHappened | Unread | Refused
)

# Close codes. Besides these 1007, 1009 (frame too long), 1011 (try again) and 1012 (restarting), as RFC 6455 has them.
BAD_MESSAGE = 4000
NOT_SIGNED_IN = 4001
NO_SUCH_SHARE = 4004
TOO_SLOW = 4008
TOO_MANY = 4009
ENDED = 4010
