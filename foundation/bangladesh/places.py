"""Divisions, districts, upazilas and post offices of Bangladesh, read once from the data files beside this module.

Codes are ISO 3166-2:BD. Any common spelling finds its district. Not here: delivery fees, who delivers where.
"""

import csv
import functools
import re
import unicodedata
from dataclasses import dataclass
from importlib.resources import files

_NOT_LETTER = re.compile(r"[^a-z\u0980-\u09ff]")


@dataclass(frozen=True)
class Division:
    """One of the eight divisions."""

    code: str
    name_en: str
    name_bn: str


@dataclass(frozen=True)
class District:
    """One of the 64 districts; the position is that of its main town."""

    code: str
    name_en: str
    name_bn: str
    division_code: str
    division_name_en: str
    division_name_bn: str
    latitude: float
    longitude: float
    # Census of 2011, for weights only.
    population_thousands: int


@dataclass(frozen=True)
class Upazila:
    """A sub-district."""

    district_code: str
    name_en: str
    name_bn: str


@dataclass(frozen=True)
class Area:
    """What an address names below the district: an upazila, or a thana of the capital. The code is ours."""

    code: str
    kind: str
    district_code: str
    name_en: str
    name_bn: str


@dataclass(frozen=True)
class PostOffice:
    """A post office; its code is unique."""

    post_code: str
    district_code: str
    thana_en: str
    office_en: str
    thana_bn: str
    office_bn: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("foundation.bangladesh").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@functools.cache
def divisions() -> tuple[Division, ...]:
    """All divisions, by code."""
    return tuple(Division(**row) for row in _rows("divisions"))


@functools.cache
def districts() -> tuple[District, ...]:
    """All districts, by code."""
    by_code = {division.code: division for division in divisions()}
    return tuple(
        District(
            code=row["code"],
            name_en=row["name_en"],
            name_bn=row["name_bn"],
            division_code=row["division_code"],
            division_name_en=by_code[row["division_code"]].name_en,
            division_name_bn=by_code[row["division_code"]].name_bn,
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            population_thousands=int(row["population_thousands"]),
        )
        for row in _rows("districts")
    )


@functools.cache
def upazilas() -> tuple[Upazila, ...]:
    """All upazilas, by district and name."""
    return tuple(Upazila(**row) for row in _rows("upazilas"))


@functools.cache
def _offices_by_code() -> dict[str, PostOffice]:
    return {row["post_code"]: PostOffice(**row) for row in _rows("post_offices")}


def post_offices() -> tuple[PostOffice, ...]:
    """All post offices, by code."""
    return tuple(_offices_by_code().values())


# Post codes of the capital's own thanas; elsewhere the post office's thanas are the upazilas in older spellings.
_CAPITAL = ("BD-13", "1000", "1299")


@functools.cache
def areas() -> tuple[Area, ...]:
    """Upazilas and the capital's thanas, by code."""
    found = {
        code: Area(code, "upazila", place.district_code, place.name_en, place.name_bn)
        for place in upazilas()
        for code in [_area_code(place.district_code, place.name_en)]
    }
    capital, first, last = _CAPITAL
    for office in post_offices():
        code = _area_code(capital, office.thana_en)
        if office.district_code == capital and first <= office.post_code <= last and code not in found:
            found[code] = Area(code, "thana", capital, office.thana_en, office.thana_bn)
    return tuple(found[code] for code in sorted(found))


def _area_code(district_code: str, name_en: str) -> str:
    return f"{district_code}-{re.sub(r'[^a-z]+', '-', name_en.lower()).strip('-')}"


@functools.cache
def _areas_by_code() -> dict[str, Area]:
    return {area.code: area for area in areas()}


def find_area(code: str) -> Area | None:
    """The upazila or thana of a code."""
    return _areas_by_code().get(code)


def find_post_office(post_code: str) -> PostOffice | None:
    """The post office of a four-digit code, in ASCII or Bangla digits."""
    digits = "".join(str(unicodedata.digit(sign)) for sign in post_code.strip() if sign.isdigit())
    return _offices_by_code().get(digits)


def _key(text: str) -> str:
    return _NOT_LETTER.sub("", unicodedata.normalize("NFC", text).lower())


@functools.cache
def district_aliases() -> dict[str, str]:
    """District code of every known spelling, spelling reduced to its letters."""
    found = {_key(row["alias"]): row["district_code"] for row in _rows("district_aliases")}
    for district in districts():
        found[_key(district.name_en)] = district.code
        found[_key(district.name_bn)] = district.code
    return found


@functools.cache
def _by_code() -> dict[str, District]:
    return {district.code: district for district in districts()}


def find_district(text: str) -> District | None:
    """The district with this code or name: English or Bangla, official or older spelling, any case and punctuation."""
    by_code = _by_code()
    exact = by_code.get(text.strip().upper())
    if exact is not None:
        return exact
    code = district_aliases().get(_key(text)) or district_aliases().get(_key(text).removesuffix("district"))
    return by_code[code] if code else None
