"""Refusals of the business: types with data. Interfaces translate `code`; `detail` is English for integrators."""

from collections.abc import Mapping

Value = str | int | float | bool | None


class FreightError(Exception):
    """Base of every refusal. `code` is a stable machine name, `field` the JSON path that has to be corrected
    (empty when none is at fault), `data` figures for the sentence an interface makes of it."""

    code = "refused"

    def __init__(self, code: str, detail: str, *, field: str = "", data: Mapping[str, Value] | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.field = field
        self.data = dict(data or {})


class NotSignedIn(FreightError):
    """Who asks is unknown, or what he proved himself with is wrong."""

    def __init__(self, code: str = "not_signed_in", detail: str = "sign in first") -> None:
        super().__init__(code, detail)


class NotAllowed(FreightError):
    """Who asks is known, but this is not for his role."""

    def __init__(self, code: str = "not_allowed", detail: str = "not for your role") -> None:
        super().__init__(code, detail)


class NotFound(FreightError):
    """There is no such thing, or it is another organisation's: the two are told alike."""

    def __init__(self, noun: str) -> None:
        super().__init__("not_found", f"no such {noun}", data={"noun": noun})


class Invalid(FreightError):
    """What was sent cannot be right whatever the state; `field` names what."""

    def __init__(self, field: str, code: str, detail: str, data: Mapping[str, Value] | None = None) -> None:
        super().__init__(code, detail, field=field, data=data)


class Conflict(FreightError):
    """What was asked is well formed, but not possible now."""


class Overloaded(FreightError):
    """Too much at once; the same request may succeed in a moment."""

    def __init__(self, detail: str) -> None:
        super().__init__("overloaded", detail)
