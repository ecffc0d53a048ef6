"""Which map is drawn below everything."""

import msgspec


class MapSettings(msgspec.Struct, frozen=True):
    """Which basemap the browser shall draw: the operator's style or PMTiles file, else a public style if the
    browser reaches it, else the embedded one."""

    style_url: str | None = None
    pmtiles_url: str | None = None
    public_style_url: str | None = None
