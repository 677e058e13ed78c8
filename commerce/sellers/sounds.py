"""How names sound, whatever script and spelling they are written in: one row of sounds, and how far two rows lie apart.

Pure. Bangla and Latin letters lead to the same small alphabet: vowels a e i o u, `~` (the vowel that Bangla does not
write), consonants without aspiration and length. Distances are tenths, so that sums are exact.
Not here: which names are common, what a distance means for a seller.
"""

import re
import unicodedata
from collections.abc import Sequence

VOWELS = frozenset("aeiou~")
GLIDES = frozenset("yw")

# Aspirated letters fall together with their plain sisters.
_CONSONANTS = {
    sign: sound
    for signs, sound in (
        ("কখ", "k"), ("গঘ", "g"), ("চছ", "c"), ("জঝয", "j"), ("টঠতথৎ", "t"), ("ডঢদধ", "d"), ("ঙঞণনং", "n"), ("প", "p"),
        ("ফ", "f"), ("বভ", "b"), ("ম", "m"), ("র", "r"), ("ল", "l"), ("শষস", "s"), ("হ", "h"),
    )
    for sign in signs
}  # fmt: skip
_SIGNS = {"া": "a", "ি": "i", "ী": "i", "ু": "u", "ূ": "u", "ৃ": "ri", "ে": "e", "ৈ": "oi", "ো": "o", "ৌ": "ou"}
_LETTERS = {
    "অ": "o",
    "আ": "a",
    "ই": "i",
    "ঈ": "i",
    "উ": "u",
    "ঊ": "u",
    "ঋ": "ri",
    "এ": "e",
    "ঐ": "oi",
    "ও": "o",
    "ঔ": "ou",
}
_HASANTA, _NUKTA = "\u09cd", "\u09bc"
_DIGRAPHS = (
    ("ksh", "k"), ("sch", "s"), ("chh", "c"), ("ch", "c"), ("sh", "s"), ("kh", "k"), ("gh", "g"), ("jh", "j"),
    ("th", "t"), ("dh", "d"), ("ph", "f"), ("bh", "b"), ("ck", "k"), ("ee", "i"), ("oo", "u"), ("qu", "k"),
)  # fmt: skip
_SINGLES = str.maketrans({"z": "j", "q": "k", "v": "b", "c": "k", "x": "k"})

# Tenths: how easily one sound is written for another. What is not listed costs a whole sound.
_SWAPS = {
    frozenset(pair): cost
    for pair, cost in {
        "a~": 1, "o~": 0, "e~": 3, "i~": 6, "u~": 4, "ao": 2, "ae": 3, "ie": 2, "uo": 2, "au": 4, "eo": 5, "ai": 7,
        "iy": 1, "ey": 1, "wo": 1, "wu": 1, "wb": 6, "sc": 7, "pf": 8, "jy": 9,
    }.items()
}  # fmt: skip
WHOLE = 10


def is_bangla(word: str) -> bool:
    """Whether a word is written in Bangla letters."""
    return any("\u0980" <= sign <= "\u09ff" for sign in word)


def sounds(word: str) -> str:
    """Row of sounds of one word in either script."""
    row = _bangla(word) if is_bangla(word) else _latin(word)
    row = re.sub(r"(.)\1+", r"\1", row)
    # A last h is written or not: Miah, Abdullah.
    return re.sub(r"(?<=[aeiou~])h$", "", row)


def _bangla(word: str) -> str:
    # The composed letters for ra, rha and ya are two signs in NFC: a base letter and a dot.
    text = unicodedata.normalize("NFC", word).replace("য" + _NUKTA, "Y").replace("ড" + _NUKTA, "র")
    text = text.replace("ঢ" + _NUKTA, "র").replace("ওY", "W").replace("ঁ", "").replace("ঃ", "")
    text = text.replace(_HASANTA + "য", "").replace("ক" + _HASANTA + "ষ", "খ").replace("জ" + _HASANTA + "ঞ", "গ")
    row: list[str] = []
    for place, sign in enumerate(text):
        if sign in _SIGNS:
            row.append(_SIGNS[sign])
        elif sign in _LETTERS:
            row.append(_LETTERS[sign])
        elif sign in _CONSONANTS or sign in "YW":
            row.append({"Y": "y", "W": "w"}.get(sign) or _CONSONANTS[sign])
            if _has_unwritten_vowel(text, place):
                row.append("~")
    return "".join(row)


def _has_unwritten_vowel(text: str, place: int) -> bool:
    if text[place] in "ৎংYW":
        return False
    following = text[place + 1] if place + 1 < len(text) else ""
    if following in _SIGNS or following in {_HASANTA, "Y"}:
        return False
    is_last = not following
    is_cluster = place > 0 and text[place - 1] == _HASANTA
    return is_cluster if is_last else True


def _latin(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.lower())
    text = "".join(sign for sign in plain if "a" <= sign <= "z")
    for letters, sound in _DIGRAPHS:
        text = text.replace(letters, sound.upper())
    # Capitals are sounds already found; a lone c is a k, "ch" stays c.
    return text.translate(_SINGLES).lower()


def distance(one: str, other: str) -> int:
    """Tenths of a sound by which two rows differ: 0 the same, 10 one consonant exchanged."""
    above = [0]
    for place in range(len(other)):
        above.append(above[-1] + _loss(other, place))
    for row, sound in enumerate(one):
        here = [above[0] + _loss(one, row)]
        for column, heard in enumerate(other):
            here.append(
                min(
                    above[column] + _swap(sound, heard),
                    above[column + 1] + _loss(one, row),
                    here[column] + _loss(other, column),
                )
            )
        above = here
    return above[-1]


def _swap(one: str, other: str) -> int:
    return 0 if one == other else _SWAPS.get(frozenset((one, other)), WHOLE)


def _loss(row: Sequence[str], place: int) -> int:
    """What it costs that one side does not write this sound."""
    sound = row[place]
    before = row[place - 1] if place else ""
    after = row[place + 1] if place + 1 < len(row) else ""
    if sound == "~":
        return 0
    if sound in VOWELS:
        if before in VOWELS | GLIDES or after in VOWELS | GLIDES:
            return 2
        # A last a tells Shamima from her brother Shamim; a first vowel tells Asia from Sia.
        return 9 if not after and sound == "a" else 5 if not before or not after else 3
    if sound in GLIDES:
        return 1 if before else WHOLE
    return 3 if sound == "h" and before else WHOLE
