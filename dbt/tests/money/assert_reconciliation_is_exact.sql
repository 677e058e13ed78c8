-- File = commerce + rejected, commerce = mart + no sale: to the poisha.
select *
from {{ ref('fin_reconciliation') }}
where difference <> 0
