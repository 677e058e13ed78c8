{#
  Versions of a row over time, from what it is (`today`) and what it was (the row history): one row from each change to
  the next. A pure function of rows that are never lost: the same whenever, and in however many steps, it is built.
  `columns` maps tracked columns to their types.
#}
{% macro versions(table_name, today, key, columns) -%}
{%- set changed_rows = ref('int_changed_rows') -%}
with was as (
    select
        (history.row_key ->> 'id')::uuid as {{ key }},
        {%- for name, type in columns.items() %}
        (history.was ->> '{{ name }}')::{{ type }} as {{ name }},
        {%- endfor %}
        history.ended_at as valid_to,
        history.seq
    from {{ ref('stg_platform__row_history') }} as history
    where history.table_name = '{{ table_name }}'
),

everything as (
    select * from was
    union all
    select
        {{ key }},
        {%- for name in columns %}
        {{ name }},
        {%- endfor %}
        null::timestamptz as valid_to,
        null::bigint as seq
    from {{ today }}
)

select
    everything.{{ key }},
    row_number() over in_time::integer as version_no,
    {%- for name in columns %}
    everything.{{ name }},
    {%- endfor %}
    coalesce(lag(everything.valid_to) over in_time, least(rows.created_at, everything.valid_to)) as valid_from,
    everything.valid_to,
    everything.valid_to is null as is_current
from everything
inner join {{ today }} as rows using ({{ key }})
{%- if is_incremental() %}
where everything.{{ key }} in (
    select changed.row_id from {{ changed_rows }} as changed
    where changed.table_name = '{{ table_name }}' and changed.load_no > {{ var('built_load') }}
)
{%- endif %}
window in_time as (partition by everything.{{ key }} order by everything.seq asc nulls last)
{%- endmacro %}
