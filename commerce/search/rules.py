"""From what a shopper types to a PostgreSQL text query. Pure. Not here: the index (catalog's tables)."""

import unicodedata

MAX_WORDS = 8


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
