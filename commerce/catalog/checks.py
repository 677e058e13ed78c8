"""Automatic checks of a product's words before a person decides: prohibited words, contact outside, prices out of line.

Pure; each finding names the field and says what was seen. Not here: deciding.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from commerce.search.words import normalise, split_words

TEXT_FIELDS = ("title_en", "title_bn", "title_hi", "description_en", "description_bn", "description_hi", "brand")
# An offer this many times above or below its category's median is looked at.
ANOMALY_TIMES = 8
LEAST_PRICES = 10

# Numbers of ten digits and more, also with blanks and in Bangla digits; addresses; messengers.
_CONTACT = re.compile(
    r"(?<!\d)(?:(?:\+?88)?0|\+?880[\s-]?)1[3-9](?:[\s.-]?\d){8}|[\w.+-]+@[\w-]+\.\w{2,}|https?://|www\.|\b(?:wa\.me|t\.me|fb\.com|bit\.ly)\b"
    r"|\b(?:whats?app|imo|telegram|viber|messenger|facebook|inbox me|call me)\b|হোয়াটসঅ্যাপ|হোয়াটসঅ্যাপ|ফেসবুক|ইনবক্স|ইমো নম্বর|ফোন করুন"
)

Found = dict[str, str]


@functools.cache
def prohibited_phrases() -> tuple[tuple[str, ...], ...]:
    """Prohibited words and phrases, spelled as search spells them."""
    lines = (Path(__file__).parent / "prohibited.txt").read_text(encoding="utf-8").splitlines()
    return tuple(tuple(split_words(line)) for line in lines if line.strip() and not line.startswith("#"))


def prohibited_in(text: str) -> list[str]:
    """Prohibited phrases that stand in a text as whole words."""
    words = split_words(text)
    return [
        " ".join(phrase)
        for phrase in prohibited_phrases()
        if any(tuple(words[start : start + len(phrase)]) == phrase for start in range(len(words)))
    ]


def contact_in(text: str) -> str | None:
    """What in a text leads buyers away from the shop: a number, an address, a messenger."""
    found = _CONTACT.search(normalise(text))
    return found.group().strip() if found else None


def check_words(fields: Mapping[str, object]) -> list[Found]:
    """Findings in a product's texts."""
    findings: list[Found] = []
    for field in TEXT_FIELDS:
        text = fields.get(field)
        if not isinstance(text, str):
            continue
        findings += [{"check": "prohibited-words", "field": field, "detail": phrase} for phrase in prohibited_in(text)]
        if contact_in(text):
            # What was found is not repeated: it may be somebody's number.
            findings.append({"check": "contact-outside", "field": field, "detail": "number, address or messenger"})
    return findings


def check_price(price_poisha: int, median_poisha: int | None, prices: int) -> list[Found]:
    """Finding for a price far from the median of its category."""
    if median_poisha is None or prices < LEAST_PRICES:
        return []
    if price_poisha * ANOMALY_TIMES < median_poisha or price_poisha > median_poisha * ANOMALY_TIMES:
        return [
            {
                "check": "price-anomaly",
                "field": "price_poisha",
                "detail": f"{price_poisha} beside a median of {median_poisha}",
            }
        ]
    return []


def missing(codes: Sequence[str]) -> list[Found]:
    """Findings for required attributes without a value."""
    return [{"check": "missing-attribute", "field": code, "detail": "required by the category"} for code in codes]
