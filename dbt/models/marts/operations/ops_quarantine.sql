-- Rows of commerce that no report counts, each with the reason. Empty in a sound shop.
with reasons as (
    select
        'orders.order_lines' as table_name,
        lines.order_id || '/' || lines.line_no as row_key,
        case
            when orders.order_id is null then 'no such order'
            when products.product_id is null then 'no such product'
            else 'quantity or amount is not positive'
        end as reason,
        lines.total_poisha as amount_poisha
    from {{ ref('stg_orders__order_lines') }} as lines
    left join {{ ref('stg_orders__orders') }} as orders using (order_id)
    left join {{ ref('stg_catalog__products') }} as products using (product_id)
    where orders.order_id is null or products.product_id is null or not {{ is_sound_line('lines') }}
    union all
    select
        'orders.orders',
        orders.order_id::text,
        case when order_groups.group_id is null then 'no such checkout' else 'amount is negative' end,
        orders.total_poisha
    from {{ ref('stg_orders__orders') }} as orders
    left join {{ ref('stg_orders__order_groups') }} as order_groups using (group_id)
    where order_groups.group_id is null or orders.total_poisha < 0 or orders.subtotal_poisha < 0
    union all
    select
        'catalog.offers',
        offer_id::text,
        'price is not positive',
        price_poisha
    from {{ ref('stg_catalog__offers') }}
    where price_poisha <= 0
    union all
    select
        'ledger.entries',
        entries.transfer_id || '/' || entries.entry_no,
        case when transfers.transfer_id is null then 'no such transfer' else 'no such account' end,
        entries.amount_poisha
    from {{ ref('stg_ledger__entries') }} as entries
    left join {{ ref('stg_ledger__transfers') }} as transfers using (transfer_id)
    left join {{ ref('stg_ledger__accounts') }} as accounts using (account_code)
    where transfers.transfer_id is null or accounts.account_code is null
)

select
    table_name,
    row_key,
    reason,
    amount_poisha
from reasons
