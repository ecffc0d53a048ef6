"""Phone numbers in any usual spelling, stored as +996…; and whether a login is one."""

import phonenumbers

from freight.errors import Invalid

# Numbers without a country code are read as Kyrgyz ones.
DEFAULT_REGION = "KG"


def normalise_phone(text: str, field: str = "phone") -> str:
    """The number as E.164, such as +996555123456. Raises Invalid when it cannot be one."""
    phone = parse_phone(text)
    if phone is None:
        raise Invalid(field, "not_a_phone", "not a phone number")
    return phone


def read_login(text: str) -> tuple[str | None, str | None]:
    """What someone signs in with, as it is stored: (e-mail address, None), (None, number), or neither."""
    if "@" in text:
        return text.strip().lower()[:320], None
    return None, parse_phone(text)


def parse_phone(text: str) -> str | None:
    """The number as E.164, or None."""
    try:
        number = phonenumbers.parse(text[:40], DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
