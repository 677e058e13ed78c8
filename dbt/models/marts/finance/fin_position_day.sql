-- What the platform held and owed at the end of every day, days without postings included. Debts are positive here.
with days as (
    select generate_series(min(business_on), max(business_on), interval '1 day')::date as business_on
    from {{ ref('fct_ledger_day') }}
),

moved as (
    select
        business_on,
        sum(credit_poisha - debit_poisha) filter (where account_kind = 'escrow') as escrow_poisha,
        sum(credit_poisha - debit_poisha) filter (where account_kind = 'seller_payable') as seller_payable_poisha,
        sum(credit_poisha - debit_poisha) filter (where account_kind = 'seller_reserve') as seller_reserve_poisha,
        sum(credit_poisha - debit_poisha) filter (where account_kind = 'buyer_refund_payable') as refunds_owed_poisha,
        sum(credit_poisha - debit_poisha) filter (where account_kind = 'vat_payable') as vat_payable_poisha,
        sum(credit_poisha - debit_poisha) filter (where account_kind = 'commission') as commission_poisha,
        sum(debit_poisha - credit_poisha)
            filter (where account_kind in ('provider_clearing', 'courier_clearing', 'bank')) as cash_poisha
    from {{ ref('fct_ledger_day') }}
    group by business_on
)

select
    days.business_on,
    {%- for name in ['escrow', 'seller_payable', 'seller_reserve', 'refunds_owed', 'vat_payable', 'commission', 'cash'] %}
    coalesce(sum(moved.{{ name }}_poisha) over in_time, 0)::bigint as {{ name }}_poisha{{ '' if loop.last else ',' }}
    {%- endfor %}
from days
left join moved using (business_on)
window in_time as (order by days.business_on)
