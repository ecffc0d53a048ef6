"""How soon a password would be guessed: by the lists and habits zxcvbn knows, whatever alphabet it is typed in."""

import re

from zxcvbn_rs_py import zxcvbn

# zxcvbn's own line: fewer guesses than these do not hold even where tries are counted.
FEWEST_GUESSES = 1_000_000
# Beyond it zxcvbn may take seconds, and what begins so well is good enough.
LONGEST_JUDGED = 24
LONGEST_NAMES = 40

# What its lists, made of the world's passwords, do not have from here.
_FROM_HERE = (
    *("bishkek", "kyrgyz", "kyrgyzstan", "issykkul", "ysykkol", "naryn", "karakol", "jalalabad", "alatoo", "manas"),
    *("tokmok", "dordoi", "kumtor", "reis", "gruz", "dalnoboy", "kamaz"),
)

# The same keys with the other layout on.
_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
_RUSSIAN = dict(zip("абвгдеёзийклмнопрстуфцыэңөү", "abvgdeeziyklmnoprstufcyenou", strict=True))
_RUSSIAN |= {"ж": "zh", "х": "kh", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
# Жыргал and Айбек are Jyrgal and Aibek as often.
_LATIN = (str.maketrans(_RUSSIAN), str.maketrans(_RUSSIAN | {"ж": "j", "х": "h", "й": "i", "ю": "iu", "я": "ia"}))


def is_guessable(password: str, names: tuple[str, ...] = ()) -> bool:
    """Whether it is among the first million guesses of who knows the person's `names`."""
    start = password[:LONGEST_JUDGED]
    words = [*_FROM_HERE, *(reading for name in names for word in _words(name) for reading in _readings(word))]
    readings = _readings(start) | {start.casefold().translate(_KEYS)}
    return any(zxcvbn(reading[:LONGEST_JUDGED], words).guesses < FEWEST_GUESSES for reading in readings)


def _words(name: str) -> set[str]:
    """A name and its parts, such as those of an address, but for the short ones; a number as dialled at home."""
    folded = name.casefold()[:LONGEST_NAMES]
    parts = re.split(r"[\W_]+", folded)
    return {
        folded,
        folded.replace("+996", "0"),
        folded.removeprefix("+996"),
        *(part for part in parts if len(part) > 2),
    }


def _readings(text: str) -> set[str]:
    """As it is and in Latin letters."""
    return {text, *(text.casefold().translate(table) for table in _LATIN)}
