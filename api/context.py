"""What endpoints work with: everything is handed in, nothing is looked up."""

import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path

from api.bridge import Bridge
from api.limits import RateLimits
from api.sockets import Socket
from freight.basemap import MapSettings
from freight.config import FreightConfig
from freight.routes.router import RoadRouter, RoutingConfig
from store.broker import BrokerConfig
from store.bus import Bus
from store.pool import Pool


async def _no_metrics(own: bytes) -> bytes:
    return own


@dataclasses.dataclass(frozen=True, slots=True)
class Services:
    """What `create_app` is given.

    - `bridge`: the broker as the account under which phones' HTTP fixes are published (`bridge-<n>`, one a process)
    - `web_directory`: what the web build made; pages are 404 while it is empty
    - `collect_metrics`: adds other processes' metrics to this one's page
    - `sockets`: the live side's addresses, to be documented beside the API
    """

    pool: Pool
    bus: Bus
    config: FreightConfig
    bridge: BrokerConfig
    web_directory: Path
    map: MapSettings = MapSettings()  # noqa: RUF009 - frozen
    routing: RoutingConfig = RoutingConfig()  # noqa: RUF009 - frozen
    collect_metrics: Callable[[bytes], Awaitable[bytes]] = _no_metrics
    sockets: tuple[Socket, ...] = ()


class Context:
    """The services with what this process makes of them; lives as long as the application."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.pool = services.pool
        self.bus = services.bus
        self.config = services.config
        self.map = services.map
        self.limits = RateLimits(services.bus.config)
        self.bridge = Bridge(services.bridge)
        self.roads = RoadRouter(services.routing)
