"""Chinese names in Russian letters by Palladius' system, which maps and customs papers use."""

from __future__ import annotations

import unicodedata


def _table(pinyin: str, russian: str) -> dict[str, str]:
    return dict(zip(pinyin.split(), russian.split(), strict=True))


_INITIALS = _table(
    "zh ch sh b p m f d t n l g k h j q x r z c s",
    "чж ч ш б п м ф д т н л г к х цз ц с ж цз ц с",
)
_FINALS = _table(
    "a o e ai ei ao ou an ang en eng ong i ia ie iao iu ian iang in ing iong u ua uo uai ui uan un uang v ve van vn",
    "а о э ай эй ао оу ань ан энь эн ун и я е яо ю янь ян инь ин юн у уа о уай уй уань унь уан юй юэ юань юнь",
)
_WITHOUT_INITIAL = _table(
    "a ai an ang ao e en er ou ya yan yang yao ye yi yin ying yong you yu yuan yue yun "
    "wa wai wan wang wei wen weng wo wu",
    "а ай ань ан ао э энь эр оу я янь ян яо е и инь ин юн ю юй юань юэ юнь ва вай вань ван вэй вэнь вэн во у",
)


def _syllables() -> dict[str, str]:
    table = dict(_WITHOUT_INITIAL)
    for initial, russian_initial in _INITIALS.items():
        for final, russian_final in _FINALS.items():
            if initial in ("z", "c", "s") and final == "i":
                russian_final = "ы"
            if initial == "h" and final == "ui":
                russian_final = "уэй"
            # After j, q, x a written u is ü.
            written = final.replace("v", "u") if initial in ("j", "q", "x") else final
            if initial in ("j", "q", "x") and final.startswith("u"):
                continue
            table[initial + written] = russian_initial + russian_final
    return table


_SYLLABLES = _syllables()


def palladius(pinyin: str) -> str | None:
    """A name in pinyin (with or without tone marks) in Russian letters; None when it is not pinyin."""
    decomposed = unicodedata.normalize("NFD", pinyin.lower()).replace("u\u0308", "v")
    plain = "".join(letter if letter.isalpha() else " " for letter in decomposed if not unicodedata.combining(letter))
    words = [_word(word) for word in plain.split()]
    whole = "".join(word for word in words if word)
    return whole.capitalize() if words and all(words) else None


def _word(word: str) -> str | None:
    """The word split into the fewest syllables, longest first; None when it can't be."""
    if not word:
        return ""
    for length in range(min(6, len(word)), 0, -1):
        syllable = _SYLLABLES.get(word[:length])
        rest = _word(word[length:]) if syllable is not None else None
        # A syllable does not begin with a vowel inside a word unless an apostrophe says so.
        if syllable is not None and rest is not None and not (rest and word[length] in "aeo"):
            # The hard sign keeps н from softening: Цинъян, not Цинян.
            return (
                f"{syllable}ъ{rest}" if syllable.endswith("н") and rest[:1] and rest[0] in "яюеи" else syllable + rest
            )
    return None
