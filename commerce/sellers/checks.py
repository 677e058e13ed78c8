"""Checks of what a seller shows: canonical number, reasons. Pure. Not here: whether another shop showed it, storing."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from commerce.sellers.names import compare
from foundation.bangladesh.identifiers import digits_of, parse_bin, parse_nid, parse_routing, parse_tin
from foundation.bangladesh.phones import normalise_phone

_ACCOUNT = re.compile(r"\d{6,17}")
_LICENCE = re.compile(r"[0-9a-z\u0980-\u09ff/\-. ]{3,40}")


@dataclass(frozen=True)
class Shown:
    """A paper or account as the seller describes it."""

    method: str
    number: str | None
    name: str | None
    routing_number: str | None = None
    expires_on: date | None = None
    issuer: str | None = None
    has_document: bool = False


@dataclass(frozen=True)
class Finding:
    """Canonical number (None if it has no right form), the text that tells duplicates, and reasons."""

    number: str | None
    identity: str | None
    reasons: tuple[str, ...]


def check(shown: Shown, *, legal_name: str, today: date, needs_document: bool) -> Finding:
    """What can be said of a paper by itself."""
    number, identity, reasons = _number(shown, today)
    if number is None:
        reasons.append("bad_number")
    reasons += _name(shown, legal_name)
    if needs_document and not shown.has_document:
        reasons.append("document_missing")
    if shown.expires_on is not None and shown.expires_on < today:
        reasons.append("expired")
    if shown.method == "trade_licence" and (shown.expires_on is None or not shown.issuer):
        reasons.append("needs_person")
    return Finding(number, identity, tuple(reasons))


def _name(shown: Shown, legal_name: str) -> list[str]:
    if shown.name is None:
        # Tax numbers may belong to a firm of another name; papers of a person must show one.
        return [] if shown.method in {"bin", "tin"} else ["name_unclear"]
    verdict = compare(legal_name, shown.name).verdict
    if verdict == "approve":
        return []
    is_firms = shown.method in {"bin", "tin", "trade_licence"}
    return ["name_unclear"] if verdict == "review" or is_firms else ["name_mismatch"]


def _number(shown: Shown, today: date) -> tuple[str | None, str | None, list[str]]:
    text = shown.number or ""
    if shown.method == "nid":
        nid = parse_nid(text, today=today)
        # The 17-digit form is the 13-digit one with the year of birth before it: one person, one identity.
        return nid, nid[-13:] if nid else None, []
    if shown.method == "bank":
        return _bank(text, shown.routing_number or "")
    plain = {
        "bin": parse_bin(text),
        "tin": parse_tin(text),
        "wallet": normalise_phone(text),
        "trade_licence": _licence(text, shown.issuer),
    }.get(shown.method)
    return plain, plain, []


def _bank(account: str, routing_number: str) -> tuple[str | None, str | None, list[str]]:
    digits, routing = digits_of(account), parse_routing(routing_number)
    if digits is None or routing is None or not _ACCOUNT.fullmatch(digits):
        return None, None, []
    # The account at the bank tells the owner; the branch may be written differently.
    return (
        f"{routing.number}:{digits}",
        f"{routing.number[:3]}:{digits}",
        [] if routing.has_check_digit else ["check_digit"],
    )


def _licence(text: str, issuer: str | None) -> str | None:
    """Licences have no national pattern: the number as written, with who gave it."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if not _LICENCE.fullmatch(plain) or not any(sign.isdecimal() for sign in plain):
        return None
    return f"{(issuer or '').casefold()}:{plain}"
