-- What imports refused, by reason, one row per measure.
select
    runs.source,
    measures.measure,
    reasons.item ->> 'reason' as reason,
    sum((reasons.item ->> measures.measure)::bigint)::bigint as rejected_value
from {{ ref('stg_imports__runs') }} as runs
cross join lateral jsonb_array_elements(runs.report -> 'rejected_by_reason') as reasons (item)
cross join (values ('rows'), ('quantity_milli'), ('amount_poisha')) as measures (measure)
group by runs.source, measures.measure, reasons.item ->> 'reason'
