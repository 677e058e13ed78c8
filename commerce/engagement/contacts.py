"""Contact details in a message: found in every spelling people try, masked, named. Pure. Deals outside the shop have no
buyer protection, so phones, e-mails, messengers, links and wallets are hidden; the writer is told why.

Latin, Bangla and Devanagari digits, digits as words (English, Bangla, Banglish), letters for digits, digits apart.
Not here: storing, telling.
"""

import re
import unicodedata
from dataclasses import dataclass

MASK = "•••"
_DIGITS = str.maketrans("০১২৩৪৫৬৭৮৯०१२३४५६७८९", "01234567890123456789")
_LOOKALIKE = str.maketrans("oOlIi|", "001111")
_WORDS = {
    "zero": "0", "oh": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9",
    "শূন্য": "0", "শুন্য": "0", "এক": "1", "দুই": "2", "তিন": "3", "চার": "4", "পাঁচ": "5", "পাচ": "5", "ছয়": "6",
    "সাত": "7", "আট": "8", "নয়": "9",
    "shunno": "0", "sunno": "0", "shunyo": "0", "ek": "1", "dui": "2", "tin": "3", "char": "4", "pach": "5", "panch": "5",
    "choy": "6", "chhoy": "6", "soy": "6", "sat": "7", "shat": "7", "saat": "7", "aat": "8", "at": "8", "ath": "8",
    "noy": "9", "noi": "9",
}  # fmt: skip
WORDS = {unicodedata.normalize("NFC", word): digit for word, digit in _WORDS.items()}
REPEATS = {"double": 2, "dabol": 2, "ডাবল": 2, "triple": 3, "ট্রিপল": 3}


def _compile(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    # Texts are read in this form: a letter with its dot may be one sign or two.
    return re.compile(unicodedata.normalize("NFC", pattern), flags)


# A digit as a word, or a run of digits (letters that look like digits only within such a run).
_TOKEN = _compile(
    r"(?<![A-Za-z\u0980-\u09E5])(?:" + "|".join(sorted(map(re.escape, [*WORDS, *REPEATS]), key=len, reverse=True)) + r")(?![A-Za-z\u0980-\u09E5])"
    r"|(?<![A-Za-z0-9])[0-9oOlIi|]*[0-9][0-9oOlIi|]*(?![A-Za-z0-9])|(?<![0-9])[0-9]+(?![0-9])",
    re.IGNORECASE,
)  # fmt: skip
_GAP = _compile(r"[\s.\-‐–—_()\[\]/*+,:~'\"]{0,4}")
_PHONE = _compile(r"(?:00880|880|88)?0?1[3-9]\d{8}")
_PHONE_WITH_START = _compile(r"(?:(?:00880|880|88)0?|0)1[3-9]\d{8}")
_LONGEST_PHONE = 16
# Rocket's wallets are a phone number and a check digit.
_ROCKET = re.compile(r"(?<!\d)01[3-9]\d{9}(?!\d)")

_AT = r"(?:\s*@\s*|\s*[\(\[{]\s*at\s*[\)\]}]\s*|\s+at\s+the\s+rate\s+(?:of\s+)?|\s+at\s+(?=(?:gmail|yahoo|hotmail|outlook|proton))|\s*এট\s*)"
_DOT = r"(?:\s*\.\s*|\s*[\(\[{]\s*dot\s*[\)\]}]\s*|\s+dot\s+|\s*ডট\s*)"
_EMAIL = _compile(
    rf"[\w.+-]{{2,64}}{_AT}[\w-]{{2,}}(?:{_DOT}(?:com|net|org|info|bd|co|xyz|me|কম)(?![\w]))+", re.IGNORECASE
)
_BARE_MAIL = _compile(r"[\w.+-]{3,64}\s*@\s*(?:gmail|yahoo|hotmail|outlook)\b", re.IGNORECASE)
_LINK = _compile(
    r"(?:https?://|www\.)[^\s]+|(?<![\w@.])(?:[a-z0-9-]+\s*\.\s*)?(?:facebook|fb|messenger|instagram|wa|t|m|telegram|imo|viber|youtube|tiktok)"
    r"\s*(?:\.|\(dot\)|\sdot\s)\s*(?:com|me|im|be)(?:\s*/\s*[^\s]*)?(?!\w)",
    re.IGNORECASE,
)  # fmt: skip
_OWN_LINK = _compile(r"(?:https?://)?(?:www\.)?(?:[a-z0-9-]+\.)*getit\.example(?:[/?#][^\s]*)?", re.IGNORECASE)
_APP = _compile(
    r"(?<!\w)(?:w+h?[a@]t+s?\s*-?\s*[a@]p+s?|whatsap+|watsapp|wapp|imo|viber|vibar|telegram|messenger|facebook|fb|insta(?:gram)?"
    r"|হোয়াটস\s?অ্যাপ|হোয়াটসঅ্যাপ|হোয়াটসঅ্যাপ|হোয়াটসএপ|ওয়াটসঅ্যাপ|ওয়াটসঅ্যাপ|ইমো|ইমোতে|ভাইবার|টেলিগ্রাম|মেসেঞ্জার|ম্যাসেঞ্জার|ফেসবুক|ফেইসবুক|ইনস্টাগ্রাম)"
    r"(?:-?(?:e|te|এ|তে|ে))?(?![A-Za-z0-9\u0980-\u09FF])",
    re.IGNORECASE,
)  # fmt: skip
# What turns the name of an app into an invitation, and what shows that it is only talked about.
_INVITE = _compile(
    r"(?<!\w)(?:add|text|ping|knock|nok|inbox|call|contact|reach|message me|msg|dm|chat|talk|id|page|search me|find me|my|amar|amake|"
    r"send me|number|nmbr|jogajog|kotha|den|din|dao|diyen|koren|korun|koro|ashen|asen|come to|নক|ইনবক্স|কল|যোগাযোগ|কথা|দিন|দেন|দাও|"
    r"করুন|করেন|করো|আসুন|আসেন|আমার|আমাকে|নম্বর|নাম্বার|আইডি|পেজ|পেইজ)(?![A-Za-z\u0980-\u09FF])",
    re.IGNORECASE,
)  # fmt: skip
_ABOUT = _compile(
    r"(?<!\w)(?:support\w*|install\w*|app works?|works? (?:on|with|well)|run|runs|running|smooth\w*|ad|advert\w*|saw|seen|storage|use|"
    r"update\w*|logo|sticker|icon|cholbe|chole|choltese|dekhe\w*|dekhsi|dekhchi|চলবে|চলে|চালানো|দেখে|দেখেছি|দেখলাম|বিজ্ঞাপন\w*|লোগো|স্টিকার|"
    r"সাপোর্ট)(?![A-Za-z\u0980-\u09FF])",
    re.IGNORECASE,
)  # fmt: skip
_WALLET = r"(?:b\s*-?kash|bikash|nagad|nogod|rocket|upay|বিকাশ|বিকাশে|নগদ|নগদে|রকেট|রকেটে|উপায়)"
_PRIVATE_PAY = _compile(
    rf"(?<!\w)(?:(?:personal|send money|sendmoney|পার্সোনাল|সেন্ড\s?মানি|ব্যক্তিগত)[^.!?।\n]{{0,30}}{_WALLET}|{_WALLET}[^.!?।\n]{{0,30}}"
    rf"(?:personal|send money|sendmoney|পার্সোনাল|সেন্ড\s?মানি|ব্যক্তিগত)|(?:my|amar|আমার)\s+{_WALLET}(?:e|te)?)(?![A-Za-z])",
    re.IGNORECASE,
)  # fmt: skip
_NEAR_WALLET = _compile(rf"(?<!\w){_WALLET}", re.IGNORECASE)
_SENTENCE = _compile(r"[.!?।\n]")


@dataclass(frozen=True)
class Finding:
    """One contact detail: its kind (phone, wallet, email, link, messenger) and its place in the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Checked:
    """A message as it may be passed on."""

    text: str
    kinds: tuple[str, ...]


def check(text: str) -> Checked:
    """A message with contact details masked, and the kinds that were found."""
    text = unicodedata.normalize("NFC", text)
    findings = find(text)
    parts, position = [], 0
    for finding in findings:
        parts += [text[position : finding.start], MASK]
        position = finding.end
    parts.append(text[position:])
    return Checked("".join(parts), tuple(sorted({finding.kind for finding in findings})))


def find(text: str) -> list[Finding]:
    """Contact details in a text, in order, none overlapping another."""
    candidates = [Finding("email", *match.span()) for match in _EMAIL.finditer(text)]
    candidates += [Finding("email", *match.span()) for match in _BARE_MAIL.finditer(text)]
    candidates += [
        Finding("link", *match.span()) for match in _LINK.finditer(text) if not _OWN_LINK.fullmatch(match[0])
    ]
    candidates += _phones(text)
    candidates += [Finding("wallet", *match.span()) for match in _PRIVATE_PAY.finditer(text)]
    candidates += _rockets(text)
    candidates += _messengers(text)
    kept: list[Finding] = []
    for finding in candidates:
        if all(finding.end <= other.start or finding.start >= other.end for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda finding: finding.start)


def _rockets(text: str) -> list[Finding]:
    found = []
    for match in _ROCKET.finditer(text.translate(_DIGITS)):
        start, end = _sentence(text, *match.span())
        if _NEAR_WALLET.search(text[start:end]):
            found.append(Finding("wallet", *match.span()))
    return found


def _messengers(text: str) -> list[Finding]:
    found = []
    for match in _APP.finditer(text):
        start, end = _sentence(text, match.start(), match.end())
        sentence = text[start:end]
        if _INVITE.search(sentence) and not _ABOUT.search(sentence):
            found.append(Finding("messenger", *match.span()))
    return found


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _SENTENCE.finditer(text, 0, start)]
    after = _SENTENCE.search(text, end)
    return (before[-1] if before else 0), (after.start() if after else len(text))


@dataclass(frozen=True)
class _Token:
    digits: str
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    plain = text.translate(_DIGITS)
    tokens: list[_Token] = []
    factor, factor_start = 1, 0
    for match in _TOKEN.finditer(plain):
        word = match[0].lower()
        if word in REPEATS:
            factor, factor_start = REPEATS[word], match.start()
            continue
        digits = WORDS.get(word) or word.translate(_LOOKALIKE)
        start = factor_start if factor > 1 else match.start()
        tokens.append(_Token(digits[0] * factor + digits[1:] if factor > 1 else digits, start, match.end()))
        factor = 1
    return tokens


def _phones(text: str) -> list[Finding]:
    tokens = _tokens(text)
    found: list[Finding] = []
    first = 0
    while first < len(tokens):
        last = _phone_from(text, tokens, first)
        if last is None:
            first += 1
            continue
        start, end = tokens[first].start, tokens[last].end
        left, right = _sentence(text, start, end)
        kind = "wallet" if _NEAR_WALLET.search(text[left:right]) else "phone"
        found.append(Finding(kind, start, end))
        first = last + 1
    return found


def _phone_from(text: str, tokens: list[_Token], first: int) -> int | None:
    """Number of the last token of a phone number that begins at a token, or None."""
    digits = ""
    for last in range(first, len(tokens)):
        token = tokens[last]
        if last > first and not _GAP.fullmatch(text[tokens[last - 1].end : token.start]):
            return None
        digits += token.digits
        if len(digits) > _LONGEST_PHONE:
            return None
        # Apart, ten digits without the leading zero are more often prices than a number.
        shape = _PHONE if last == first else _PHONE_WITH_START
        if shape.fullmatch(digits):
            return last
    return None
