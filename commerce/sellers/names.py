"""Whether two spellings name the same person, across Bangla and Latin script: approve, review or reject, with reasons.

Pure. A common name is looked up among its known spellings (`data/name_spellings.csv`), so that Hasan and Hossain, which
sound alike, stay two names; a rare one is compared by its sounds. To approve wrongly is worse than to ask a person: a
name that lacks a word of the other, or shows only its initial, goes to review.
Not here: which documents are asked for, what follows from a mismatch.
"""

import csv
import functools
import itertools
import re
import unicodedata
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from commerce.sellers.sounds import distance, is_bangla, sounds

Verdict = Literal["approve", "review", "reject"]

# Tenths of a sound: up to here two rare words are one name, from there on they are two; between them a person looks.
SAME, OTHER = 4, 8
# A name made of one short word says little: it must agree almost exactly.
SAME_ALONE = 2
MOST_WORDS = 6

_HONORIFICS = frozenset(
    [
        "md",
        "mo",
        "moh",
        "mohd",
        "mohammad",
        "mohammed",
        "muhammad",
        "mohammod",
        "muhammed",
        "mohamed",
        "muhammod",
        "mahammad",
        "mst",
        "most",
        "mosammat",
        "mosammath",
        "musammat",
        "mosa",
        "mosammot",
        "alhaj",
        "alhajj",
        "hazi",
        "haji",
        "hajee",
        "dr",
        "engr",
        "engineer",
        "adv",
        "advocate",
        "prof",
        "professor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "late",
        "মোঃ",
        "মো",
        "মোহাম্মদ",
        "মুহাম্মদ",
        "মোহাম্মাদ",
        "মুহম্মদ",
        "মোহাঃ",
        "মোছাঃ",
        "মোসাঃ",
        "মোছা",
        "মোসা",
        "মোসাম্মৎ",
        "মোছাম্মৎ",
        "মোসাম্মত",
        "মোছাম্মত",
        "মিসেস",
        "আলহাজ্ব",
        "আলহাজ",
        "হাজী",
        "হাজি",
        "ডাঃ",
        "ডা",
        "ড",
        "জনাব",
        "অধ্যাপক",
        "প্রকৌশলী",
        "অ্যাডভোকেট",
        "এডভোকেট",
        "মরহুম",
        "ইঞ্জিনিয়ার",
    ]
)
# Between two names they only join: Abdullah Al Mamun, Mashrafe Bin Mortaza.
_JOINERS = frozenset(["al", "bin", "ibn", "ibne", "e", "আল", "বিন", "ইবনে"])
_ARTICLES = frozenset(["ul", "ur", "us", "uz", "ud", "un"])
_LETTER_NAMES = {
    "এ": "a", "বি": "b", "সি": "c", "ডি": "d", "ই": "e", "এফ": "f", "জি": "g", "এইচ": "h", "আই": "i", "জে": "j",
    "কে": "k", "এল": "l", "এম": "m", "এন": "n", "ও": "o", "পি": "p", "আর": "r", "এস": "s", "টি": "t", "ইউ": "u",
    "জেড": "z",
}  # fmt: skip
_JOINED_INITIALS = re.compile(r"a?[b-df-hj-np-tv-z]{2,3}|a[b-df-hj-np-tv-z]")
_NO_INITIALS = frozenset({"sk", "abd"})


@dataclass(frozen=True)
class Match:
    """What the comparison of two names came to."""

    verdict: Verdict
    # Codes: "same", "order", "joined", "missing_word", "initial", "near", "other_word", "empty"
    reason: str


@functools.cache
def _spellings() -> dict[str, str]:
    """Canonical name of every known spelling."""
    text = files("commerce.sellers").joinpath("data", "name_spellings.csv").read_text(encoding="utf-8")
    known: dict[str, str] = {}
    for row in csv.DictReader(text.splitlines()):
        known.update(dict.fromkeys(_clean(row["spellings"]).split(), row["name"]))
    return known


@functools.cache
def _by_sound() -> dict[str, str | None]:
    """Canonical name of each row of sounds; None where two names share one."""
    found: dict[str, str | None] = {}
    for spelling, name in _spellings().items():
        row = sounds(spelling).replace("~", "")
        found[row] = name if found.get(row, name) == name else None
    return found


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text).casefold().replace("\u200c", "").replace("\u200d", "")
    return re.sub(r"[^a-z\u0980-\u09ff]+", " ", unicodedata.normalize("NFC", _without_accents(text))).strip()


def _without_accents(text: str) -> str:
    if is_bangla(text):
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def words(name: str) -> list[str]:
    """The words of a name that tell who it is: without honorifics, initials one by one, articles joined to their word."""
    found: list[str] = []
    raw = _clean(name).split()
    if raw[:1] in (["begum"], ["বেগম"]) and len(raw) > 2:
        raw = raw[1:]
    kept = [word for word in raw if word not in _HONORIFICS] or raw
    for place, word in enumerate(kept):
        if word in _LETTER_NAMES:
            found.append(_LETTER_NAMES[word])
        elif word in _ARTICLES and found and len(found[-1]) > 1:
            found[-1] += word
        elif word in _JOINERS and 0 < place < len(kept) - 1:
            continue
        elif _JOINED_INITIALS.fullmatch(word) and word not in _NO_INITIALS and word not in _spellings():
            found.extend(word)
        else:
            found.append(word)
    return found


@functools.lru_cache(maxsize=4096)
def _canonical(word: str) -> str | None:
    """The common name that a word spells, if it is one."""
    known = _spellings().get(word)
    return known if known is not None else _by_sound().get(sounds(word).replace("~", ""))


@functools.lru_cache(maxsize=16384)
def _apart(one: str, other: str) -> int:
    """Tenths of a sound between two words; two different common names are never near."""
    if one == other:
        return 0
    first, second = _canonical(one), _canonical(other)
    if first is not None and second is not None:
        return 0 if first == second else 10 * OTHER
    return distance(sounds(one), sounds(other))


def compare(given: str, documented: str) -> Match:
    """Compare the name a seller gives with the one on a document or an account."""
    one, other = words(given), words(documented)
    if not one or not other:
        return Match("review", "empty")
    if len(one) > MOST_WORDS or len(other) > MOST_WORDS:
        return Match("review", "near")
    if _is_same_joined(one, other):
        return Match("approve", "same" if len(one) == len(other) else "joined")
    return _compare_words(one, other)


def _is_same_joined(one: list[str], other: list[str]) -> bool:
    """Whether the same name is only divided otherwise: Jasimuddin and Jasim Uddin."""
    if len(one) == len(other):
        return False
    if max(len(one), len(other)) - min(len(one), len(other)) > 2 or any(len(word) == 1 for word in one + other):
        return False
    return any(
        all(_apart(left, right) <= SAME_ALONE for left, right in zip(short, long, strict=True))
        for short, long in itertools.chain(_joinings(one, other), _joinings(other, one))
    )


def _joinings(long: list[str], short: list[str]) -> list[tuple[list[str], list[str]]]:
    """Every way to join neighbours in the longer name until both have as many words."""
    excess = len(long) - len(short)
    if excess <= 0:
        return []
    ways: list[tuple[list[str], list[str]]] = []
    for cuts in itertools.combinations(range(1, len(long)), len(short) - 1):
        edges = [0, *cuts, len(long)]
        joined = ["".join(long[start:end]) for start, end in itertools.pairwise(edges)]
        # Joined words are compared by sound alone: the common names are whole words.
        ways.append((short, joined))
    return ways


def _compare_words(one: list[str], other: list[str]) -> Match:
    short, long = sorted((one, other), key=len)
    best = min(
        itertools.permutations(range(len(long)), len(short)),
        key=lambda places: (sum(min(_cost(word, long[at]), OTHER * 2) for word, at in zip(short, places, strict=True)),
                            places),
    )  # fmt: skip
    pairs = [(word, long[at]) for word, at in zip(short, best, strict=True)]
    costs = [_cost(word, partner) for word, partner in pairs]
    has_initial = any(len(word) == 1 or len(partner) == 1 for word, partner in pairs if word != partner)
    if max(costs) >= OTHER:
        return Match("reject", "other_word")
    if len(short) < len(long):
        return Match("review", "missing_word")
    if has_initial:
        return Match("review", "initial")
    full = [word for word, _ in pairs if len(word) > 1]
    allowed = SAME if len(full) > 1 else SAME_ALONE
    if not full or max(costs) > allowed or sum(costs) > 2 * SAME:
        return Match("review", "near")
    return Match("approve", "same" if list(best) == sorted(best) else "order")


def _cost(one: str, other: str) -> int:
    """As `_apart`, but an initial fits every name that begins with it."""
    if len(one) == 1 or len(other) == 1:
        return 0 if sounds(one)[:1] == sounds(other)[:1] or one[0] == other[0] else 10 * OTHER
    return _apart(one, other)
