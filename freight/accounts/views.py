"""What is said of a person and a session."""

import msgspec

from freight.basemap import MapSettings
from freight.config import Language
from freight.fields import Secret, ShortText, Title


class UserView(msgspec.Struct, frozen=True):
    """The signed-in person. `organisation_name` is empty for a self-employed driver."""

    id: int
    role: str
    name: str
    email: str | None
    phone: str | None
    language: Language
    organisation_id: int | None
    organisation_name: str
    timezone: str


class SessionView(msgspec.Struct, frozen=True):
    """Everything a page needs before its first draw. `csrf` goes back in the `X-CSRF` header of every change;
    a public link without a date of its own ends `share_days` after delivery."""

    user: UserView
    brand: str
    map: MapSettings
    share_days: int
    csrf: str


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`login` is an e-mail address or a phone number in any usual spelling."""

    login: Title
    password: Secret


class SignInByLink(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of a driver's one-time link."""

    token: ShortText


class ChangePassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ends every other session of the person."""

    current: Secret
    new: Secret


class FirstPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password of who came by a link and has none yet."""

    new: Secret


class ChangeSelf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person may change of himself."""

    language: Language | None = None
