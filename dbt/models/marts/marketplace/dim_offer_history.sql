{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='offer_id',
    indexes=[{'columns': ['offer_id', 'version_no'], 'unique': true}]
) }}
{{ versions('catalog.offers', ref('stg_catalog__offers'), 'offer_id', {'price_poisha': 'bigint', 'status': 'text'}) }}
