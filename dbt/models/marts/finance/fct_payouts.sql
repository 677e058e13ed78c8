{{ config(indexes=[{'columns': ['payout_id'], 'unique': true}]) }}
-- What sellers were sent, or were to be sent: one row a transfer, with the day its batch was decided.
select
    items.payout_id,
    items.batch_id,
    items.seller_id,
    items.state,
    items.method,
    items.amount_poisha,
    items.failure,
    batches.state as batch_state,
    batches.until_on,
    batches.decided_on,
    items.created_at,
    items.created_on,
    items.resolved_at,
    items.resolved_on
from {{ ref('stg_payouts__items') }} as items
inner join {{ ref('stg_payouts__batches') }} as batches using (batch_id)
