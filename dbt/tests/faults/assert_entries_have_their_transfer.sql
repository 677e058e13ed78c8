{{ config(meta={'dagster': {'ref': {'name': 'stg_ledger__entries'}}}) }}
-- An entry without its transfer or account has no date and no owner.
select
    entries.transfer_id,
    entries.entry_no
from {{ ref('stg_ledger__entries') }} as entries
left join {{ ref('stg_ledger__transfers') }} as transfers using (transfer_id)
left join {{ ref('stg_ledger__accounts') }} as accounts using (account_code)
where transfers.transfer_id is null or accounts.account_code is null
