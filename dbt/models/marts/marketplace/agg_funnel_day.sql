-- From the cart to the door, by business date: each stage counted on the day it happened.
with stages as (
    select
        added_on as happened_on,
        'in_cart' as stage,
        1 as counted
    from {{ ref('stg_cart__cart_lines') }}
    union all
    select
        {{ business_date("(was ->> 'added_at')::timestamptz") }},
        'in_cart',
        1
    from {{ ref('stg_platform__row_history') }}
    where table_name = 'cart.cart_lines' and is_deleted
    union all
    select
        decided_on,
        'checked_out',
        1
    from {{ ref('stg_risk__decisions') }}
    union all
    select
        placed_on,
        'placed',
        1
    from {{ ref('fct_order_groups') }}
    union all
    select
        {{ business_date('resolved_at') }},
        'paid',
        1
    from {{ ref('fct_payments') }}
    where state = 'captured' and resolved_at is not null
    union all
    select
        {{ business_date('shipped_at') }},
        'shipped',
        1
    from {{ ref('fct_orders') }}
    where shipped_at is not null
    union all
    select
        {{ business_date('closed_at') }},
        status,
        1
    from {{ ref('fct_orders') }}
    where closed_at is not null and status in ('delivered', 'refused', 'cancelled')
)

select
    happened_on,
    count(*) filter (where stage = 'in_cart')::integer as cart_lines,
    count(*) filter (where stage = 'checked_out')::integer as checkouts_decided,
    count(*) filter (where stage = 'placed')::integer as order_groups_placed,
    count(*) filter (where stage = 'paid')::integer as payments_captured,
    count(*) filter (where stage = 'shipped')::integer as orders_shipped,
    count(*) filter (where stage = 'delivered')::integer as orders_delivered,
    count(*) filter (where stage = 'refused')::integer as orders_refused,
    count(*) filter (where stage = 'cancelled')::integer as orders_cancelled
from stages
group by happened_on
