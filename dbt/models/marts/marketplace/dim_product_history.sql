{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='product_id',
    indexes=[{'columns': ['product_id', 'version_no'], 'unique': true}]
) }}
{{ versions('catalog.products', ref('stg_catalog__products'), 'product_id', {'category_id': 'uuid', 'is_active': 'boolean'}) }}
