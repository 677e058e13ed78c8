"""The period a page shows and the one before it, for comparison. Not here: the widgets that choose it."""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

PRESETS = {"7 days": 7, "30 days": 30, "90 days": 90, "12 months": 365}


@dataclass(frozen=True)
class Period:
    """Business dates from first to last, both included."""

    first_on: date
    last_on: date

    @property
    def days(self) -> int:
        return (self.last_on - self.first_on).days + 1

    @property
    def prior(self) -> "Period":
        """The period of equal length just before."""
        return Period(self.first_on - timedelta(days=self.days), self.first_on - timedelta(days=1))

    @classmethod
    def last_days(cls, days: int, last_on: date) -> "Period":
        """The last days up to a date."""
        return cls(last_on - timedelta(days=days - 1), last_on)

    def whole_days(
        self, now: pd.DataFrame, prior: pd.DataFrame, column: str, today: date
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows that can be compared: a day that is not over counts neither here nor in the period before."""
        if self.last_on < today or self.days == 1:
            return now, prior
        last = prior if prior.empty else prior[prior[column] < self.prior.last_on]
        return now if now.empty else now[now[column] < self.last_on], last

    def split(self, frame: pd.DataFrame, column: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows of this period and of the one before."""
        if frame.empty:
            return frame, frame
        is_now = frame[column] >= self.first_on
        return frame[is_now & (frame[column] <= self.last_on)], frame[~is_now]
