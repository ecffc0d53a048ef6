"""City and border post search."""

from typing import Annotated

import msgspec

from api.context import Context
from api.http import Endpoints
from freight.accounts.views import UserView
from freight.config import Language
from freight.fields import Latitude, Longitude
from freight.places.actions import search_places
from freight.places.views import PlaceList
from store.pool import Connection

endpoints = Endpoints("Places")


class PlacesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`language` omitted: the person's own. `lat` and `lon` together prefer what is near."""

    q: Annotated[str, msgspec.Meta(max_length=100)]
    language: Language | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=30)] = 10
    lat: Latitude | None = None
    lon: Longitude | None = None


@endpoints.add("GET", "/api/places")
async def places(context: Context, connection: Connection, user: UserView, query: PlacesQuery) -> PlaceList:
    """Cities, border posts and dry ports by any of their names, with typos."""
    await context.limits.check("places", str(user.id))
    near = (query.lat, query.lon) if query.lat is not None and query.lon is not None else None
    return PlaceList(
        await search_places(connection, query.q, query.language or user.language, limit=query.limit, near=near)
    )
