-- The ledger beside the finance mart, for every day and account: every difference must be 0.
with ledger as (
    select
        transfers.business_on,
        entries.account_code,
        sum(entries.amount_poisha)::bigint as ledger_poisha
    from {{ ref('stg_ledger__entries') }} as entries
    left join {{ ref('stg_ledger__transfers') }} as transfers using (transfer_id)
    group by transfers.business_on, entries.account_code
),

mart as (
    select
        business_on,
        account_code,
        debit_poisha - credit_poisha as mart_poisha,
        balance_poisha - coalesce(
            lag(balance_poisha) over (partition by account_code order by business_on), 0
        ) as moved_poisha
    from {{ ref('fct_ledger_account_day') }}
)

select
    coalesce(ledger.business_on, mart.business_on) as business_on,
    coalesce(ledger.account_code, mart.account_code) as account_code,
    coalesce(ledger.ledger_poisha, 0)::bigint as ledger_poisha,
    coalesce(mart.mart_poisha, 0)::bigint as mart_poisha,
    coalesce(mart.moved_poisha, 0)::bigint as moved_poisha,
    (
        abs(coalesce(ledger.ledger_poisha, 0) - coalesce(mart.mart_poisha, 0))
        + abs(coalesce(ledger.ledger_poisha, 0) - coalesce(mart.moved_poisha, 0))
    )::bigint as difference_poisha
from ledger
full outer join mart
    on ledger.business_on is not distinct from mart.business_on and ledger.account_code = mart.account_code
