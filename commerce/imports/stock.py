"""Stock and supply terms that fit the imported sales. Conservation holds row by row: received = on hand + shipped.

Not here: reservations and movements of the live shop.
"""

from commerce.imports.entities import between
from commerce.imports.reader import OpenFile

RECENT_DAYS = 28


def make_stock(opened: OpenFile) -> None:
    """Make `stock` (one row an offer, at the hub that sold most of it) and `supply_terms`."""
    opened.duck.execute(_SHIPPED)
    cover = opened.mapping.assign.stock_cover_days
    opened.duck.execute(_STOCK.format(on_hand=_on_hand(cover) if cover else "0"))
    if cover is None:
        # Without a rule nothing is put on shelves; goods that came and went are added where there is stock already.
        opened.duck.execute("delete from stock where is_new")
    opened.duck.execute(_SUPPLY_TERMS.format(**_terms(opened)))


def _on_hand(cover: tuple[float, float]) -> str:
    days = between(cover[0], cover[1], "stock-cover", "offers.id")
    sold = f"cast(ceil(coalesce(recent, 0) * {days} / {RECENT_DAYS}.0) as int) + cast(floor(fraction('stock-base', offers.id) * 4) as int)"
    unsold = "1 + cast(floor(fraction('stock-base', offers.id) * 12) as int)"
    return f"case when not is_sellable then 0 when is_sold then {sold} else {unsold} end"


def _terms(opened: OpenFile) -> dict[str, str]:
    low, high = opened.mapping.assign.cost_ratio
    cost = opened.mapping.columns.cost
    stated = opened.expressions.money(cost, "cost") if cost else "null::bigint"
    return {
        "ratio": between(low, high, "unit-cost", "offers.id"),
        "stated": stated,
        "relation": opened.expressions.relation,
    }


_SHIPPED = f"""
create table shipped as
select offers.id as offer_id, cast(ceil(sum(quantity_milli) / 1000.0) as bigint) as shipped,
    cast(ceil(coalesce(sum(quantity_milli) filter (local_at::date > (select max(local_at)::date - {RECENT_DAYS} from rows)),
        0) / 1000.0) as bigint) as recent,
    mode(row_hubs.code) as hub_code
from rows join row_hubs using (row_number)
join products on products.code = rows.product_ref
join sellers on sellers.code = rows.seller_ref
join offers on offers.product_id = products.id and offers.seller_id = sellers.id
join parcels on parcels.order_ref = rows.order_ref and parcels.seller_ref = rows.seller_ref
where reason is null and parcels.status = 'delivered'
group by offers.id
"""
_STOCK = """
create table stock as
with hub_list as (select list(code order by code) as codes from hubs), sized as (
    select offers.id as offer_id, offers.is_new, known_stock.hub_id as known_hub_id,
        coalesce(shipped.hub_code, codes[1 + cast(floor(fraction('stock-hub', offers.id) * len(codes)) as int)]) as hub_code,
        coalesce(shipped.shipped, 0) as shipped, {on_hand} as on_hand
    from offers cross join hub_list left join shipped on shipped.offer_id = offers.id
    left join known_stock on known_stock.offer_id = offers.id
)
select offer_id, coalesce(known_hub_id, hubs.id) as hub_id, known_hub_id is null as is_new, shipped,
    if(known_hub_id is null, on_hand, 0) as on_hand
from sized join hubs on hubs.code = sized.hub_code
"""
# Lead times belong to the seller, packs to the goods: 2 to 14 days, a fifth to a half of it as deviation.
_SUPPLY_TERMS = """
create table supply_terms as
with stated as (
    select rows.product_ref, rows.seller_ref, arg_max({stated}, rows.local_at) as cost_poisha
    from rows join ({relation}) on orders_file.row_number = rows.row_number where reason is null group by all
)
select offers.id as offer_id,
    round(2 + 12 * pow(fraction('lead-time', offers.seller_id), 1.5), 2) as lead_time_days_mean,
    round((2 + 12 * pow(fraction('lead-time', offers.seller_id), 1.5))
        * (0.2 + 0.3 * fraction('lead-time-sd', offers.seller_id)), 2) as lead_time_days_sd,
    [1, 1, 1, 6, 6, 12, 12, 24][1 + cast(floor(fraction('pack', offers.id) * 8) as int)] as pack_size,
    [1, 1, 2][1 + cast(floor(fraction('minimum', offers.seller_id) * 3) as int)] as packs_at_least,
    coalesce(stated.cost_poisha, cast(round(offers.price_poisha * {ratio} / 100) * 100 as bigint)) as unit_cost_poisha
from offers left join stated on stated.product_ref = offers.product_ref and stated.seller_ref = offers.seller_ref
where offers.is_new
"""
