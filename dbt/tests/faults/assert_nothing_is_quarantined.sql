-- Every row that no report counts is a loss to be explained.
select *
from {{ ref('ops_quarantine') }}
