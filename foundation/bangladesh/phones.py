"""Mobile numbers of Bangladesh: every spelling people use, one canonical form. Not here: any other country's numbers."""

import re

# Operators' prefixes after the trunk zero: Grameenphone 017 013, Robi 018, Airtel 016, Banglalink 019 014, Teletalk 015.
_NATIONAL = re.compile(r"1[3-9]\d{8}")
_TO_ASCII = str.maketrans("০১২৩৪৫৬৭৮৯०१२३४५६७८९", "01234567890123456789")


def normalise_phone(text: str) -> str | None:
    """Canonical form "8801XXXXXXXXX" of a mobile number however it is written; None if it is not one.

    Understands +880, 0088, 880, a leading 0 or none, blanks, dashes, brackets, Bangla and Devanagari digits.
    """
    digits = re.sub(r"[\s().\-‐–+]", "", text.translate(_TO_ASCII))
    for prefix in ("00880", "0088", "880", "88", "0", ""):
        if digits.startswith(prefix) and _NATIONAL.fullmatch(digits[len(prefix) :].removeprefix("0")):
            return "880" + digits[len(prefix) :].removeprefix("0")
    return None


# Number ranges as assigned by the telecom regulator (BTRC); since number portability (2018) a range names the operator
# that issued the number, not for certain the one that carries it today.
_OPERATORS = {
    "13": "Grameenphone",
    "14": "Banglalink",
    "15": "Teletalk",
    "16": "Airtel",
    "17": "Grameenphone",
    "18": "Robi",
    "19": "Banglalink",
}


def issuing_operator(phone: str) -> str | None:
    """Operator that issued a number given in canonical form."""
    return _OPERATORS.get(phone[3:5]) if phone.startswith("880") else None
