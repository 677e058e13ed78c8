"""Use cases of rates: import them from a file, find the one in force, list them. Not here: conversion (`rules`)."""

import csv
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.currencies.rules import CURRENCIES, EXPONENTS, MICRO, OLDEST, Currency, Rate, parse_line, written
from commerce.currencies.schemas import Currencies, CurrencyRow, Imported, RatePage, RateRow
from foundation.clock import business_date
from foundation.database import execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, next_cursor

SQL = load_statements(__file__)
MOST_LINES = 10_000
MICRO_DECIMALS = len(str(MICRO)) - 1


class NotRates(InvalidInput):
    code = "not-rates"
    message = (
        "Line {line} of the file is not a rate. Send UTF-8 CSV with currency, effective_on, taka_per_unit, source."
    )


class TooManyRates(InvalidInput):
    code = "too-many-rates"
    message = "A file holds at most {most} rates."


class RateStands(Conflict):
    code = "rate-stands"
    message = "There is another rate of {currency} for {effective_on}. Rates are never changed: give it a later date."


async def rate_now(commerce: Commerce, currency: Currency) -> Rate | None:
    """The rate in force today; None if there is none that is fresh enough."""
    today = business_date(commerce.clock())
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["rate_on"], currency=currency, on=today, since=today - OLDEST)
    return Rate(**row) if row else None


def _row(row: Mapping[str, Any]) -> RateRow:
    return RateRow(
        currency=row["currency"], effective_on=row["effective_on"], source=row["source"],
        taka_per_unit=written(row["micro_taka"], MICRO_DECIMALS),
    )  # fmt: skip


async def currencies(commerce: Commerce) -> Currencies:
    """Every currency with today's rate."""
    today = business_date(commerce.clock())
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["rates_on"], on=today, since=today - OLDEST)
    known = {row["currency"]: _row(row) for row in rows}
    return Currencies(
        items=[CurrencyRow(currency=one, exponent=EXPONENTS[one], rate=known.get(one)) for one in CURRENCIES]
    )


async def history(commerce: Commerce, currency: Currency, *, limit: int, cursor: str | None) -> RatePage:
    """A page of a currency's rates, newest first.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    try:
        before = date.fromisoformat(values[0]) if values else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_rates"], currency=currency, before=before, limit=limit)
    items = [_row(row) for row in rows]
    return RatePage(items=items, next_cursor=next_cursor([row.effective_on for row in items], limit))


def read_rates(content: bytes) -> list[Rate]:
    """Rates in a CSV file, one for each currency and date.

    Raises:
        NotRates: names the first line that is none, or that contradicts an earlier one.
        TooManyRates.
    """
    try:
        lines = content.decode("utf-8-sig").splitlines()
        rows = list(csv.DictReader(lines))
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotRates(line=1) from error
    if len(lines) > MOST_LINES + 1:
        raise TooManyRates(most=MOST_LINES)
    found: dict[tuple[str, date], Rate] = {}
    for number, row in enumerate(rows, start=2):
        rate = parse_line(row)
        if rate is None or found.setdefault((rate.currency, rate.effective_on), rate).micro_taka != rate.micro_taka:
            raise NotRates(line=number)
    if not found:
        raise NotRates(line=2)
    return list(found.values())


async def import_rates(commerce: Commerce, staff_id: UUID, content: bytes) -> Imported:
    """Take a file of rates, all or none; the same file again changes nothing.

    Raises:
        NotRates, TooManyRates.
        RateStands: another rate is known for a currency and date.
    """
    rates = read_rates(content)
    columns = {
        "currencies": [rate.currency for rate in rates],
        "dates": [rate.effective_on for rate in rates],
        "micro_taka": [rate.micro_taka for rate in rates],
    }
    async with commerce.database.transaction() as connection:
        added = await execute(
            connection, SQL["add_rates"], **columns, sources=[rate.source for rate in rates], staff_id=staff_id,
            now=commerce.clock(),
        )  # fmt: skip
        other = await fetch_one(connection, SQL["contradicting"], **columns)
        if other is not None:
            raise RateStands(currency=other["currency"], effective_on=other["effective_on"].isoformat())
        await audit.record(
            connection, actor_id=staff_id, action="currency.rates_imported", subject=("rates", rates[0].source),
            detail={"added": added, "lines": len(rates)},
        )  # fmt: skip
    return Imported(added=added, unchanged=len(rates) - added)
