{{ config(indexes=[{'columns': ['seller_id'], 'unique': true}]) }}
select
    seller_id,
    code,
    name,
    status,
    district_code,
    commission_bp,
    is_synthetic,
    created_at
from {{ ref('stg_sellers__sellers') }}
