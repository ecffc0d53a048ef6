"""Phone numbers in any usual spelling, stored as +996…"""

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


def parse_phone(text: str) -> str | None:
    """The number as E.164, or None."""
    try:
        number = phonenumbers.parse(text[:40], DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
