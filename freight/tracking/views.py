"""What is said of a truck's place and of its travelled path.

Times are milliseconds since 1970 UTC (`_ms`), places WGS-84.
"""

import msgspec


class PositionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A truck's newest trusted position. `sequence` rises with every write of this trip's row: keep the newer.

    `flags` are the lower-case names of `geo.fix.Flag`. `progress_m` is along the planned route;
    `eta_at_ms` was computed at `eta_computed_at_ms`.
    """

    trip_id: int
    sequence: int
    fix_time_ms: int
    received_at_ms: int
    lat: float
    lon: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    bearing_deg: float | None = None
    battery_pct: int | None = None
    flags: list[str] = []
    progress_m: float | None = None
    distance_left_m: float | None = None
    eta_at_ms: int | None = None
    eta_computed_at_ms: int | None = None


class TrackView(msgspec.Struct, frozen=True):
    """The travelled path as `geo.track.encode_track` writes it; `point_count` of `stored_count` points remain.

    `simplified` tells that the full positions are past their retention.
    """

    encoded: str
    point_count: int
    stored_count: int
    simplified: bool
