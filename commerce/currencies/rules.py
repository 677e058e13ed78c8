"""Pure rules of other currencies: their exponents, exact conversion with one rounding, what a line of rates must be.

Taka is the only currency that is charged: what is made here is for orientation. Not here: which rates are known.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, DecimalException
from typing import Literal, get_args

Currency = Literal["USD", "INR", "EUR", "GBP", "SAR", "AED", "MYR"]
CURRENCIES: tuple[Currency, ...] = get_args(Currency)
#: Decimals of a currency (ISO 4217).
EXPONENTS: dict[Currency, int] = {"USD": 2, "INR": 2, "EUR": 2, "GBP": 2, "SAR": 2, "AED": 2, "MYR": 2}
MICRO = 1_000_000
#: An older rate says too little to be shown.
OLDEST = timedelta(days=14)


@dataclass(frozen=True)
class Rate:
    """Micro-taka for one unit of a currency, from a date on, and who says so."""

    currency: Currency
    effective_on: date
    micro_taka: int
    source: str


def convert(amount_poisha: int, micro_taka: int, exponent: int) -> int:
    """An amount in the smallest units of a currency of `exponent` decimals, rounded half away from zero."""
    numerator = abs(amount_poisha) * MICRO * int(10**exponent)
    denominator = 100 * micro_taka
    units = (2 * numerator + denominator) // (2 * denominator)
    return units if amount_poisha >= 0 else -units


def written(units: int, exponent: int) -> str:
    """Smallest units as a decimal number: 1250 with two decimals is "12.50"."""
    sign = "-" if units < 0 else ""
    if exponent == 0:
        return f"{sign}{abs(units)}"
    whole, rest = divmod(abs(units), int(10**exponent))
    return f"{sign}{whole}.{rest:0{exponent}d}"


def about(amount_poisha: int, rate: Rate) -> str:
    """About what an amount of taka is in another currency."""
    exponent = EXPONENTS[rate.currency]
    return written(convert(amount_poisha, rate.micro_taka, exponent), exponent)


def parse_rate(text: str) -> int | None:
    """Micro-taka in a rate such as "121.5"; None if it is none, is not above zero, or has more than six decimals."""
    try:
        micro = Decimal(text.strip()) * MICRO
    except DecimalException:
        return None
    if not micro.is_finite() or micro != micro.to_integral_value() or not 0 < micro <= 10**12:
        return None
    return int(micro)


def parse_line(row: dict[str, str | None]) -> Rate | None:
    """A rate from a line with the columns currency, effective_on, taka_per_unit, source; None if it is not one."""
    code = (row.get("currency") or "").strip().upper()
    source = (row.get("source") or "").strip()
    currency = next((one for one in CURRENCIES if one == code), None)
    micro = parse_rate(row.get("taka_per_unit") or "")
    try:
        effective_on = date.fromisoformat((row.get("effective_on") or "").strip())
    except ValueError:
        return None
    if currency is None or micro is None or not 2 <= len(source) <= 120 or not source.isprintable():
        return None
    return Rate(currency, effective_on, micro, source)
