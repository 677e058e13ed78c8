{{ config(meta={'dagster': {'ref': {'name': 'dim_offer_history'}}}) }}
-- A dimension over time has no gap, no overlap and exactly one version that holds now.
{% for model, key in [
    ('dim_offer_history', 'offer_id'), ('dim_product_history', 'product_id'), ('dim_seller_history', 'seller_id')
] %}
select '{{ model }}' as model, {{ key }} as row_id
from (
    select
        {{ key }},
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (partition by {{ key }} order by version_no) as next_from,
        count(*) filter (where is_current) over (partition by {{ key }}) as current_versions
    from {{ ref(model) }}
) as versions
where
    current_versions <> 1
    or valid_to is distinct from next_from
    or valid_from > valid_to
{{ 'union all' if not loop.last }}
{% endfor %}
