"""Numbers that Bangladesh gives to people, firms and bank branches: their canonical form and what can be checked in them.

Formats as in the public rules: NID 10, 13 or 17 digits, BIN 13, e-TIN 12, bank routing number 9 with a check digit.
None has a public check digit but the last. Not here: whether a number was really given to somebody.
"""

import csv
import functools
import unicodedata
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

OLDEST_HOLDER, YOUNGEST_HOLDER = 110, 16
# Residence code in the old numbers: rural, municipality, other urban, other, cantonment, city corporation.
_RESIDENCE_CODES = frozenset("123459")
_ROUTING_WEIGHTS = (5, 7, 1, 5, 7, 1, 5, 7)


@dataclass(frozen=True)
class Routing:
    """A bank routing number taken apart."""

    number: str
    bank_name: str
    district_code: str
    has_check_digit: bool


def digits_of(text: str) -> str | None:
    """Digits of a number written in ASCII or Bangla digits with blanks or dashes; None if anything else is in it."""
    signs = [sign for sign in text.strip() if sign not in " -–\u200c"]
    if not all(sign.isdecimal() for sign in signs):
        return None
    return "".join(str(unicodedata.decimal(sign)) for sign in signs)


def parse_nid(text: str, *, today: date) -> str | None:
    """National identity number as digits; None if it cannot be one.

    13 digits: district, residence, upazila, union, serial. 17: the year of birth before them. 10: the smart card.
    """
    number = digits_of(text)
    if number is None or len(set(number)) < 3:
        return None
    if len(number) == 10:
        return number if number[0] != "0" else None
    if len(number) == 17:
        year = int(number[:4])
        return (
            number
            if today.year - OLDEST_HOLDER <= year <= today.year - YOUNGEST_HOLDER and _is_old(number[4:])
            else None
        )
    return number if len(number) == 13 and _is_old(number) else None


def _is_old(number: str) -> bool:
    return 1 <= int(number[:2]) <= 99 and number[2] in _RESIDENCE_CODES and int(number[-6:]) > 0


def parse_bin(text: str) -> str | None:
    """Business identification number (VAT) as 13 digits: nine and the office's four; None if it cannot be one."""
    number = digits_of(text)
    return number if number and len(number) == 13 and int(number[:9]) > 0 and len(set(number)) > 2 else None


def parse_tin(text: str) -> str | None:
    """Taxpayer's number (e-TIN) as 12 digits; None if it cannot be one."""
    number = digits_of(text)
    return number if number and len(number) == 12 and number[0] != "0" and len(set(number)) > 2 else None


def parse_routing(text: str) -> Routing | None:
    """Routing number of a bank branch; None if bank or district do not exist or the bank takes no payments."""
    number = digits_of(text)
    if number is None or len(number) != 9:
        return None
    bank, district = _table("banks").get(number[:3]), _table("bank_districts").get(number[3:5])
    if bank is None or bank["is_payable"] != "yes" or district is None:
        return None
    total = sum(int(digit) * weight for digit, weight in zip(number, _ROUTING_WEIGHTS, strict=False)) + int(number[8])
    return Routing(number, bank["name_en"], district["district_code"], total % 10 == 0)


@functools.cache
def _table(name: str) -> dict[str, dict[str, str]]:
    text = files("foundation.bangladesh").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return {next(iter(row.values())): row for row in csv.DictReader(text.splitlines())}
