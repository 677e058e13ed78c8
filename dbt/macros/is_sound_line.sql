{# Whether a line may be counted: the rest is quarantined (`ops_quarantine`). #}
{% macro is_sound_line(lines) -%}
({{ lines }}.quantity > 0 and {{ lines }}.subtotal_poisha >= 0 and {{ lines }}.total_poisha >= 0)
{%- endmacro %}
