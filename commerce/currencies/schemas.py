"""Answers of the currencies API, and what answers with prices carry when another currency is asked for. Not here: rules."""

from datetime import date
from typing import Literal, TypeVar

from pydantic import BaseModel

from commerce.currencies.rules import Currency, Rate, about

SUFFIX = "_poisha"
Answer = TypeVar("Answer", bound=BaseModel)


class Approximate(BaseModel):
    """About what amounts in taka are in another currency. For orientation only: taka are charged."""

    currency: Currency
    is_approximate: Literal[True] = True
    rate_on: date
    source: str
    #: By the name of the amount without `_poisha`, such as {"price": "0.82"}.
    amounts: dict[str, str]


class Priced(BaseModel):
    """An answer with amounts in poisha; `approximate` is filled if the caller asked for another currency."""

    approximate: Approximate | None = None


def shown_in(answer: Answer, rate: Rate | None) -> Answer:
    """The answer, with all that is priced in it shown in another currency, too; as it is without a rate."""
    if rate is None:
        return answer
    values = {name: getattr(answer, name) for name in type(answer).model_fields}
    if isinstance(answer, Priced):
        amounts = {
            name.removesuffix(SUFFIX): about(value, rate)
            for name, value in values.items()
            if name.endswith(SUFFIX) and isinstance(value, int)
        }
        answer.approximate = Approximate(
            currency=rate.currency, rate_on=rate.effective_on, source=rate.source, amounts=amounts
        )
    for value in values.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, BaseModel):
                shown_in(part, rate)
    return answer


class RateRow(BaseModel):
    currency: Currency
    effective_on: date
    #: Decimal number with six decimals.
    taka_per_unit: str
    source: str


class CurrencyRow(BaseModel):
    currency: Currency
    exponent: int
    #: Today's rate; none if none is known or the last is too old to be shown.
    rate: RateRow | None


class Currencies(BaseModel):
    items: list[CurrencyRow]


class RatePage(BaseModel):
    items: list[RateRow]
    next_cursor: str | None


class Imported(BaseModel):
    added: int
    unchanged: int
