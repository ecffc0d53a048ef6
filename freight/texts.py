"""Names as people see them."""

import unicodedata

# They join letters of Persian and parts of emoji, and stand at no end of a name.
_JOINERS = "\u200c\u200d"
_UNSEEN = ("Cc", "Cf")


def tidy(text: str) -> str:
    """One line without surrounding and doubled blanks, and without what draws nothing itself.

    A name of zero width would stand for nobody, a direction mark pasted with it turns round whatever is shown behind
    it, and a control character speaks to the terminal of an operator who lists people.
    """
    seen = "".join(letter for letter in text if letter.isspace() or letter in _JOINERS or not _is_unseen(letter))
    return " ".join(seen.split()).strip(_JOINERS)


def _is_unseen(letter: str) -> bool:
    return unicodedata.category(letter) in _UNSEEN
