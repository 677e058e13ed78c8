-- The entries of a transfer sum to zero.
select
    transfer_id,
    sum(amount_poisha) as amount_poisha
from {{ ref('stg_ledger__entries') }}
group by transfer_id
having sum(amount_poisha) <> 0
