"""Words as search sees them: one spelling for each, and a sound key that Bangla, Banglish and English writing share. Pure.

The key is ASCII, so trigrams over it do not depend on the database's locale. Not here: the lexicon, SQL.
"""

import re
import unicodedata

MAX_WORDS = 8
MAX_WORD = 40
# Joiners and the marks that editors leave behind carry no sound.
_NOTHING = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_DIGITS = {ord(char): str(index % 10) for index, char in enumerate("০১২৩৪৫৬৭৮৯०१२३४५६७८९")}
# Letters that are written in more than one way: NFC takes য় ড় ঢ় apart into letter and nukta, and some keyboards write the
# Assamese ra; ৎ is a final ta; two-part vowel signs come whole from NFC.
_SAME = {
    "\u09f0": "র",
    "\u09f1": "ব",
    "\u09ce": "ত",
    "ঈ": "ই",
    "ঊ": "উ",
    "\u09c0": "\u09bf",
    "\u09c2": "\u09c1",
    "ণ": "ন",
    "ষ": "শ",
}
_SAME_SIGNS = str.maketrans(_SAME)

_CONSONANTS = {
    "ক": "k", "খ": "k", "গ": "g", "ঘ": "g", "ঙ": "ng", "চ": "c", "ছ": "c", "জ": "j", "ঝ": "j", "ঞ": "n", "ট": "t",
    "ঠ": "t", "ড": "d", "ঢ": "d", "ণ": "n", "ত": "t", "থ": "t", "দ": "d", "ধ": "d", "ন": "n", "প": "p", "ফ": "f",
    "ব": "b", "ভ": "b", "ম": "m", "য": "j", "র": "r", "ল": "l", "শ": "s", "ষ": "s", "স": "s", "হ": "h",
}  # fmt: skip
_VOWELS = {
    "অ": "a",
    "আ": "a",
    "ই": "i",
    "ঈ": "i",
    "উ": "u",
    "ঊ": "u",
    "ঋ": "ri",
    "এ": "i",
    "ঐ": "ai",
    "ও": "a",
    "ঔ": "au",
}
_SIGNS = {
    "\u09be": "a", "\u09bf": "i", "\u09c0": "i", "\u09c1": "u", "\u09c2": "u", "\u09c3": "ri", "\u09c7": "i",
    "\u09c8": "ai", "\u09cb": "a", "\u09cc": "au",
}  # fmt: skip
_VIRAMA, _NUKTA = "\u09cd", "\u09bc"
# Banglish and English spellings of one sound, longest first.
_LATIN = (
    ("chh", "c"), ("tch", "c"), ("sch", "s"), ("ch", "c"), ("sh", "s"), ("ph", "f"), ("kh", "k"), ("gh", "g"), ("jh", "j"),
    ("th", "t"), ("dh", "d"), ("bh", "b"), ("oo", "u"), ("ou", "u"), ("ee", "i"), ("ea", "i"), ("ck", "k"), ("qu", "k"),
    ("aa", "a"), ("z", "j"), ("v", "b"), ("w", "u"), ("x", "ks"), ("q", "k"), ("y", "i"), ("e", "i"), ("o", "a"),
)  # fmt: skip
_LATIN_RULE = re.compile("|".join(old for old, _ in _LATIN))
_LATIN_SOUND = dict(_LATIN)


def normalise(text: str) -> str:
    """One spelling: NFC, lower case, no joiners, ASCII digits, one form of letters that Bangla writes in several ways."""
    plain = unicodedata.normalize("NFC", text).casefold().translate(_NOTHING).translate(_DIGITS)
    return unicodedata.normalize("NFC", plain)


def split_words(text: str) -> list[str]:
    """Normalised words, cut by Unicode category: regular expressions' word class drops Bangla vowel signs."""
    words: list[str] = []
    word = ""
    for char in normalise(text) + " ":
        is_part = unicodedata.category(char)[0] in "LMN"
        # "5kg" and "5 kg" are the same two words.
        if word and (not is_part or char.isdigit() != word[-1].isdigit()):
            words.append(canonical(word[:MAX_WORD]))
            word = ""
        if is_part:
            word += char
    return words


def canonical(word: str) -> str:
    """A word's form in the index: Bangla's equal-sounding signs made one, English plurals made singular."""
    if not word.isascii():
        return word.translate(_SAME_SIGNS)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes", "toes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def sound_keys(word: str) -> list[str]:
    """ASCII keys of how a word sounds, at most two: with Bangla's unwritten vowels kept, and with those inside dropped."""
    if word.isascii():
        sounds = [_latin_sound(word)]
        if len(word) > 4 and word.endswith("o"):
            # Banglish may write the vowel that Bangla leaves out at the end: mangsho is মাংস.
            sounds.append(sounds[0][:-1])
    else:
        sounds = [*_bangla_sound(word)]
    return [key for key in dict.fromkeys(map(_squeeze, sounds)) if key]


def cuts(key: str) -> list[str]:
    """The key with one letter left out, each way: two keys at one typing error from each other share a cut or are one."""
    return list(dict.fromkeys(key[:index] + key[index + 1 :] for index in range(len(key)))) if len(key) > 2 else []


def distance(one: str, other: str) -> int:
    """Typing errors between two words: letters lost, added, mistaken, neighbours swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, letter in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != letter))
            if i > 1 and j > 1 and char == other[j - 2] and one[i - 2] == letter:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _latin_sound(word: str) -> str:
    sound = _LATIN_RULE.sub(lambda found: _LATIN_SOUND[found.group()], word)
    # A soft c is an s; a hard one is a k, but "ch" has become c above: only c that was c.
    if "c" in word and "ch" not in word:
        sound = re.sub(r"c(?=i)", "s", sound).replace("c", "k")
    return sound[:-1] if len(word) > 4 and word.endswith("e") else sound


def _bangla_sound(word: str) -> tuple[str, str]:
    """Sound with the unwritten vowel after every bare consonant but the last, and as it is mostly spoken."""
    sounds = _bangla_letters(word)
    full = "".join(sound for sound, _ in sounds)
    spoken = ""
    for index, (sound, is_unwritten) in enumerate(sounds):
        # An unwritten vowel between vowel-consonant and consonant-vowel is silent: মুরগি is murgi, মরিচ stays morich.
        is_between = len(spoken) > 1 and spoken[-2] in "aiu" and spoken[-1] not in "aiu"
        following = "".join(sound for sound, _ in sounds[index + 1 : index + 3])
        if is_unwritten and is_between and len(following) > 1 and following[0] not in "aiu" and following[-1] in "aiu":
            continue
        spoken += sound
    return full, spoken


def _bangla_letters(word: str) -> list[tuple[str, bool]]:
    """Sounds in order; True marks a vowel that is heard but not written."""
    sounds: list[tuple[str, bool]] = []
    for index, char in enumerate(word):
        if char == _NUKTA:
            continue
        sound = _CONSONANTS.get(char)
        if sound is None:
            sounds.append(
                (_VOWELS.get(char) or _SIGNS.get(char) or _OTHER.get(char) or (char if char.isascii() else ""), False)
            )
            continue
        after = word[index + 1 : index + 2]
        if after == _NUKTA:
            sound = {"য": "i", "ড": "r", "ঢ": "r"}.get(char, sound)
            after = word[index + 2 : index + 3]
        if char == "য" and index and word[index - 1] == _VIRAMA:
            sound = "" if after in _SIGNS else "a"
        sounds.append((sound, False))
        if after and after not in _SIGNS and after != _VIRAMA and sound not in {"i", "a", ""}:
            sounds.append(("a", True))
    return sounds


_OTHER = {"\u0982": "ng", "\u0983": "h"}


def _squeeze(sound: str) -> str:
    """Doubled letters count once; anything that is not a-z or a digit carries no sound."""
    kept = re.sub(r"[^a-z0-9]", "", sound)
    return re.sub(r"([a-z])\1+", r"\1", kept)
