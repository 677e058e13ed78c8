{{ config(meta={'dagster': {'ref': {'name': 'stg_orders__order_lines'}}}) }}
-- A line without its order is in no report: the batch was cut, or a row was lost on the way.
select
    lines.order_id,
    lines.line_no
from {{ ref('stg_orders__order_lines') }} as lines
left join {{ ref('stg_orders__orders') }} as orders using (order_id)
where orders.order_id is null
