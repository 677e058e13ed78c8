"""Words and figures in the reader's language: texts, taka in lakh and crore, shares, dates. Not here: any page."""

from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date, format_datetime

from foundation.clock import DHAKA
from foundation.i18n import digits, group_indian, taka, translate

LANGUAGES = {"en": "English", "bn": "বাংলা", "hi": "हिन्दी"}
#: Readers of Bangla and Hindi write months in full; the short forms of the Unicode tables are not in use.
MONTH = {"bn": "MMMM", "hi": "MMMM"}
CRORE, LAKH = 10_000_000, 100_000


@dataclass(frozen=True)
class Words:
    """Everything a page writes goes through here; called with an English text, it answers in the language."""

    locale: str

    def __call__(self, text: str, **params: object) -> str:
        return translate(text, self.locale, **params)

    def number(self, value: float, decimals: int = 0) -> str:
        """Number grouped the South Asian way: 12,34,567.8."""
        text = f"{abs(value):.{decimals}f}"
        whole, dot, rest = text.partition(".")
        sign = "-" if value < 0 and float(text) != 0 else ""
        return digits(sign + group_indian(int(whole)) + dot + rest, self.locale)

    def short(self, value: float) -> str:
        """Large number as it is spoken: 4.46 crore, 3.2 lakh."""
        for size, name in ((CRORE, "crore"), (LAKH, "lakh")):
            if abs(value) >= size:
                return f"{self.number(value / size, 1 if abs(value) >= 100 * size else 2)} {self(name)}"
        return self.number(value)

    def taka(self, poisha: float) -> str:
        """Amount in taka, in words of size from a lakh on."""
        amount = poisha / 100
        if abs(amount) < LAKH:
            return taka(round(poisha), self.locale)
        sign = "-" if amount < 0 else ""
        return f"{sign}৳{self.short(abs(amount))}"

    def full_taka(self, poisha: float) -> str:
        """Amount in taka with every digit, for tables."""
        return taka(round(poisha), self.locale)

    def ratio(self, value: float, decimals: int = 1) -> str:
        """Share as a percentage."""
        return f"{self.number(value * 100, decimals)}%"

    def change(self, now: float, before: float) -> str | None:
        """Change in percent, signed; None where nothing was before."""
        if not before:
            return None
        share = round(now / before - 1, 3)
        return f"{'-' if share < 0 else '+'}{self.ratio(abs(share))}"

    def points(self, now: float, before: float) -> str:
        """Difference of two shares in percentage points, signed."""
        difference = round(now - before, 4)
        sign = "-" if difference < 0 else "+"
        return self("{difference} points", difference=f"{sign}{self.number(abs(difference) * 100, 2)}")

    def day(self, value: date) -> str:
        """Date: 3 Mar 2025."""
        return digits(format_date(value, self._pattern, locale=self.locale), self.locale)

    def time(self, value: datetime) -> str:
        """Instant as the clock in Dhaka shows it."""
        text = format_datetime(value, f"{self._pattern}, HH:mm", tzinfo=DHAKA, locale=self.locale)
        return digits(text, self.locale)

    @property
    def _pattern(self) -> str:
        return f"d {MONTH.get(self.locale, 'MMM')} y"
