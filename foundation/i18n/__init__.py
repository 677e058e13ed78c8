"""Languages: gettext catalogues (en is the key, bn and hi translate), negotiation, digits, taka. Not here: texts."""

import functools
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.pofile import read_po

LOCALES = ("en", "bn", "hi")
DEFAULT = "en"
_BANGLA = str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
_DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


@functools.lru_cache(1024)
def negotiate(accept_language: str | None) -> str:
    """Best of our locales for an Accept-Language header (RFC 9110, weights respected)."""
    if not accept_language:
        return DEFAULT
    weighted = []
    for position, part in enumerate(accept_language.split(",")[:20]):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), position, tag.strip().replace("-", "_")))
        except ValueError:
            continue
    wanted = [tag for _, _, tag in sorted(weighted)]
    return negotiate_locale(wanted, LOCALES) or DEFAULT


@functools.cache
def catalogue(locale: str) -> dict[str, str]:
    """Translations of a locale: English text → text. Empty for English."""
    folder = Path(__file__).parent / "catalogues"
    texts: dict[str, str] = {}
    for path in sorted(folder.glob(f"*.{locale}.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=locale)
        texts.update({str(message.id): str(message.string) for message in messages if message.id and message.string})
    return texts


def translate(text: str, locale: str, **params: object) -> str:
    """Text in a language; the English text itself where no translation exists. `params` fill its {placeholders}."""
    template = catalogue(locale).get(text, text)
    return template.format(**params) if params else template


def digits(text: str, locale: str) -> str:
    """Text with its digits in the script of the locale."""
    if locale == "bn":
        return text.translate(_BANGLA)
    return text.translate(_DEVANAGARI) if locale == "hi" else text


def group_indian(whole: int) -> str:
    """Number grouped the South Asian way: 12,34,56,789."""
    text = str(abs(whole))
    head, tail = text[:-3], text[-3:]
    parts: list[str] = []
    while head:
        parts.insert(0, head[-2:])
        head = head[:-2]
    return ("-" if whole < 0 else "") + ",".join([*parts, tail])


def taka(amount_poisha: int, locale: str = DEFAULT, *, with_poisha: bool = False) -> str:
    """Amount as people read it: ৳12,34,567 (poisha rounded half up unless asked for)."""
    if with_poisha:
        sign = "-" if amount_poisha < 0 else ""
        whole, rest = divmod(abs(amount_poisha), 100)
        text = f"{sign}৳{group_indian(whole)}.{rest:02d}"
    else:
        sign = "-" if amount_poisha < 0 else ""
        text = f"{sign}৳{group_indian((abs(amount_poisha) + 50) // 100)}"
    return digits(text, locale)
