-- Money, units and rows followed from the imported file through commerce to the marts. Every difference must be 0.
with measures as (
    select
        source,
        status,
        is_sale,
        measure,
        value
    from {{ ref('int_commerce_lines') }}
    cross join lateral (
        values ('rows', rows), ('quantity_milli', quantity_milli), ('amount_poisha', amount_poisha)
    ) as split (measure, value)
),

commerce as (
    select
        source,
        measure,
        sum(value)::bigint as total,
        coalesce(sum(value) filter (where not is_sale), 0)::bigint as no_sale
    from measures
    group by source, measure
),

mart_lines as (
    select
        source,
        count(*)::bigint as rows,
        sum(quantity * 1000)::bigint as quantity_milli,
        sum(total_poisha)::bigint as amount_poisha
    from {{ ref('fct_order_lines') }}
    where is_sale
    group by source
),

marts as (
    select
        source,
        measure,
        value
    from mart_lines
    cross join lateral (
        values ('rows', rows), ('quantity_milli', quantity_milli), ('amount_poisha', amount_poisha)
    ) as split (measure, value)
),

rejects as (
    select
        runs.source,
        measures.measure,
        sum(case measures.measure
            when 'rows' then 1
            when 'quantity_milli' then rejects.quantity_milli
            else rejects.amount_poisha
        end)::bigint as value
    from {{ ref('stg_imports__rejects') }} as rejects
    inner join {{ ref('stg_imports__runs') }} as runs using (run_id)
    cross join (values ('rows'), ('quantity_milli'), ('amount_poisha')) as measures (measure)
    group by runs.source, measures.measure
),

sums as (
    select sum(amount_poisha)::bigint as amount_poisha from mart_lines
),

all_steps as (
    select
        imports.source,
        imports.measure,
        'file = commerce + rejected' as step,
        null::text as reason,
        imports.file_value,
        coalesce(commerce.total, 0) as commerce_value,
        imports.rejected_value as excluded_value,
        null::bigint as mart_value,
        imports.file_value - coalesce(commerce.total, 0) - imports.rejected_value as difference
    from {{ ref('int_imports') }} as imports
    left join commerce using (source, measure)
    union all
    select
        imports.source,
        imports.measure,
        'rejected = rows kept as rejects',
        null,
        null,
        null,
        imports.rejected_value,
        coalesce(rejects.value, 0),
        imports.rejected_value - coalesce(rejects.value, 0)
    from {{ ref('int_imports') }} as imports
    left join rejects using (source, measure)
    union all
    select
        commerce.source,
        commerce.measure,
        'commerce = mart + no sale',
        null,
        null,
        commerce.total,
        commerce.no_sale,
        coalesce(marts.value, 0),
        commerce.total - commerce.no_sale - coalesce(marts.value, 0)
    from commerce
    left join marts using (source, measure)
    union all
    select
        source,
        measure,
        'excluded: rejected at import',
        reason,
        null,
        null,
        rejected_value,
        null,
        0
    from {{ ref('int_import_rejections') }}
    union all
    select
        source,
        measure,
        'excluded: no sale',
        status,
        null,
        null,
        sum(value)::bigint,
        null,
        0
    from measures
    where not is_sale
    group by source, measure, status
    union all
    select
        'all',
        'amount_poisha',
        'sales mart = order lines',
        'fct_sales_daily_product',
        null,
        sums.amount_poisha,
        null,
        mart.amount_poisha,
        coalesce(sums.amount_poisha, 0) - coalesce(mart.amount_poisha, 0)
    from sums
    cross join (
        select sum(sales_poisha)::bigint as amount_poisha from {{ ref('fct_sales_daily_product') }}
    ) as mart
    union all
    select
        'all',
        'amount_poisha',
        'sales mart = order lines',
        'agg_sales_day',
        null,
        sums.amount_poisha,
        null,
        mart.amount_poisha,
        coalesce(sums.amount_poisha, 0) - coalesce(mart.amount_poisha, 0)
    from sums
    cross join (
        select sum(sales_poisha)::bigint as amount_poisha from {{ ref('agg_sales_day') }}
    ) as mart
)

select
    source,
    measure,
    step,
    reason,
    file_value,
    commerce_value,
    excluded_value,
    mart_value,
    difference::bigint as difference
from all_steps
