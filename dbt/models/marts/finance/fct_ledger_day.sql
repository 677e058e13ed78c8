-- Turnover and closing balance of each kind of account, by business date. A debit is positive, a credit negative.
with turnover as (
    select
        transfers.business_on,
        accounts.kind as account_kind,
        coalesce(sum(entries.amount_poisha) filter (where entries.amount_poisha > 0), 0)::bigint as debit_poisha,
        coalesce(-sum(entries.amount_poisha) filter (where entries.amount_poisha < 0), 0)::bigint as credit_poisha
    from {{ ref('stg_ledger__entries') }} as entries
    inner join {{ ref('stg_ledger__transfers') }} as transfers using (transfer_id)
    inner join {{ ref('stg_ledger__accounts') }} as accounts using (account_code)
    group by transfers.business_on, accounts.kind
)

select
    business_on,
    account_kind,
    debit_poisha,
    credit_poisha,
    sum(debit_poisha - credit_poisha) over (partition by account_kind order by business_on)::bigint as balance_poisha
from turnover
