"""Who may call what, and whose things: one row for every endpoint and every live room.

An endpoint without a row cannot be declared, nor one whose ids the row does not speak of. What the rows say is walked
by `tests/api/test_boundaries.py` with every role and every relation, and written into docs/permissions.md.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Literal, get_args

import msgspec

Role = Literal["dispatcher", "driver", "carrier", "manager", "finance"]
ROLES: frozenset[Role] = frozenset(get_args(Role))


class Relation(Enum):
    """What a thing has to be to whoever asks. Of any other he is told that it does not exist."""

    NOBODYS = "nobody's: the same for everyone"
    LOGIN = "whose number or address and password are given"
    ONE_TIME_LINK = "whose one-time link is given"
    LINK_TO_TRIP = "the trip of the link that is given"
    HIS_OWN = "his own"
    OF_HIS_COMPANY = "his company's"
    TRIP = "a trip of his company"
    STOP_OF_TRIP = "a stop of that trip"
    SHARE = "a link to a trip of his company"
    MY_DRIVER = "a driver on his company's list"
    MY_DRIVER_ALONE = "a driver on his company's list and on no other's (409 `driver_shared`)"
    DEVICE_OF_MY_DRIVER_ALONE = "a phone or tracker of such a driver (409 `driver_shared` when another has him too)"
    WHERE_TO_GO_ON = "any: it only says where to go on, and what follows is his own all the same"
    STOP_CARRIED = "a stop of the trip he carries, or carried until three days ago"


class Permission(msgspec.Struct, frozen=True):
    """A row: `roles` may call, everyone without an account too when it is None. `ids` says by name what each id of
    path, query and body must be; `of` whose things are told or changed where no id names one."""

    roles: frozenset[Role] | None
    of: Relation
    ids: Mapping[str, Relation] = {}

    @property
    def is_public(self) -> bool:
        """Whether nobody has to sign in."""
        return self.roles is None

    @property
    def is_for_every_role(self) -> bool:
        """Whether it is enough to be signed in."""
        return self.roles == ROLES

    def admits(self, role: str) -> bool:
        """Whether a signed-in person of this role may call."""
        return self.roles is None or role in self.roles

    @property
    def who(self) -> str:
        """The roles in words."""
        if self.roles is None:
            return "public"
        return "signed in" if self.is_for_every_role else ", ".join(sorted(self.roles))


def public(of: Relation) -> Permission:
    """For whoever shows what it takes."""
    return Permission(None, of)


def signed_in(of: Relation, **ids: Relation) -> Permission:
    """For everyone with an account."""
    return Permission(ROLES, of, ids)


def dispatcher(**ids: Relation) -> Permission:
    """For who dispatches for a company, of which everything told or changed is."""
    return Permission(frozenset({"dispatcher"}), Relation.OF_HIS_COMPANY, ids)


def driver(**ids: Relation) -> Permission:
    """For a driver, of himself."""
    return Permission(frozenset({"driver"}), Relation.HIS_OWN, ids)


R = Relation
ENDPOINTS: Mapping[str, Permission] = {
    "POST /api/session": public(R.LOGIN),
    "POST /api/session/link": public(R.ONE_TIME_LINK),
    "GET /api/session": signed_in(R.HIS_OWN),
    "PATCH /api/session": signed_in(R.HIS_OWN),
    "DELETE /api/session": signed_in(R.HIS_OWN),
    "POST /api/session/password": signed_in(R.HIS_OWN),
    "GET /api/trips": dispatcher(before_id=R.WHERE_TO_GO_ON),
    "POST /api/trips": dispatcher(driver_id=R.MY_DRIVER, place_id=R.NOBODYS),
    "GET /api/trips/{trip_id}": dispatcher(trip_id=R.TRIP),
    "GET /api/trips/{trip_id}/track": dispatcher(trip_id=R.TRIP),
    "GET /api/trips/{trip_id}/events": dispatcher(trip_id=R.TRIP),
    "POST /api/trips/{trip_id}/marks": dispatcher(trip_id=R.TRIP, stop_id=R.STOP_OF_TRIP),
    "POST /api/trips/{trip_id}/end": dispatcher(trip_id=R.TRIP),
    "PATCH /api/trips/{trip_id}/stops/{stop_id}": dispatcher(trip_id=R.TRIP, stop_id=R.STOP_OF_TRIP),
    "POST /api/routes": signed_in(R.NOBODYS),
    "GET /api/trips/{trip_id}/shares": dispatcher(trip_id=R.TRIP),
    "POST /api/trips/{trip_id}/shares": dispatcher(trip_id=R.TRIP),
    "PATCH /api/shares/{share_id}": dispatcher(share_id=R.SHARE),
    "DELETE /api/shares/{share_id}": dispatcher(share_id=R.SHARE),
    "GET /api/shares/{share_id}/views": dispatcher(share_id=R.SHARE),
    "GET /api/shares/{share_id}/qr.svg": dispatcher(share_id=R.SHARE),
    "POST /api/share": public(R.LINK_TO_TRIP),
    "GET /api/drivers": dispatcher(),
    "POST /api/drivers": dispatcher(),
    "PATCH /api/drivers/{driver_id}": dispatcher(driver_id=R.MY_DRIVER_ALONE),
    "POST /api/drivers/{driver_id}/link": dispatcher(driver_id=R.MY_DRIVER_ALONE),
    "GET /api/drivers/{driver_id}/devices": dispatcher(driver_id=R.MY_DRIVER),
    "POST /api/drivers/{driver_id}/devices": dispatcher(driver_id=R.MY_DRIVER_ALONE),
    "DELETE /api/devices/{device_id}": dispatcher(device_id=R.DEVICE_OF_MY_DRIVER_ALONE),
    "GET /api/driver": driver(),
    "POST /api/driver/marks": driver(stop_id=R.STOP_CARRIED),
    "POST /api/driver/shift": driver(),
    "POST /api/driver/password": driver(),
    "POST /api/driver/devices": driver(),
    "GET /api/places": signed_in(R.NOBODYS),
    "GET /api/notifications": signed_in(R.HIS_OWN, before_id=R.WHERE_TO_GO_ON),
    "POST /api/notifications/read": signed_in(R.HIS_OWN, up_to_id=R.WHERE_TO_GO_ON),
}

# By the noun of `push.rooms`. A role has one room on `/ws` at most; what is public is on an address of its own.
ROOMS: Mapping[str, Permission] = {
    "organisation": dispatcher(),
    "share": public(R.LINK_TO_TRIP),
}


def room_of(role: str) -> str | None:
    """The live room that a signed-in person of this role is let into; None when he has none."""
    return next((noun for noun, row in ROOMS.items() if not row.is_public and row.admits(role)), None)
