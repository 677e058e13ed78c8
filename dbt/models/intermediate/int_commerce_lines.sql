-- Lines as commerce has them, by source and state of their order: the side that marts are reconciled with.
select
    orders.source,
    orders.status,
    orders.is_sale,
    count(*)::bigint as rows,
    sum(lines.quantity * 1000)::bigint as quantity_milli,
    sum(lines.total_poisha)::bigint as amount_poisha
from {{ ref('stg_orders__order_lines') }} as lines
inner join {{ ref('int_orders') }} as orders using (order_id)
group by orders.source, orders.status, orders.is_sale
