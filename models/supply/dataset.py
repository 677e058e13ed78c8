"""What supply learns from: stock and terms of each offer, its demand forecast, and a stretch of real weeks to replay.

The forecasts of past weeks come from a twin that had not seen them (kept in demand's bundle). Not here: policies.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from models.bundle import read_bundle
from models.demand.answers import FAMILY as DEMAND
from models.demand.answers import ForecastBook
from models.demand.rolling import ROLLING, Rolling
from models.family import NotEnoughData
from models.supply.policies import Numbers

LEAST_OFFERS = 50
#: Terms where a supplier has given none.
DEFAULT_LEAD_DAYS, DEFAULT_LEAD_SD, DEFAULT_COST_RATIO = 7.0, 2.0, 0.7

Words = npt.NDArray[np.str_]


@dataclass(frozen=True)
class SupplySet:
    """One row an offer; weeks of the replay are columns."""

    offer_ids: Words
    product_ids: Words
    seller_ids: Words
    on_hand: Numbers
    reserved: Numbers
    lead_days: Numbers
    lead_days_sd: Numbers
    minimum: Numbers
    pack: Numbers
    unit_cost_poisha: Numbers
    price_poisha: Numbers
    forecast_mean: Numbers
    forecast_sd: Numbers
    history: Numbers
    demand: Numbers
    rolling_mean: Numbers
    rolling_sd: Numbers


def write_training_set(lake: Path, demand_bundle: Path, target: Path) -> Path:
    """Join stock, terms and demand's bundle; offers of products without a forecast are left out.

    Raises:
        NotEnoughData: hardly any offer has a forecast.
    """
    book = ForecastBook.load(demand_bundle)
    rolling = Rolling.load(read_bundle(demand_bundle, family=DEMAND).path(ROLLING))
    offers = _offers(lake)
    places, is_known = _find(book.products.keys, offers["product_ids"])
    past, has_past = _find(rolling.keys, offers["product_ids"])
    kept = is_known & has_past
    if kept.sum() < LEAST_OFFERS:
        raise NotEnoughData(f"{int(kept.sum())} offers in stock have a forecast; supply needs {LEAST_OFFERS}.")
    share = offers.pop("share")[kept]
    columns = {name: values[kept] for name, values in offers.items()}
    columns |= _expected(book, places[kept], share)
    columns |= rolling.scaled(past[kept], share)
    _write(SupplySet(**columns), target)
    return target


def _offers(lake: Path) -> dict[str, np.ndarray]:
    """Stock by offer with its share of the product's units in the last quarter."""
    stock, sales = (f"read_parquet('{lake}/marts/{mart}.parquet')" for mart in ("fct_stock", "fct_sales_daily_product"))
    query = f"""
        with sold as (
            select offer_id, product_id, sum(units) as units from {sales}
            where sold_on > (select max(sold_on) from {sales}) - 91 group by offer_id, product_id
        ), stock as (
            select offer_id::varchar as offer_id, any_value(product_id)::varchar as product_id,
                any_value(seller_id)::varchar as seller_id, sum(on_hand)::double as on_hand,
                sum(reserved)::double as reserved, any_value(price_poisha)::double as price,
                any_value(lead_time_days_mean)::double as lead_days, any_value(lead_time_days_sd)::double as lead_sd,
                any_value(minimum_order_quantity)::double as minimum, any_value(pack_size)::double as pack,
                any_value(unit_cost_poisha)::double as unit_cost
            from {stock} group by offer_id
        )
        select stock.*, coalesce(sold.units / nullif(sum(sold.units) over (partition by stock.product_id), 0),
            1.0 / count(*) over (partition by stock.product_id))::double as share
        from stock left join sold on sold.offer_id::varchar = stock.offer_id order by stock.offer_id
    """
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        found = connection.sql(query).to_arrow_table()
    return _columns(found)


def _columns(found: pa.Table) -> dict[str, np.ndarray]:
    def number(name: str, default: float) -> Numbers:
        return np.asarray(found[name].fill_null(default).to_numpy(), dtype=float)

    price = number("price", 0.0)
    cost = found["unit_cost"].to_numpy().astype(float)
    return {
        "offer_ids": found["offer_id"].to_numpy().astype(str),
        "product_ids": found["product_id"].to_numpy().astype(str),
        "seller_ids": found["seller_id"].to_numpy().astype(str),
        "on_hand": number("on_hand", 0.0),
        "reserved": number("reserved", 0.0),
        "lead_days": np.maximum(number("lead_days", DEFAULT_LEAD_DAYS), 1.0),
        "lead_days_sd": np.maximum(number("lead_sd", DEFAULT_LEAD_SD), 0.0),
        "minimum": np.maximum(number("minimum", 1.0), 1.0),
        "pack": np.maximum(number("pack", 1.0), 1.0),
        "unit_cost_poisha": np.where(np.isnan(cost), DEFAULT_COST_RATIO * price, cost),
        "price_poisha": price,
        "share": number("share", 1.0),
    }


def _find(keys: Words, wanted: Words) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return places, np.asarray(keys[places] == wanted)


def _expected(book: ForecastBook, places: npt.NDArray[np.int64], share: Numbers) -> dict[str, Numbers]:
    """Weekly mean over the next four weeks, and the standard deviation that the 80 % interval implies."""
    mean = book.products.expected[places, :4].mean(axis=1)
    low, high = (book.products.units[places, :4, book.levels.index(level)].mean(axis=1) for level in (0.1, 0.9))
    return {
        "forecast_mean": np.asarray(mean * share, dtype=float),
        "forecast_sd": np.asarray((high - low) / (2 * 1.2816) * share, dtype=float),
    }


def _write(found: SupplySet, target: Path) -> None:
    columns = {}
    for field in fields(found):
        values = getattr(found, field.name)
        columns[field.name] = pa.array(values.tolist() if values.ndim > 1 else values)
    pq.write_table(pa.table(columns), target)


def read_training_set(path: Path) -> SupplySet:
    """What `write_training_set` wrote."""
    table = pq.read_table(path)
    columns = {}
    for field in fields(SupplySet):
        values = table[field.name]
        if pa.types.is_list(values.type):
            columns[field.name] = np.asarray(values.to_pylist(), dtype=float)
        else:
            found = values.to_numpy()
            columns[field.name] = found.astype(str) if pa.types.is_string(values.type) else found.astype(float)
    return SupplySet(**columns)
