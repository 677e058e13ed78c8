-- The finance mart holds the ledger, to the poisha, for every day and account.
select *
from {{ ref('fin_ledger_reconciliation') }}
where difference_poisha <> 0 or business_on is null
