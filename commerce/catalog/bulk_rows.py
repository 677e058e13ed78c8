"""What a row of a seller's file says: columns, amounts in taka, days, states; every problem with its column. Pure.

Not here: applying rows (see `bulk`), reading files.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from commerce.search.words import normalise
from foundation.errors import InvalidInput
from foundation.money import from_taka, to_taka

MOST_ROWS = 50_000
COLUMNS = (
    "sku", "product_code", "parent_sku", "title_en", "title_bn", "title_hi", "description_en", "description_bn",
    "description_hi", "category", "brand", "package_size", "price", "list_price", "condition", "handling_days", "status",
)  # fmt: skip
REQUIRED_COLUMNS = ("sku", "price")
WORDS = (
    "title_en", "title_bn", "title_hi", "description_en", "description_bn", "description_hi", "brand", "package_size",
)  # fmt: skip
ATTRIBUTE = "attribute:"
HIGHEST_POISHA = 10**11
# Spreadsheets run cells that begin like this: they go out with a quote before them, which is taken off when they come in.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

MISSING = "Fill in this column."
BAD_SKU = "An SKU is 1 to 64 letters, digits and the signs . / _ -"
BAD_AMOUNT = "Write an amount in taka with at most two decimals, such as 1250.50."
BAD_LIST_PRICE = "The list price must be above the price: it is the price that is crossed out."
BAD_CHOICE = "Write one of these: {choices}."
BAD_DAYS = "Write a whole number of days from 0 to 60."
TOO_LONG = "This is longer than {most} letters."
BAD_LETTERS = "This holds signs that cannot be stored."
TWICE = "This SKU stands in an earlier row of the file too."
NO_PRODUCT = "There is no product with this code."
NO_PARENT = "No product of yours has this SKU. The parent must come first in the file."
NO_CATEGORY = "There is no category with this path."
REASONS = (
    MISSING, BAD_SKU, BAD_AMOUNT, BAD_LIST_PRICE, BAD_CHOICE, BAD_DAYS, TOO_LONG, BAD_LETTERS, TWICE, NO_PRODUCT, NO_PARENT,
    NO_CATEGORY,
)  # fmt: skip


class BadFile(InvalidInput):
    code = "bad-file"
    message = "This file cannot be read. Send CSV in UTF-8 with a header line."


class NoRows(BadFile):
    message = "This file has no rows. Send CSV in UTF-8 with a header line and at least one row."


class TooManyRows(BadFile):
    message = "This file has too many rows. Send at most 50,000 at a time."


class BadColumns(BadFile):
    message = "Columns are missing, unknown or there twice: {columns}."


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: the column, an English template and what fills it."""

    column: str
    reason: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass
class Row:
    """A row as it was meant. Only what the file gives is in `terms` (of the offer) and `words` (of the product)."""

    number: int
    sku: str
    product_code: str | None = None
    parent_sku: str | None = None
    category: str | None = None
    terms: dict[str, int | str | None] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def check_header(columns: Sequence[str] | None) -> None:
    """A file must have a header of known columns.

    Raises:
        BadFile.
    """
    if not columns:
        raise NoRows
    lacking = [name for name in REQUIRED_COLUMNS if name not in columns]
    unknown = [
        name for name in columns if name not in COLUMNS and not re.fullmatch(ATTRIBUTE + r"[a-z][a-z0-9_]{0,40}", name)
    ]
    if lacking or unknown or len(set(columns)) != len(columns):
        named = ", ".join(lacking or unknown or columns)[:200]
        raise BadColumns(columns=named)


def read_row(number: int, cells: Mapping[str, str]) -> Row:
    """What a row says, with every problem it has."""
    given = {name: unguard(value.strip()) for name, value in cells.items() if value and value.strip()}
    row = Row(number, given.get("sku", ""), given.get("product_code"), given.get("parent_sku"), given.get("category"))
    for name in REQUIRED_COLUMNS:
        if name not in given:
            row.problems.append(Problem(name, MISSING))
    if row.sku and not re.fullmatch(r"\w[\w./-]{0,63}", row.sku):
        row.problems.append(Problem("sku", BAD_SKU))
    _read_terms(row, given)
    for name in WORDS:
        if name not in given:
            continue
        most = 10_000 if name.startswith("description") else 200
        if len(given[name]) > most:
            row.problems.append(Problem(name, TOO_LONG, {"most": str(most)}))
        elif re.search(r"[\x00-\x08\x0b-\x1f]", given[name]):
            row.problems.append(Problem(name, BAD_LETTERS))
        else:
            row.words[name] = given[name]
    row.attributes = {
        name.removeprefix(ATTRIBUTE): value for name, value in given.items() if name.startswith(ATTRIBUTE)
    }
    return row


def _read_terms(row: Row, given: Mapping[str, str]) -> None:
    for name in ("price", "list_price"):
        if name in given:
            amount = read_taka(given[name])
            if amount is None:
                row.problems.append(Problem(name, BAD_AMOUNT))
            else:
                row.terms[f"{name}_poisha"] = amount
    price, crossed = row.terms.get("price_poisha"), row.terms.get("list_price_poisha")
    if isinstance(price, int) and isinstance(crossed, int) and crossed <= price:
        row.problems.append(Problem("list_price", BAD_LIST_PRICE))
    for name, choices in (("condition", ("new", "used", "refurbished")), ("status", ("active", "paused", "withdrawn"))):
        if name in given:
            if given[name].casefold() not in choices:
                row.problems.append(Problem(name, BAD_CHOICE, {"choices": ", ".join(choices)}))
            row.terms[name] = given[name].casefold()
    if "handling_days" in given:
        days = normalise(given["handling_days"])
        if not re.fullmatch(r"[0-9]{1,2}", days) or int(days) > 60:
            row.problems.append(Problem("handling_days", BAD_DAYS))
        else:
            row.terms["handling_days"] = int(days)


def read_taka(text: str) -> int | None:
    """Poisha in an amount as people write it: ৳1,250.50, ১২৫০; None if it is none, zero or absurd."""
    plain = normalise(text).replace("৳", "").replace("tk", "").replace(",", "").strip(" .")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,2})?", plain):
        return None
    amount = from_taka(plain)
    return amount if 0 < amount <= HIGHEST_POISHA else None


def guard(text: str) -> str:
    """A cell that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguard(text: str) -> str:
    """The cell as it was before `guard`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def export_cells(offer: Mapping[str, object]) -> list[str]:
    """Cells of an offer, in the order of COLUMNS; importing them changes nothing."""
    cells: dict[str, object] = {**offer, "parent_sku": None}
    for name in ("price", "list_price"):
        amount = offer[f"{name}_poisha"]
        cells[name] = to_taka(amount) if isinstance(amount, int) else None
    return ["" if cells.get(name) is None else guard(str(cells[name])) for name in COLUMNS]
