{#
  Incremental facts are rebuilt by whole business dates: every date of the window [min_date, max_date] is deleted and
  inserted again. dbt's own delete+insert deletes only the dates that still have rows, so a date that lost its last
  row would keep the old ones; this strategy (`incremental_strategy='window'`, `unique_key=<date column>`) does not.
#}
{% macro in_window(column) -%}
{%- if is_incremental() -%}
{{ column }} between '{{ var("min_date") }}'::date and '{{ var("max_date") }}'::date
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{# The same bounds on an instant, so that an index on it serves. #}
{% macro instant_in_window(column) -%}
{%- if is_incremental() -%}
{{ column }} >= '{{ var("min_date") }}'::timestamp at time zone 'Asia/Dhaka'
and {{ column }} < ('{{ var("max_date") }}'::timestamp + interval '1 day') at time zone 'Asia/Dhaka'
{%- else -%}
true
{%- endif -%}
{%- endmacro %}

{% macro get_incremental_window_sql(arg_dict) %}
  {%- set columns = arg_dict["dest_columns"] | map(attribute="quoted") | join(", ") -%}
  delete from {{ arg_dict["target_relation"] }}
  where {{ arg_dict["unique_key"] }} between '{{ var("min_date") }}'::date and '{{ var("max_date") }}'::date;

  insert into {{ arg_dict["target_relation"] }} ({{ columns }})
  select {{ columns }} from {{ arg_dict["temp_relation"] }};
{% endmacro %}

{# For tests of facts: only the dates this run rebuilt (all, when it was given none). #}
{% macro rebuilt(column) -%}
{{ column }} between '{{ var("min_date") }}'::date and '{{ var("max_date") }}'::date
{%- endmacro %}
