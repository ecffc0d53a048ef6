"""What the driver's page shows."""

import msgspec

from freight.accounts.views import UserView
from freight.drivers.views import DeviceSetup
from freight.routes.views import RouteView
from freight.shares.views import Watcher
from freight.trips.views import EndedTrip, TripView


class DriverHome(msgspec.Struct, frozen=True):
    """The tracking page: who I am, what I carry, my app's credentials, who is watching.

    `last_ended` is the newest trip the dispatcher cancelled or declared failed within a day. `former_logins` are
    logins the page had before: what a phone still keeps under them is sent under the app's present one.
    """

    user: UserView
    driver_id: int
    has_password: bool
    on_shift: bool
    trip: TripView | None
    route: RouteView | None
    last_ended: EndedTrip | None
    app: DeviceSetup
    former_logins: list[str]
    devices: list[DeviceSetup]
    watchers: list[Watcher]
