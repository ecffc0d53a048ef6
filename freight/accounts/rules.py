"""What a name, an e-mail address and a password may be."""

import re

from freight.accounts.guessing import is_guessable
from freight.accounts.views import UserView
from freight.errors import Invalid, NotAllowed
from freight.texts import tidy

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 200
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,60}")


def check_password(password: str, *, field: str = "new", names: tuple[str, ...] = ()) -> None:
    """Raises Invalid when the password is too short, too long, among the first guesses, or made of `names`."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(field, "password_too_short", "at least 8 characters are needed", {"minimum": SHORTEST_PASSWORD})
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(field, "password_too_long", "at most 200 characters", {"maximum": LONGEST_PASSWORD})
    folded = password.casefold()
    if len(set(folded)) < 4 or folded in {name.casefold() for name in names} or is_guessable(password, names):
        raise Invalid(field, "password_guessable", "this password is among the first to be guessed")


def check_name(name: str, *, field: str = "name", longest: int = 120) -> str:
    """The name as people see it. Raises Invalid when nothing is left or it is too long."""
    seen = tidy(name)
    if not 1 <= len(seen) <= longest:
        raise Invalid(field, "bad_length", f"1 to {longest} characters", {"minimum": 1, "maximum": longest})
    return seen


def normalise_email(text: str, *, field: str = "email") -> str:
    """The address in lower case. Raises Invalid when it cannot be one."""
    email = text.strip().lower()
    if _EMAIL.fullmatch(email) is None:
        raise Invalid(field, "not_an_email", "not an e-mail address")
    return email


def organisation_of(user: UserView) -> int:
    """Whose trips a person sees. Raises NotAllowed for one who belongs to no organisation."""
    if user.organisation_id is None:
        raise NotAllowed
    return user.organisation_id
