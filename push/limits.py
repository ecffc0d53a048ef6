"""How much one socket and one room may use."""

import msgspec


class PushLimits(msgspec.Struct, frozen=True):
    """Bounds of the live side; seconds end in `_s`.

    - `sign_in_s`: from the handshake to the first valid join or open.
    - `stuck_s`: how long a client may take nothing off its full pipe before it is closed as too slow.
    - `behind_s`: how old the oldest unsent frame may become, even when the client reads a little.
    - `outgoing_bytes`: what may wait for one client.
    - `positions_every_s`: the shortest time between two position frames of a dispatcher's room, on average;
      `share_positions_every_s`: of a public link's, which many watch on a phone's own money.
    - `share_path_every_s`: the shortest time between two whole paths to the openers of a link, sent again when points
      came late; `share_path_settles_s`: how long the rest of such points is waited for.
    - `position_frames_per_s`: what a room may send to all its listeners together; a crowded one speaks more seldom.
    - `resync_every_s`: the shortest time between two snapshots to one client.
    - `incoming_burst`, `incoming_per_s`: messages a client may send at once and on average.
    - `sockets_per_user`, `sockets_per_network`: signed-in people, and openers of shares by `freight.networks`, in each
      process.
    - `empty_room_s`: how long a room without listeners stays; a reloaded page comes back within seconds.
    - `recheck_every_s`: how often every session and share is looked up again; `refresh_every_s`: every room.
    - `frame_bytes`: the longest frame of a client; the server in front of us holds it.
    """

    sign_in_s: float = 15.0
    stuck_s: float = 5.0
    behind_s: float = 30.0
    outgoing_bytes: int = 8 * 1024 * 1024
    positions_every_s: float = 0.1
    share_positions_every_s: float = 1.0
    share_path_every_s: float = 15.0
    share_path_settles_s: float = 3.0
    position_frames_per_s: float = 5_000.0
    resync_every_s: float = 2.0
    incoming_burst: int = 20
    incoming_per_s: float = 2.0
    sockets_per_user: int = 20
    sockets_per_network: int = 60
    recheck_every_s: float = 3.0
    refresh_every_s: float = 60.0
    empty_room_s: float = 10.0
    frame_bytes: int = 65_536
