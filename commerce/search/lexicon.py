"""Words that mean the same thing in English, Bangla and Banglish, read from `lexicon.tsv`. Pure. Not here: spelling."""

import functools
from pathlib import Path

from commerce.search.words import sound_keys, split_words

Phrase = tuple[str, ...]


@functools.cache
def _synonyms() -> tuple[dict[Phrase, tuple[Phrase, ...]], dict[str, tuple[Phrase, ...]]]:
    """Phrases of each spelling; and of each sound of a Bangla or Banglish word."""
    by_word: dict[Phrase, dict[Phrase, None]] = {}
    by_sound: dict[str, dict[Phrase, None]] = {}
    for line in (Path(__file__).parent / "lexicon.tsv").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        english, bangla, banglish = (
            [tuple(split_words(item)) for item in part.split(",")] for part in line.split("\t")
        )
        # Banglish is only a way to ask: no product is looked for under its spelling.
        means = dict.fromkeys([*english, *bangla])
        for phrase in (*english, *bangla, *banglish):
            by_word.setdefault(phrase, {}).update(means)
        for phrase in (*bangla, *banglish):
            if len(phrase) == 1:
                for key in sound_keys(phrase[0]):
                    by_sound.setdefault(key, {}).update(means)
    return {word: tuple(found) for word, found in by_word.items()}, {
        key: tuple(found) for key, found in by_sound.items()
    }


def meanings(word: str) -> tuple[Phrase, ...]:
    """Phrases that a word of a query may mean, itself among them if it is in the lexicon; empty if it is not."""
    by_word, by_sound = _synonyms()
    known = by_word.get((word,))
    if known is not None:
        return known
    found: dict[Phrase, None] = {}
    for key in sound_keys(word):
        # Short sounds are shared by too many words to be trusted.
        if len(key) > 2:
            found.update(dict.fromkeys(by_sound.get(key, ())))
    return tuple(found)


@functools.cache
def lexicon_words() -> frozenset[str]:
    """Every single word of the lexicon in any spelling: none of them is a typing error."""
    return frozenset(phrase[0] for phrase in _synonyms()[0] if len(phrase) == 1)
