-- The reports of all imports of a source, one row per measure.
select
    runs.source,
    measures.measure,
    sum((runs.report -> 'file' ->> measures.measure)::bigint)::bigint as file_value,
    sum((runs.report -> 'imported' ->> measures.measure)::bigint)::bigint as imported_value,
    sum((runs.report -> 'rejected' ->> measures.measure)::bigint)::bigint as rejected_value
from {{ ref('stg_imports__runs') }} as runs
cross join (values ('rows'), ('quantity_milli'), ('amount_poisha')) as measures (measure)
group by runs.source, measures.measure
