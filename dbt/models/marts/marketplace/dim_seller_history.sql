{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='seller_id',
    indexes=[{'columns': ['seller_id', 'version_no'], 'unique': true}]
) }}
{{ versions('sellers.sellers', ref('stg_sellers__sellers'), 'seller_id', {'tier': 'text', 'status': 'text', 'commission_bp': 'integer'}) }}
