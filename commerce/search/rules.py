"""Pure decisions of search: a document from facts, what words of a query mean, prices in bands. Not here: SQL, spelling.

`search_terms` is the plain reading that `GET /v1/products?query=` began with; it needs no documents.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from commerce.search.words import MAX_WORDS, distance, split_words

# Upper ends of the price bands, in poisha; the last band has none.
PRICE_BANDS_POISHA = (10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)
TITLE, BRAND, CATEGORY, TEXT = "A", "B", "C", "D"
MAX_DOCUMENT_WORDS = 250


def search_terms(text: str) -> str | None:
    """`to_tsquery` text: every word must begin a word of the product; None when no word is left.

    Words are cut by Unicode category (letters, marks, digits): regular expressions' word class drops Bangla vowel signs.
    """
    words: list[str] = []
    word = ""
    for char in unicodedata.normalize("NFC", text.lower()) + " ":
        if unicodedata.category(char)[0] in "LMN":
            word += char
        elif word:
            words.append(word)
            word = ""
    return " & ".join(f"{word}:*" for word in words[:MAX_WORDS]) or None


def word_vector(fields: Iterable[tuple[str | None, str]]) -> str:
    """`tsvector` text of fields with their weights; a word keeps its first, weightiest place."""
    places: dict[str, str] = {}
    position = 0
    for text, weight in fields:
        for word in split_words(text or ""):
            position += 1
            if word not in places and len(places) < MAX_DOCUMENT_WORDS:
                places[word] = f"'{word}':{min(position, 16_000)}{weight}"
    return " ".join(places.values())


def price_band(price_poisha: int) -> int:
    """Number of the band a price lies in."""
    return sum(price_poisha >= end for end in PRICE_BANDS_POISHA)


def band_limits(band: int) -> tuple[int, int | None]:
    """A band's prices: from (included), to (not included; None for the open band)."""
    low = PRICE_BANDS_POISHA[band - 1] if band else 0
    return low, PRICE_BANDS_POISHA[band] if band < len(PRICE_BANDS_POISHA) else None


def filter_tokens(facts: Mapping[str, Any], *, price_poisha: int | None, in_stock: bool) -> list[str]:
    """Tokens that a document can be filtered and counted by."""
    tokens = [f"c={UUID(str(category)).hex}" for category in facts["category_ids"]]
    if facts["brand"]:
        tokens.append(f"b={facts['brand']}")
    tokens += sorted({f"s={UUID(offer['seller_id']).hex}" for offer in facts["offers"]})
    if price_poisha is not None:
        tokens.append(f"p={price_band(price_poisha)}")
    if in_stock:
        tokens.append("k=1")
    if facts["rating_centi"] is not None:
        tokens += [f"r={stars}" for stars in range(1, facts["rating_centi"] // 100 + 1)]
    attributes = [facts["attributes"], *facts["variants"]]
    tokens += sorted({attribute_token(code, value) for values in attributes for code, value in values.items()})
    # The separator of the array's text form must not be in it.
    return [token.replace("\x1f", " ") for token in tokens]


def attribute_token(code: str, value: object) -> str:
    """Token of an attribute's value."""
    return f"a={code}:{str(value).casefold() if isinstance(value, bool) else value}"


@dataclass(frozen=True)
class Found:
    """A word of the vocabulary that stands for a word of the query."""

    word: str
    # exact, sound, prefix, near, alike
    how: str
    documents: int


@dataclass(frozen=True)
class Term:
    """A word of the query and all it may stand for: phrases, each of words that must all be there."""

    asked: str
    phrases: tuple[tuple[str, ...], ...]
    corrected: str | None = None
    # In how many documents the words that the vocabulary found stand.
    documents: int = 0


def estimate_of(terms: Sequence[Term]) -> int | None:
    """At most about how many documents match all terms; None without terms."""
    return min((term.documents for term in terms), default=None)


def choose(asked: str, found: Sequence[Found], meanings: Sequence[tuple[str, ...]], *, is_known: bool) -> Term:
    """What a word stands for: itself and its meanings if known, else what sounds or begins like it, else the nearest."""
    by_how: dict[str, list[Found]] = {}
    for one in found:
        by_how.setdefault(one.how, []).append(one)
    phrases = dict.fromkeys(meanings)
    exact = by_how.get("exact")
    if exact:
        return Term(asked, tuple(dict.fromkeys([(asked,), *phrases])), documents=exact[0].documents)
    begun = [one for how in ("sound", "prefix") for one in by_how.get(how, ())[:8]]
    phrases |= dict.fromkeys((one.word,) for one in begun)
    if phrases or is_known:
        return Term(asked, tuple(phrases or {(asked,): None}), documents=sum(one.documents for one in begun))
    near = nearest(asked, [*by_how.get("near", ()), *by_how.get("alike", ())])
    if near is None:
        return Term(asked, ((asked,),))
    return Term(asked, tuple((one.word,) for one in near), near[0].word, sum(one.documents for one in near))


def nearest(asked: str, found: Sequence[Found]) -> list[Found] | None:
    """Words at the fewest typing errors, the most used first; None when all are too far."""
    most = 1 if len(asked) <= 4 else 2
    scored = [(distance(asked, one.word), one) for one in found]
    # An alike sound in another script cannot be measured in letters.
    scored = [(gap if one.word.isascii() == asked.isascii() else 1, one) for gap, one in scored]
    least = min((gap for gap, _ in scored), default=99)
    if least > most:
        return None
    best = sorted((one for gap, one in scored if gap == least), key=lambda one: (-one.documents, one.word))
    # A rare word beside a common one at the same distance is noise.
    return [one for one in best[:3] if one.documents * 10 >= best[0].documents]


def query_text(terms: Sequence[Term], joiner: str = " & ") -> str:
    """`tsquery` text of terms."""
    return joiner.join(
        "(" + " | ".join("(" + " & ".join(f"'{word}'" for word in phrase) + ")" for phrase in term.phrases) + ")"
        for term in terms
    )
