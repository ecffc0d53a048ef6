"""How place names are compared: folded to one spelling, and read again as if typed on the other keyboard.

Both sides of a search go through `fold`: the names when they are loaded, the text when it is typed.
"""

from __future__ import annotations

import unicodedata

# Letters Unicode does not take apart, brought to what someone without them on the keyboard would type.
_PLAIN_LETTERS = str.maketrans(
    {
        **dict(zip("өүңқғәіұһҳҷўєїґјђћ", "оункгаиуххчуеигйдч", strict=True)),
        **dict(zip("ıøłđəŋ", "ioldan", strict=True)),
        **dict(zip("ßæœþ", ("ss", "ae", "oe", "th"), strict=True)),
    }
)
_SILENT = set("ʻʼ‘’'`´ʹ′ьъ")

_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~{}:\"<>"
_RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбюёхъжэбю"
_TO_RUSSIAN = dict(zip(_LATIN_KEYS, _RUSSIAN_KEYS, strict=True))
_TO_LATIN = {russian: latin for latin, russian in reversed(_TO_RUSSIAN.items())}


def fold(text: str) -> str:
    """One spelling for all: lower case, no accents, ё as е, no soft signs or apostrophes, words by single spaces.

    Kyrgyz, Kazakh, Uzbek and Tajik letters become the Russian ones nearest to them (Өзгөн and Озгон are the same).
    """
    # Taken apart before it is lowered: some letters, such as 𝔍, are capitals only underneath.
    lowered = unicodedata.normalize("NFKD", text).lower()
    decomposed = unicodedata.normalize("NFKD", lowered.translate(_PLAIN_LETTERS))
    letters = [letter for letter in decomposed if not unicodedata.combining(letter) and letter not in _SILENT]
    # Case folding and decomposition may each bring a letter of the table to light.
    plain = "".join(letters).translate(_PLAIN_LETTERS)
    return " ".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def retyped(text: str) -> str | None:
    """What the same keys give on the other layout: `<birtr` is Бишкек, `ещлещпгд` is toktogul.

    None when the text holds letters of both alphabets, of another, or none at all; and where letters would become
    signs no Latin name has: `бишк` is no `,bir`.
    """
    lowered = text.lower()
    letters = [letter for letter in lowered if letter.isalpha()]
    if letters and all("a" <= letter <= "z" for letter in letters):
        return "".join(_TO_RUSSIAN.get(letter, letter) for letter in lowered)
    if letters and all(letter in _TO_LATIN for letter in letters):
        latin = [_TO_LATIN[letter] for letter in letters]
        if all(letter.isalpha() or letter == "'" for letter in latin):
            return "".join(_TO_LATIN.get(letter, letter) for letter in lowered)
    return None
