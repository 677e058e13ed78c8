-- Debits equal credits on every business date.
select
    business_on,
    sum(debit_poisha - credit_poisha) as difference_poisha
from {{ ref('fct_ledger_day') }}
group by business_on
having sum(debit_poisha - credit_poisha) <> 0
