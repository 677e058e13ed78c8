{{ config(indexes=[{'columns': ['shipment_id'], 'unique': true}]) }}
-- Parcels with their cash: what was to be collected, was collected, and has been passed on by the courier.
with cleared as (
    select
        shipment_id,
        sum(cleared_poisha)::bigint as cleared_poisha,
        sum(delivery_fee_poisha + cod_fee_poisha)::bigint as fees_poisha
    from {{ ref('stg_shipping__cod_remittance_lines') }}
    where shipment_id is not null
    group by shipment_id
),

seen as (
    select
        shipment_id,
        count(*)::integer as events,
        count(*) filter (where state = 'in_transit')::integer as hops
    from {{ ref('stg_shipping__tracking_events') }}
    where shipment_id is not null
    group by shipment_id
)

select
    shipments.shipment_id,
    shipments.order_id,
    shipments.seller_id,
    shipments.courier,
    shipments.state,
    shipments.weight_grams,
    shipments.cod_poisha,
    shipments.collected_poisha,
    coalesce(cleared.cleared_poisha, 0) as cleared_poisha,
    coalesce(cleared.fees_poisha, 0) as fees_poisha,
    coalesce(seen.events, 0) as tracking_events,
    coalesce(seen.hops, 0) as hops,
    shipments.created_at,
    shipments.created_on,
    shipments.booked_at,
    shipments.closed_at
from {{ ref('stg_shipping__shipments') }} as shipments
left join cleared using (shipment_id)
left join seen using (shipment_id)
