-- Lines of quantity 0 are refused at import, with a reason; they must not come in another way.
select
    order_id,
    line_no
from {{ ref('stg_orders__order_lines') }}
where quantity <= 0
