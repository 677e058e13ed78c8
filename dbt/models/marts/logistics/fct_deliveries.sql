{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='placed_on',
    indexes=[{'columns': ['placed_on']}, {'columns': ['order_id'], 'unique': true}]
) }}
-- Orders that were handed to a courier: how long each stretch took, and whether they came back.
select
    order_id,
    seller_id,
    hub_id,
    courier,
    district_code,
    payment_method,
    status,
    placed_on,
    shipped_at,
    closed_at,
    (extract(epoch from shipped_at - placed_at) / 3600)::double precision as handover_hours,
    (extract(epoch from closed_at - shipped_at) / 3600)::double precision as transit_hours,
    coalesce(status = 'refused', false) as is_returned_to_origin,
    total_poisha
from {{ ref('fct_orders') }}
where shipped_at is not null and {{ in_window('placed_on') }}
