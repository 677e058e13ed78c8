{{ config(indexes=[{'columns': ['offer_id']}, {'columns': ['seller_id']}]) }}
select
    stock.offer_id,
    offers.product_id,
    offers.seller_id,
    stock.hub_id,
    stock.received,
    stock.on_hand,
    stock.reserved,
    stock.on_hand - stock.reserved as available,
    stock.shipped,
    stock.written_off,
    terms.lead_time_days_mean,
    terms.lead_time_days_sd,
    terms.minimum_order_quantity,
    terms.pack_size,
    terms.unit_cost_poisha,
    offers.price_poisha,
    offers.status as offer_status,
    stock.is_synthetic
from {{ ref('stg_inventory__stock') }} as stock
inner join {{ ref('stg_catalog__offers') }} as offers using (offer_id)
left join {{ ref('stg_inventory__supply_terms') }} as terms using (offer_id)
