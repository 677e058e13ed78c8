-- Received = on hand + shipped + written off, and nobody is promised more than there is.
select
    offer_id,
    hub_id
from {{ ref('fct_stock') }}
where received <> on_hand + shipped + written_off or reserved not between 0 and on_hand
