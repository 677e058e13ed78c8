{{ config(indexes=[{'columns': ['account_code', 'business_on'], 'unique': true}, {'columns': ['business_on']}]) }}
-- Turnover and closing balance of every account, by business date. A debit is positive, a credit negative.
with turnover as (
    select
        transfers.business_on,
        entries.account_code,
        count(*)::integer as entries,
        coalesce(sum(entries.amount_poisha) filter (where entries.amount_poisha > 0), 0)::bigint as debit_poisha,
        coalesce(-sum(entries.amount_poisha) filter (where entries.amount_poisha < 0), 0)::bigint as credit_poisha
    from {{ ref('stg_ledger__entries') }} as entries
    inner join {{ ref('stg_ledger__transfers') }} as transfers using (transfer_id)
    group by transfers.business_on, entries.account_code
)

select
    turnover.business_on,
    turnover.account_code,
    accounts.kind as account_kind,
    accounts.owner_id,
    turnover.entries,
    turnover.debit_poisha,
    turnover.credit_poisha,
    sum(turnover.debit_poisha - turnover.credit_poisha)
        over (partition by turnover.account_code order by turnover.business_on)::bigint as balance_poisha
from turnover
left join {{ ref('stg_ledger__accounts') }} as accounts using (account_code)
