{# Business date of an instant: the day in Dhaka, whatever the session's time zone. #}
{% macro business_date(column) -%}
({{ column }} at time zone 'Asia/Dhaka')::date
{%- endmacro %}
